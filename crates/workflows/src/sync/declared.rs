//! A number that HR declares and that the register has merged into another: the declaration is worth the number that its
//! bearer has now. Nothing else of it changes: a declaration is a claim, checked like any other.
use super::SyncError;
use crate::Workflows;
use audit::{AuditEvent, Digest, Events};
use directory::planning::Planned;
use directory::{AliasOrigin, NationalAlias, Person};
use kernel::{Actor, IdNat, PersonId, Rpps};
use reconciliation::Staff;
use std::collections::HashMap;
use store::register::{Register, RegisterError};

/// Numbers that became others, as they are kept.
#[derive(Debug, Default)]
pub(crate) struct Aliases(HashMap<IdNat, IdNat>);

/// Aliases never lead round, and a chain of many is none.
const LONGEST: usize = 8;

impl Aliases {
    pub(crate) async fn read(workflows: &Workflows) -> Result<Self, SyncError> {
        let kept = workflows.store().read().register_follow().aliases().await?;
        Ok(Self(kept.into_iter().map(|alias| (alias.former, alias.id_nat)).collect()))
    }

    /// The number that this one became; `None` when it is current as far as we know, or when nothing is known of a chain
    /// that does not end.
    pub(crate) fn now(&self, rpps: &Rpps) -> Option<Rpps> {
        let mut current = self.0.get(&id_nat(rpps))?;
        for _ in 1..LONGEST {
            match self.0.get(current) {
                Some(next) => current = next,
                None => return current.rpps(),
            }
        }
        None
    }

    /// The number that this one is now.
    pub(crate) fn current(&self, id: &IdNat) -> IdNat {
        let now = id.rpps().and_then(|rpps| self.now(&rpps));
        now.map_or_else(|| id.clone(), |rpps| id_nat(&rpps))
    }

    /// Those that became this one.
    pub(crate) fn formers(&self, id: &IdNat) -> impl Iterator<Item = IdNat> {
        self.0.keys().filter(|former| self.current(former) == *id).cloned()
    }

    /// Whether keeping this one would lead round to where it came from.
    fn leads_back(&self, former: &IdNat, current: &IdNat) -> bool {
        let mut at = Some(current);
        for _ in 0..LONGEST {
            match at {
                Some(number) if number == former => return true,
                Some(number) => at = self.0.get(number),
                None => return false,
            }
        }
        true
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
        // A human kept it the other way round: what she said stands, and nothing is followed.
        let current = current.filter(|now| !aliases.leads_back(&id_nat(&former), &id_nat(now)));
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
    /// Keeps what the register taught of numbers. Of whom one was followed is said when a link is made by it.
    pub(super) async fn keep_followed(
        &self,
        actor: &Actor,
        followed: &[Followed],
    ) -> Result<(), SyncError> {
        let mut learnt: Vec<NationalAlias> = Vec::new();
        for one in followed.iter().filter(|one| one.is_new) {
            let alias = NationalAlias {
                former: id_nat(&one.former),
                id_nat: id_nat(&one.current),
                origin: AliasOrigin::Register,
                seen_at: self.now(),
            };
            // Two people may declare the same one: HR is wrong about one of them, the register is not.
            if !learnt.iter().any(|known| known.former == alias.former) {
                learnt.push(alias);
            }
        }
        if learnt.is_empty() {
            return Ok(());
        }
        let tx = self.store().begin().await?;
        let mut events = Vec::new();
        for alias in &learnt {
            // What follows the register may have kept it meanwhile.
            if tx.register_follow().insert_alias(alias).await? {
                events.push(self.alias_event(actor, alias));
            }
        }
        if let Ok(events) = Events::try_from(events) {
            tx.commit(events).await?;
        }
        Ok(())
    }

    /// A link to another number than HR declares, by its declaration: the number was followed.
    pub(super) fn followed_event(
        &self,
        actor: &Actor,
        person: &Person,
        id_nat: &IdNat,
    ) -> Option<AuditEvent> {
        let former = person.declared_rpps.as_ref().map(self::id_nat)?;
        if former == *id_nat {
            return None;
        }
        let mac = |id: &IdNat| {
            Digest::from_bytes(self.keys().mac("audit-national", id.as_str().as_bytes()))
        };
        let (by, person, from, to) = (actor.id(), person.id, mac(&former), mac(id_nat));
        Some(AuditEvent::DeclaredNumberFollowed { by, person, from, to })
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
