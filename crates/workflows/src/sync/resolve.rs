//! Who a record never seen is about, asked of reconciliation with everybody we know.
use super::SyncError;
use super::declared::Aliases;
use crate::Workflows;
use directory::planning::{Known, Resolution};
use directory::{Account, Person, Post};
use identity::Identity;
use kernel::{PersonId, Rpps};
use reconciliation::{KnownPeople, KnownPerson, Verdict, account_of, person_of};
use std::collections::HashMap;

pub(super) struct Resolver {
    people: KnownPeople,
    aliases: Aliases,
}

impl Resolver {
    pub async fn of(workflows: &Workflows, known: &Known) -> Result<Self, SyncError> {
        let mut linked: HashMap<PersonId, Rpps> = HashMap::new();
        for identity in workflows.store().read().national_identities().all().await? {
            if let Some(rpps) = identity.id_nat.rpps() {
                linked.insert(identity.person, rpps);
            }
        }
        let mut accounts: HashMap<PersonId, Vec<&Account>> = HashMap::new();
        for account in known.accounts.values() {
            if let Some(person) = account.person {
                accounts.entry(person).or_default().push(account);
            }
        }
        let aliases = Aliases::read(workflows).await?;
        let mut people = KnownPeople::default();
        for (person, posts) in known.people.values() {
            let mut knew = known_person(person, posts);
            if let Some(rpps) = linked.remove(&person.id) {
                knew.rpps = Some(rpps);
            }
            // A former number and the one that it became are one number.
            if let Some(current) = knew.rpps.as_ref().and_then(|rpps| aliases.now(rpps)) {
                knew.rpps = Some(current);
            }
            for account in accounts.remove(&person.id).unwrap_or_default() {
                knew.mails.extend(account.mail.clone());
            }
            people.insert(knew);
        }
        Ok(Self { people, aliases })
    }

    /// A line of HR.
    pub fn agent(&self, identity: &Identity) -> Resolution {
        match identity.declared_rpps.as_ref().and_then(|rpps| self.aliases.now(rpps)) {
            None => resolution(person_of(identity, &self.people)),
            Some(current) => {
                let followed = Identity { declared_rpps: Some(current), ..identity.clone() };
                resolution(person_of(&followed, &self.people))
            }
        }
    }

    /// An account of a directory.
    pub fn account(&self, identity: &Identity) -> Resolution {
        resolution(account_of(identity, &self.people))
    }
}

fn resolution(verdict: Verdict) -> Resolution {
    match verdict {
        Verdict::Same { person, why } => Resolution::Same(person, why),
        Verdict::New => Resolution::Nobody,
        Verdict::Doubt { candidates, why } => Resolution::Doubt { candidates, why },
    }
}

fn known_person(person: &Person, posts: &[Post]) -> KnownPerson {
    let matricules =
        posts.iter().map(|post| (post.fields.finess_ej.clone(), post.fields.matricule.clone()));
    KnownPerson {
        id: person.id,
        names: person.names.clone(),
        sex: person.sex,
        birth_date: person.birth_date,
        matricules: matricules.collect(),
        rpps: person.declared_rpps.clone(),
        mails: person.mail.iter().map(|mail| mail.to_lowercase()).collect(),
    }
}
