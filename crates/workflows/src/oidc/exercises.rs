//! Under which exercise somebody acts: the register lists them, her posts here say which of them count, and where several
//! do she chooses, for her session. What she chose is told as long as it is one of them (requirements AIR-04, AIR-05).
use super::OidcError;
use super::subject::preferred;
use crate::Workflows;
use crate::login::Current;
use audit::{AuditEvent, Digest};
use directory::{NationalIdentity, PostState};
use kernel::{ActorId, Finess, IdNat, PersonId};
use oidc::{Acr, AuthorizeRequest, Client, tells_exercise};
use sessions::{ExerciseMark, Session};
use std::collections::BTreeSet;
use store::Standing;
use store::register::Exercise as Row;

/// An exercise as its person reads it; what the register does not say is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnExercise {
    pub mark: ExerciseMark,
    pub profession: String,
    /// `C` civil, `M` military, `E` student.
    pub category: String,
    pub speciality: String,
    pub role: String,
    pub structure: String,
    pub finess: String,
    /// What is told of her now.
    pub is_told: bool,
}

/// Her exercises here, and the one that she acts under.
#[derive(Debug, Clone, Default)]
pub(crate) struct Exercises {
    here: Vec<(ExerciseMark, Row)>,
    chosen: Option<ExerciseMark>,
}

impl Exercises {
    /// The one that she chose, if she still has it; without a choice the only one there is.
    pub fn told(&self) -> Option<&Row> {
        match (self.chosen, self.here.as_slice()) {
            (Some(chosen), here) => {
                here.iter().find(|(mark, _)| *mark == chosen).map(|(_, row)| row)
            }
            (None, [(_, only)]) => Some(only),
            (None, _) => None,
        }
    }

    pub fn is_to_choose(&self) -> bool {
        !self.here.is_empty() && self.told().is_none()
    }

    pub fn own(&self) -> Vec<OwnExercise> {
        let told = self.told();
        let own = |(mark, row): &(ExerciseMark, Row)| OwnExercise {
            mark: *mark,
            profession: word_or_code(&row.profession_label, &row.profession),
            category: row.category.clone(),
            speciality: word_or_code(&row.skill_label, &row.skill),
            role: word_or_code(&row.role_label, &row.role),
            structure: row.structure_name.clone(),
            finess: row.finess_ej.clone(),
            is_told: told.is_some_and(|told| std::ptr::eq(told, row)),
        };
        self.here.iter().map(own).collect()
    }
}

impl Workflows {
    /// Of the identity that is told of her, where she works today.
    pub(crate) fn exercises_of(
        &self,
        standing: &Standing,
        identities: &[NationalIdentity],
        chosen: Option<ExerciseMark>,
    ) -> Result<Exercises, OidcError> {
        let Some(identity) = preferred(identities) else { return Ok(Exercises::default()) };
        let Some(register) = self.register()? else { return Ok(Exercises::default()) };
        let today = self.today();
        let places: BTreeSet<&Finess> = standing
            .posts
            .iter()
            .filter(|post| post.state(today) == PostState::Current)
            .flat_map(|post| post.fields.finess_ej.iter().chain(&post.fields.finess_et))
            .collect();
        let rows = distinct_here(register.exercises(&identity.id_nat)?, &places);
        let marked = |row: Row| (self.exercise_mark(&identity.id_nat, &row), row);
        Ok(Exercises { here: rows.into_iter().map(marked).collect(), chosen })
    }

    /// The same, of somebody whose page is drawn.
    pub(crate) async fn exercises_now(
        &self,
        person: PersonId,
        chosen: Option<ExerciseMark>,
    ) -> Result<Exercises, OidcError> {
        let reader = self.store().read();
        let identities = reader.national_identities().to_tell(person).await?;
        let standing = reader.standings().read(person).await?;
        self.exercises_of(&standing, &identities, chosen)
    }

    /// What she has to choose from before this application hears under which she acts; `None`: nothing is to be asked.
    pub(super) async fn exercise_asked(
        &self,
        request: &AuthorizeRequest,
        client: &Client,
        session: &Session,
        acr: Acr,
    ) -> Result<Option<Vec<OwnExercise>>, OidcError> {
        // Below its level nothing of an exercise is told: there is nothing to ask for.
        if acr < client.settings.national_identity_acr
            || !tells_exercise(&request.scopes, &request.claims, client)
        {
            return Ok(None);
        }
        let exercises = self.exercises_now(session.person, session.exercise).await?;
        Ok(exercises.is_to_choose().then(|| exercises.own()))
    }

    /// What the person of this session practises as here.
    pub async fn own_exercises(&self, current: &Current) -> Result<Vec<OwnExercise>, OidcError> {
        let session = &current.session;
        Ok(self.exercises_now(session.person, session.exercise).await?.own())
    }

    /// She acts under this exercise from here on, in this session. False: it is none of hers, or the session is over.
    pub async fn choose_exercise(&self, current: &Current, mark: &str) -> Result<bool, OidcError> {
        let (person, session) = (current.session.person, current.session.id);
        let tx = self.store().begin().await?;
        // Her row is held: what the choice leans on does not end meanwhile.
        let standing = tx.standings().lock(person, None).await?;
        let Some(held) = tx.sessions().lock(session).await? else { return Ok(false) };
        let identities = tx.national_identities().to_tell(person).await?;
        let exercises = self.exercises_of(&standing, &identities, held.exercise)?;
        let found = exercises.here.iter().find(|(own, _)| own.to_string() == mark);
        let Some((chosen, _)) = found else { return Ok(false) };
        if held.exercise == Some(*chosen) {
            return Ok(true);
        }
        if !tx.sessions().choose_exercise(session, *chosen).await? {
            return Ok(false);
        }
        let by = ActorId::Person { person };
        let exercise = Digest::from_bytes(chosen.0);
        tx.commit(AuditEvent::ExerciseChosen { by, person, session, exercise }).await?;
        Ok(true)
    }

    fn exercise_mark(&self, id_nat: &IdNat, row: &Row) -> ExerciseMark {
        let mut message = Vec::new();
        for part in std::iter::once(id_nat.as_str()).chain(what_tells_apart(row)) {
            // Lengths first, so that no two rows spell the same.
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        ExerciseMark(self.keys().mac("exercise", &message))
    }
}

/// What makes two rows two exercises: sites, modes and sectors of one post do not.
fn what_tells_apart(row: &Row) -> [&str; 6] {
    [&row.profession, &row.category, &row.skill_type, &row.skill, &row.role, &row.finess_ej]
}

/// The exercises of the hospital's own structures, each once, in the register's order.
fn distinct_here(rows: Vec<Row>, places: &BTreeSet<&Finess>) -> Vec<Row> {
    let mut distinct: Vec<Row> = Vec::new();
    for row in rows {
        let here =
            |place: &&Finess| row.finess_ej == place.as_str() || row.finess_et == place.as_str();
        let known = |other: &Row| what_tells_apart(other) == what_tells_apart(&row);
        if places.iter().any(here) && !distinct.iter().any(known) {
            distinct.push(row);
        }
    }
    distinct
}

fn word_or_code(word: &str, code: &str) -> String {
    if word.is_empty() { code.to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(profession: &str, finess_ej: &str, mode: &str) -> Row {
        Row {
            profession: profession.to_owned(),
            finess_ej: finess_ej.to_owned(),
            mode: mode.to_owned(),
            ..Row::default()
        }
    }

    /// Marks that stand for the place of a row.
    fn mark(place: usize) -> ExerciseMark {
        ExerciseMark([place as u8; 32])
    }

    fn exercises(rows: &[Row], places: &BTreeSet<&Finess>, chosen: Option<usize>) -> Exercises {
        let here = distinct_here(rows.to_vec(), places).into_iter().enumerate();
        let here = here.map(|(place, row)| (mark(place), row)).collect();
        Exercises { here, chosen: chosen.map(mark) }
    }

    #[test]
    fn i_13_an_exercise_is_told_only_when_there_is_one_here_or_she_chose_it() {
        let here: Finess = "990000010".parse().expect("FINESS");
        let places = BTreeSet::from([&here]);
        let elsewhere = "990000099";
        let own = "990000010";
        let two = vec![row("10", own, "S"), row("21", own, "S"), row("21", own, "B")];
        for (rows, chosen, expected, to_choose) in [
            (vec![], None, None, false),
            (vec![row("10", own, "S")], None, Some("10"), false),
            (vec![row("10", elsewhere, "L")], None, None, false),
            (vec![row("10", elsewhere, "L"), row("10", own, "S")], None, Some("10"), false),
            (vec![row("10", own, "S"), row("10", own, "B")], None, Some("10"), false),
            (two.clone(), None, None, true),
            (two.clone(), Some(0), Some("10"), false),
            (two.clone(), Some(1), Some("21"), false),
            // What she chose is over: nothing is told until she says so, even where one is left.
            (two, Some(2), None, true),
            (vec![row("10", own, "S")], Some(1), None, true),
            (vec![], Some(0), None, false),
            (vec![row("10", "", "S")], None, None, false),
        ] {
            let exercises = exercises(&rows, &places, chosen);
            let told = exercises.told().map(|row| row.profession.as_str());
            assert_eq!(told, expected, "{rows:?} {chosen:?}");
            assert_eq!(exercises.is_to_choose(), to_choose, "{rows:?} {chosen:?}");
            let marked = exercises.own().iter().filter(|own| own.is_told).count();
            assert_eq!(marked, usize::from(told.is_some()));
        }
        let anywhere = exercises(&[row("10", own, "S")], &BTreeSet::new(), None);
        assert!(anywhere.told().is_none(), "nobody is at work nowhere");
    }
}
