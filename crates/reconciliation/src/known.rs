//! The people we know, indexed by every key that an identity may share with them.
use crate::register::{NameForms, inverted};
use chrono::NaiveDate;
use identity::names::name_key;
use identity::{Identity, Names, Sex};
use kernel::{Finess, Matricule, PersonId, Rpps};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A person as far as recognising them goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: PersonId,
    pub names: Names,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    /// Matricules and the legal entity that gave each, when known.
    pub matricules: Vec<(Option<Finess>, Matricule)>,
    /// Linked, or declared by HR.
    pub rpps: Option<Rpps>,
    /// Lower-cased.
    pub mails: Vec<String>,
}

impl KnownPerson {
    /// What a new identity makes known.
    pub fn from_identity(id: PersonId, identity: &Identity) -> Self {
        Self {
            id,
            names: identity.names.clone(),
            sex: identity.sex,
            birth_date: identity.birth_date,
            matricules: matricules_of(identity).into_iter().collect(),
            rpps: identity.declared_rpps.clone(),
            mails: identity.mail.iter().cloned().collect(),
        }
    }
}

/// Every matricule of an identity with its legal entity.
pub(crate) fn matricules_of(identity: &Identity) -> BTreeSet<(Option<Finess>, Matricule)> {
    let posts = identity.posts.iter().map(|post| (post.finess_ej.clone(), post.matricule.clone()));
    let mut matricules: BTreeSet<_> = posts.collect();
    if let Some(matricule) = &identity.matricule
        && !matricules.iter().any(|(_, known)| known == matricule)
    {
        matricules.insert((None, matricule.clone()));
    }
    matricules
}

pub(crate) fn forms_of(names: &Names) -> NameForms {
    NameForms::new(
        names.usage_family.iter().chain(&names.birth_family).map(String::as_str),
        names.usual_given.iter().chain(&names.given).map(String::as_str),
    )
}

/// The people we know. Built once a run; people created by the run are added as it goes.
#[derive(Debug, Clone, Default)]
pub struct KnownPeople {
    people: BTreeMap<PersonId, KnownPerson>,
    by_matricule: HashMap<Matricule, BTreeSet<PersonId>>,
    by_rpps: HashMap<Rpps, BTreeSet<PersonId>>,
    by_mail: HashMap<String, BTreeSet<PersonId>>,
    by_name: HashMap<String, BTreeSet<PersonId>>,
    by_birth: HashMap<NaiveDate, BTreeSet<PersonId>>,
}

impl FromIterator<KnownPerson> for KnownPeople {
    fn from_iter<T: IntoIterator<Item = KnownPerson>>(people: T) -> Self {
        let mut known = Self::default();
        people.into_iter().for_each(|person| known.insert(person));
        known
    }
}

impl KnownPeople {
    pub fn new(people: Vec<KnownPerson>) -> Self {
        people.into_iter().collect()
    }
    pub fn len(&self) -> usize {
        self.people.len()
    }
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
    pub fn find(&self, id: PersonId) -> Option<&KnownPerson> {
        self.people.get(&id)
    }

    /// Adds a person, or replaces what was known of them.
    pub fn insert(&mut self, person: KnownPerson) {
        self.remove(person.id);
        let id = person.id;
        for (_, matricule) in &person.matricules {
            self.by_matricule.entry(matricule.clone()).or_default().insert(id);
        }
        if let Some(rpps) = &person.rpps {
            self.by_rpps.entry(rpps.clone()).or_default().insert(id);
        }
        for mail in &person.mails {
            self.by_mail.entry(mail.clone()).or_default().insert(id);
        }
        for key in name_index_keys(&person.names) {
            self.by_name.entry(key).or_default().insert(id);
        }
        if let Some(date) = &person.birth_date {
            self.by_birth.entry(*date).or_default().insert(id);
        }
        self.people.insert(id, person);
    }

    pub fn remove(&mut self, id: PersonId) {
        let Some(person) = self.people.remove(&id) else { return };
        fn forget<K: std::hash::Hash + Eq>(
            index: &mut HashMap<K, BTreeSet<PersonId>>,
            key: &K,
            id: PersonId,
        ) {
            if let Some(ids) = index.get_mut(key) {
                ids.remove(&id);
                if ids.is_empty() {
                    index.remove(key);
                }
            }
        }
        person.matricules.iter().for_each(|(_, key)| forget(&mut self.by_matricule, key, id));
        person.rpps.iter().for_each(|key| forget(&mut self.by_rpps, key, id));
        person.mails.iter().for_each(|key| forget(&mut self.by_mail, key, id));
        name_index_keys(&person.names).iter().for_each(|key| forget(&mut self.by_name, key, id));
        person.birth_date.iter().for_each(|key| forget(&mut self.by_birth, key, id));
    }

    /// Bearers of this matricule in this entity; an entity that one side does not tell is no obstacle.
    pub(crate) fn by_matricule(
        &self,
        entity: Option<&Finess>,
        matricule: &Matricule,
    ) -> Vec<&KnownPerson> {
        let same_entity = |person: &&KnownPerson| {
            person.matricules.iter().any(|(theirs, number)| {
                let compatible = match (theirs, entity) {
                    (Some(theirs), Some(ours)) => theirs == ours,
                    _ => true,
                };
                number == matricule && compatible
            })
        };
        self.all(self.by_matricule.get(matricule)).filter(same_entity).collect()
    }
    pub(crate) fn by_rpps(&self, rpps: &Rpps) -> Vec<&KnownPerson> {
        self.all(self.by_rpps.get(rpps)).collect()
    }
    pub(crate) fn by_mail(&self, mail: &str) -> Vec<&KnownPerson> {
        self.all(self.by_mail.get(mail)).collect()
    }
    /// Those whose names or birth date come near, to be compared.
    pub(crate) fn near(&self, names: &Names, birth: Option<NaiveDate>) -> Vec<&KnownPerson> {
        let mut ids: BTreeSet<PersonId> = BTreeSet::new();
        for key in name_index_keys(names) {
            ids.extend(self.by_name.get(&key).into_iter().flatten());
        }
        for date in birth.into_iter().chain(birth.and_then(inverted)) {
            ids.extend(self.by_birth.get(&date).into_iter().flatten());
        }
        self.all(Some(&ids)).collect::<Vec<_>>()
    }

    fn all<'known>(
        &'known self,
        ids: Option<&BTreeSet<PersonId>>,
    ) -> impl Iterator<Item = &'known KnownPerson> + use<'known> {
        let found: Vec<&KnownPerson> =
            ids.into_iter().flatten().filter_map(|id| self.people.get(id)).collect();
        found.into_iter()
    }
}

/// Each family name with the first first name; names of two writings give both.
fn name_index_keys(names: &Names) -> BTreeSet<String> {
    let forms = forms_of(names);
    let mut keys = BTreeSet::new();
    for given in &forms.givens {
        for family in &forms.families {
            for part in family.parts.iter().chain([&family.whole]) {
                keys.insert(format!("{part} {}", name_key(given.first())));
            }
        }
    }
    keys
}
