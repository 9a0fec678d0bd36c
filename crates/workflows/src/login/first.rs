//! The first administrator: a one-time link printed on the machine; before its use the console serves nothing else
//! (threats AM-10).
use super::LoginError;
use crate::{WorkflowError, Workflows};
use audit::{AuditEvent, Events};
use authentication::{EnrolmentCode, FIRST_LINK_LIFE, Holder, MeansKind, Operator};
use chrono::{DateTime, Utc};
use directory::{Person, PersonState};
use identity::{BirthPlace, Names};
use kernel::{Actor, Capability, Handle, HandleKind, OperatorId, PersonId, Role};
use store::Transaction;

/// Who will administer.
#[derive(Debug, Clone)]
pub struct FirstAdministrator {
    pub family: String,
    pub given: String,
    pub mail: Option<String>,
}

/// The link's secret, to be printed once: `<admin origin>/first/<secret>`.
#[derive(Debug)]
pub struct FirstLink {
    pub secret: Handle,
    pub url: String,
    pub person: PersonId,
    pub operator: OperatorId,
    pub expires_at: DateTime<Utc>,
}

/// Roles of the first administrator: none holds all, and who reads the audit is appointed afterwards.
const ROLES: [Role; 4] =
    [Role::Technician, Role::SecurityOfficer, Role::HrReferent, Role::DeskAgent];

impl Workflows {
    /// Makes the first administrator and the link, good for one hour. A new link ends the older ones that nobody used
    /// (threats AM-10).
    pub async fn first_administrator(
        &self,
        actor: &Actor,
        who: FirstAdministrator,
    ) -> Result<FirstLink, WorkflowError> {
        self.must(actor, Capability::ManageOperators, "first_administrator").await?;
        let tx = self.store().begin().await?;
        let now = self.now();
        let mut events = Vec::new();
        let waiting = tx.operators().all().await?.into_iter().next();
        let operator = match waiting {
            Some(operator) => operator,
            None => {
                let person = person_of(self.id(), &who, now);
                tx.people().insert(&person).await?;
                let operator = Operator {
                    id: self.id(),
                    person: person.id,
                    roles: ROLES.to_vec(),
                    enabled: true,
                    created_at: now,
                    version: 1,
                };
                tx.operators().insert(&operator).await?;
                let (by, person) = (actor.id(), person.id);
                events.push(AuditEvent::PersonCreated { by: by.clone(), person, run: None });
                events.push(AuditEvent::OperatorCreated {
                    by,
                    person,
                    operator: operator.id,
                    roles: operator.roles.clone(),
                });
                operator
            }
        };
        self.finish_link(tx, actor, &operator, events).await
    }

    /// A link of one hour for this operator, made in this act.
    pub(super) async fn finish_link(
        &self,
        tx: Transaction,
        actor: &Actor,
        operator: &Operator,
        mut events: Vec<AuditEvent>,
    ) -> Result<FirstLink, WorkflowError> {
        let secret = Handle::new(HandleKind::AdminEnrolment, self.randomness());
        let holder = Holder::Operator { operator: operator.id, person: operator.person };
        let code = EnrolmentCode::give(
            self.id(),
            secret.hash().0,
            holder,
            MeansKind::Fido2,
            actor.id(),
            FIRST_LINK_LIFE,
            self.now(),
        );
        tx.enrolment_codes().end_unused_of(operator.id, self.now()).await?;
        tx.enrolment_codes().insert(&code).await?;
        events.push(AuditEvent::AdminLinkIssued {
            by: actor.id(),
            person: operator.person,
            operator: operator.id,
            expires_at: code.expires_at,
        });
        tx.commit(Events::try_from(events).expect("the link itself")).await?;
        let url = format!("{}/first/{}", self.parts().admin_origin, secret.expose());
        Ok(FirstLink {
            secret,
            url,
            person: operator.person,
            operator: operator.id,
            expires_at: code.expires_at,
        })
    }

    /// Whether the admin listener serves more than the first enrolment.
    pub async fn console_is_open(&self) -> Result<bool, LoginError> {
        Ok(self.store().read().means().any_operator_active().await?)
    }
}

pub(super) fn person_of(id: PersonId, who: &FirstAdministrator, now: DateTime<Utc>) -> Person {
    Person {
        id,
        state: PersonState::Active,
        names: Names {
            birth_family: None,
            usage_family: Some(who.family.clone()),
            given: Some(who.given.clone()),
            usual_given: None,
        },
        sex: None,
        birth_date: None,
        birth_place: BirthPlace { insee_code: None, label: None },
        mail: who.mail.clone(),
        declared_rpps: None,
        closing: None,
        created_at: now,
        version: 1,
    }
}
