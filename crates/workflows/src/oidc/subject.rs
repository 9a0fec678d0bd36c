//! A person put together for a client: names from the directory, profession and structure from the register's row of
//! her verified link, and that row alone (invariant I-13).
use super::OidcError;
use crate::Workflows;
use directory::{NationalIdentity, PostState};
use kernel::PersonId;
use oidc::{Activity, Exercise, NationalId, Needs, Subject};
use sessions::ExerciseMark;
use store::Standing;
use store::register::Exercise as Row;

impl Workflows {
    /// The links are read by the caller (within an act, by its own connection), the register only where a claim to send
    /// needs it. `chosen`: under which exercise she acts in the session that this is told for.
    pub(crate) fn subject_with(
        &self,
        person: PersonId,
        standing: &Standing,
        (identities, chosen): (&[NationalIdentity], Option<ExerciseMark>),
        needs: Needs,
    ) -> Result<Subject, OidcError> {
        let national = preferred(identities);
        let today = self.today();
        let exercise = match needs {
            Needs::Exercise => {
                self.exercises_of(standing, identities, chosen)?.told().cloned().map(exercise)
            }
            Needs::Person | Needs::NationalIdentity => None,
        };
        let found = standing.person.as_ref();
        let account = standing.accounts.iter().find(|account| account.fields.enabled);
        Ok(Subject {
            person,
            family_name: found.and_then(|person| person.names.family()).map(str::to_owned),
            given_name: found.and_then(|person| person.names.given()).map(str::to_owned),
            login: account.map(|account| account.fields.login.clone()),
            mail: found.and_then(|person| person.mail.clone()),
            unit: standing
                .posts
                .iter()
                .filter(|post| post.state(today) == PostState::Current)
                .find_map(|post| post.fields.unit_label.clone()),
            national_id: national.map(|identity| NationalId { id_nat: identity.id_nat.clone() }),
            exercise,
        })
    }
}

/// The RPPS first: it is the one that national services know.
pub(super) fn preferred(identities: &[NationalIdentity]) -> Option<&NationalIdentity> {
    identities
        .iter()
        .find(|identity| identity.id_nat.rpps().is_some())
        .or_else(|| identities.first())
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
