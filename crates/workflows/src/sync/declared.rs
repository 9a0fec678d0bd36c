//! A number that HR declares and that the register has merged into another: the declaration is worth the number that its
//! bearer has now. Nothing else of it changes: a declaration is a claim, checked like any other.
use super::SyncError;
use crate::Workflows;
use audit::{AuditEvent, Digest, Events};
use directory::planning::Planned;
use directory::{AliasOrigin, NationalAlias};
use kernel::{Actor, IdNat, PersonId, Rpps};
use reconciliation::Staff;
use std::collections::{BTreeSet, HashMap};
use store::register::{Register, RegisterError};

/// Numbers that became others, as they are kept.
#[derive(Debug, Default)]
pub(super) struct Aliases(HashMap<IdNat, IdNat>);

/// Aliases never lead round, and a chain of many is none.
const LONGEST: usize = 8;

impl Aliases {
    pub(super) async fn read(workflows: &Workflows) -> Result<Self, SyncError> {
        let kept = workflows.store().read().register_follow().aliases().await?;
        Ok(Self(kept.into_iter().map(|alias| (alias.former, alias.id_nat)).collect()))
    }

    /// The number that this one became; `None` when it is current as far as we know.
    pub(super) fn now(&self, rpps: &Rpps) -> Option<Rpps> {
        let mut current = self.0.get(&id_nat(rpps))?;
        for _ in 1..LONGEST {
            match self.0.get(current) {
                Some(next) => current = next,
                None => break,
            }
        }
        current.rpps()
    }
}

fn id_nat(rpps: &Rpps) -> IdNat {
    format!("8{rpps}").parse().expect("an RPPS with its prefix is an IdNat")
}

/// A declared number that was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Followed {
    pub person: PersonId,
    pub former: Rpps,
    pub current: Rpps,
    /// The register says it, and nobody kept it yet.
    pub is_new: bool,
}

/// Puts the current number in the place of each former one that HR declares.
pub(super) fn follow(
    staff: &mut [Staff],
    aliases: &Aliases,
    register: &Register,
) -> Result<Vec<Followed>, RegisterError> {
    let mut followed = Vec::new();
    for one in staff {
        let Some(former) = one.declared_rpps.clone() else { continue };
        let (current, is_new) = match aliases.now(&former) {
            Some(current) => (Some(current), false),
            None => (told_by(register, &id_nat(&former))?.and_then(|id| id.rpps()), true),
        };
        if let Some(current) = current {
            one.declared_rpps = Some(current.clone());
            followed.push(Followed { person: one.person, former, current, is_new });
        }
    }
    Ok(followed)
}

/// Whom the register gives this number to now, when it bears nobody any more.
pub(super) fn told_by(register: &Register, id: &IdNat) -> Result<Option<IdNat>, RegisterError> {
    match register.find_by_id_nat(id)? {
        Some(_) => Ok(None),
        None => register.bearer_of_former(id),
    }
}

impl Workflows {
    /// Keeps what was learnt, and says of whom a declared number was followed to a link or a question.
    pub(super) async fn keep_followed(
        &self,
        actor: &Actor,
        followed: &[Followed],
        planned: &Planned,
    ) -> Result<(), SyncError> {
        let told: BTreeSet<PersonId> =
            planned.drafts.iter().filter_map(|draft| draft.person).collect();
        let mut learnt: Vec<NationalAlias> = Vec::new();
        let mut events = Vec::new();
        for one in followed {
            let alias = NationalAlias {
                former: id_nat(&one.former),
                id_nat: id_nat(&one.current),
                origin: AliasOrigin::Register,
                seen_at: self.now(),
            };
            if told.contains(&one.person) {
                let mac = |id: &IdNat| {
                    Digest::from_bytes(self.keys().mac("audit-national", id.as_str().as_bytes()))
                };
                events.push(AuditEvent::DeclaredNumberFollowed {
                    by: actor.id(),
                    person: one.person,
                    from: mac(&alias.former),
                    to: mac(&alias.id_nat),
                });
            }
            // Two people may declare the same one: HR is wrong about one of them, the register is not.
            if one.is_new && !learnt.iter().any(|known| known.former == alias.former) {
                events.push(self.alias_event(actor, &alias));
                learnt.push(alias);
            }
        }
        let Ok(events) = Events::try_from(events) else { return Ok(()) };
        let tx = self.store().begin().await?;
        for alias in &learnt {
            tx.register_follow().insert_alias(alias).await?;
        }
        tx.commit(events).await?;
        Ok(())
    }
}

/// What a human reads beside a link or a question that a former number led to.
pub(super) fn say(planned: &mut Planned, followed: &[Followed]) {
    for draft in &mut planned.drafts {
        let Some(one) = followed.iter().find(|one| Some(one.person) == draft.person) else {
            continue;
        };
        draft.reason = format!(
            "{} Le numéro déclaré par les RH ({}) a été remplacé par {} dans le répertoire.",
            draft.reason, one.former, one.current
        );
    }
}
