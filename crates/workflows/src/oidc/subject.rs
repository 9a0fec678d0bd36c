//! A person put together for a client: names from the directory, profession and structure from the register's row of
//! her verified link, and that row alone (invariant I-13).
use super::OidcError;
use crate::Workflows;
use directory::{NationalIdentity, PostState};
use kernel::{Finess, PersonId};
use oidc::{Activity, Exercise, NationalId, Needs, Subject};
use std::collections::BTreeSet;
use store::Standing;
use store::register::Exercise as Row;

impl Workflows {
    pub(crate) async fn subject_of(
        &self,
        person: PersonId,
        standing: &Standing,
    ) -> Result<Subject, OidcError> {
        let identities = self.store().read().national_identities().to_tell(person).await?;
        self.subject_with(person, standing, &identities, Needs::Exercise)
    }

    /// The same, with the links read by the caller (within an act, by its own connection), and the register only
    /// where a claim to send needs it.
    pub(super) fn subject_with(
        &self,
        person: PersonId,
        standing: &Standing,
        identities: &[NationalIdentity],
        needs: Needs,
    ) -> Result<Subject, OidcError> {
        let national = preferred(identities);
        let today = self.today();
        let current: Vec<_> =
            standing.posts.iter().filter(|post| post.state(today) == PostState::Current).collect();
        let places: BTreeSet<&Finess> = current
            .iter()
            .flat_map(|post| post.fields.finess_ej.iter().chain(&post.fields.finess_et))
            .collect();
        let exercise = match national.filter(|_| needs == Needs::Exercise) {
            Some(identity) => {
                let rows = match self.register()? {
                    Some(register) => register.exercises(&identity.id_nat)?,
                    None => Vec::new(),
                };
                only_exercise(rows, &places)
            }
            None => None,
        };
        let found = standing.person.as_ref();
        let account = standing.accounts.iter().find(|account| account.fields.enabled);
        Ok(Subject {
            person,
            family_name: found.and_then(|person| person.names.family()).map(str::to_owned),
            given_name: found.and_then(|person| person.names.given()).map(str::to_owned),
            login: account.map(|account| account.fields.login.clone()),
            mail: found.and_then(|person| person.mail.clone()),
            unit: current.iter().find_map(|post| post.fields.unit_label.clone()),
            national_id: national.map(|identity| NationalId { id_nat: identity.id_nat.clone() }),
            exercise,
        })
    }
}

/// The RPPS first: it is the one that national services know.
fn preferred(identities: &[NationalIdentity]) -> Option<&NationalIdentity> {
    identities
        .iter()
        .find(|identity| identity.id_nat.rpps().is_some())
        .or_else(|| identities.first())
}

/// The exercise that she works under here, when the register leaves no choice: a row of one of the hospital's
/// structures, all such rows telling the same. Otherwise none, until she chooses.
fn only_exercise(rows: Vec<Row>, places: &BTreeSet<&Finess>) -> Option<Exercise> {
    let here = |row: &Row| {
        places
            .iter()
            .any(|place| row.finess_ej == place.as_str() || row.finess_et == place.as_str())
    };
    let mut rows = rows.into_iter().filter(here);
    let first = rows.next()?;
    let same = |row: Row| {
        (&row.profession, &row.category, &row.skill_type, &row.skill, &row.role)
            == (&first.profession, &first.category, &first.skill_type, &first.skill, &first.role)
            && row.finess_ej == first.finess_ej
    };
    rows.all(same).then(|| exercise(first))
}

fn exercise(row: Row) -> Exercise {
    Exercise {
        profession: row.profession,
        category: row.category,
        practice_title: row.title,
        family_name: row.family,
        given_name: row.given,
        civility: row.civility,
        expertise_kind: row.skill_type,
        expertise: row.skill,
        activity: Activity {
            mode: row.mode,
            sector: row.sector,
            role: row.role,
            genre: row.kind,
            siret: row.siret,
            finess_site: row.finess_et,
            finess_entity: row.finess_ej,
            structure_id: row.technical_id,
            structure_name: row.structure_name,
            authority: row.authority,
            ..Activity::default()
        },
    }
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

    #[test]
    fn i_13_an_exercise_is_told_only_when_there_is_one_here() {
        let here: Finess = "990000010".parse().expect("FINESS");
        let places = BTreeSet::from([&here]);
        let elsewhere = "990000099";
        for (rows, expected) in [
            (vec![], None),
            (vec![row("10", "990000010", "S")], Some("10")),
            (vec![row("10", elsewhere, "L")], None),
            (vec![row("10", elsewhere, "L"), row("10", "990000010", "S")], Some("10")),
            (vec![row("10", "990000010", "S"), row("10", "990000010", "B")], Some("10")),
            (vec![row("10", "990000010", "S"), row("21", "990000010", "S")], None),
            (vec![row("10", "", "S")], None),
        ] {
            let told = only_exercise(rows.clone(), &places);
            let told = told.as_ref().map(|exercise| exercise.profession.as_str());
            assert_eq!(told, expected, "{rows:?}");
        }
        let anywhere = only_exercise(vec![row("10", "990000010", "S")], &BTreeSet::new());
        assert!(anywhere.is_none(), "nobody is at work nowhere");
    }
}
