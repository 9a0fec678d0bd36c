//! Is this identity someone we know? Keys first, always with names that agree; two homonyms are two.
use crate::known::{KnownPeople, KnownPerson, forms_of, matricules_of};
use crate::levels::{FamilyLevel, GivenLevel, name_levels};
use crate::register::inverted;
use crate::why::{Contribution, Field, Sign, Why};
use chrono::NaiveDate;
use identity::{Identity, Names};
use kernel::PersonId;
use std::collections::BTreeSet;

/// Who a record is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    Same {
        person: PersonId,
        why: Why,
    },
    /// Nobody we know, homonyms apart.
    New,
    /// A human must look: who it may be, in the order of their ids.
    Doubt {
        candidates: Vec<PersonId>,
        why: Why,
    },
}

/// What two records of people agree on.
#[derive(Debug, Clone)]
pub(crate) struct Likeness {
    pub family: FamilyLevel,
    pub given: GivenLevel,
    pub birth: Sign,
    pub sex: Sign,
    pub contributions: Vec<Contribution>,
}

impl Likeness {
    pub fn of(identity: &Identity, known: &KnownPerson) -> Self {
        let ours = forms_of(&identity.names);
        let (family, given, _, _, swapped) =
            name_levels((&ours, &ours.swapped()), &forms_of(&known.names));
        let birth = birth_sign(identity.birth_date, known.birth_date);
        let sex = sign(identity.sex, known.sex);
        let text = |date: Option<NaiveDate>| date.map(|date| date.format("%d/%m/%Y").to_string());
        let add = |field, ours: Option<String>, theirs: Option<String>, sign| Contribution {
            field,
            ours,
            theirs,
            sign,
            weight: 0.0,
        };
        let owned = |name: Option<&str>| name.map(str::to_owned);
        let family_sign = match family {
            FamilyLevel::Exact | FamilyLevel::Reordered if !swapped => Sign::Same,
            FamilyLevel::Missing => Sign::Missing,
            FamilyLevel::Different => Sign::Different,
            _ => Sign::Near,
        };
        let given_sign = match given {
            GivenLevel::Exact if !swapped => Sign::Same,
            GivenLevel::Missing => Sign::Missing,
            GivenLevel::Different => Sign::Different,
            _ => Sign::Near,
        };
        let contributions = vec![
            add(
                Field::FamilyName,
                owned(identity.names.family()),
                owned(known.names.family()),
                family_sign,
            ),
            add(
                Field::GivenNames,
                owned(identity.names.given()),
                owned(known.names.given()),
                given_sign,
            ),
            add(Field::BirthDate, text(identity.birth_date), text(known.birth_date), birth),
        ];
        Self { family, given, birth, sex, contributions }
    }

    pub fn names_agree(&self) -> bool {
        self.family >= FamilyLevel::Sound && self.given >= GivenLevel::Near
    }
    /// The family name changed: the rest must then be the same for sure.
    fn renamed(&self) -> bool {
        self.family < FamilyLevel::Sound
            && self.given >= GivenLevel::Other
            && self.birth == Sign::Same
    }
    fn with_key(mut self, field: Field, value: &str, sentence: &str) -> Why {
        let value = Some(value.to_owned());
        self.contributions.insert(
            0,
            Contribution {
                field,
                ours: value.clone(),
                theirs: value,
                sign: Sign::Same,
                weight: 0.0,
            },
        );
        Why { sentence: sentence.to_owned(), contributions: self.contributions }
    }
}

fn sign<T: PartialEq>(ours: Option<T>, theirs: Option<T>) -> Sign {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours == theirs => Sign::Same,
        (Some(_), Some(_)) => Sign::Different,
        _ => Sign::Missing,
    }
}

fn birth_sign(ours: Option<NaiveDate>, theirs: Option<NaiveDate>) -> Sign {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours == theirs => Sign::Same,
        (Some(ours), Some(theirs)) => {
            let (left, right) = (ours.to_string(), theirs.to_string());
            let apart = left.bytes().zip(right.bytes()).filter(|(one, two)| one != two).count();
            let near = inverted(ours) == Some(theirs) || apart == 1;
            if near { Sign::Near } else { Sign::Different }
        }
        _ => Sign::Missing,
    }
}

/// Decides for one member of staff as HR tells them.
pub fn person_of(identity: &Identity, known: &KnownPeople) -> Verdict {
    by_matricule(identity, known)
        .or_else(|| by_rpps(identity, known))
        .or_else(|| by_mail(identity, known))
        .unwrap_or_else(|| by_traits(identity, known))
}

pub(crate) fn doubt(candidates: &[&KnownPerson], why: Why) -> Verdict {
    let ids: BTreeSet<PersonId> = candidates.iter().map(|person| person.id).collect();
    Verdict::Doubt { candidates: ids.into_iter().collect(), why }
}

fn by_matricule(identity: &Identity, known: &KnownPeople) -> Option<Verdict> {
    let matricules = matricules_of(identity);
    let mut bearers: Vec<&KnownPerson> = Vec::new();
    for (entity, matricule) in &matricules {
        for person in known.by_matricule(entity.as_ref(), matricule) {
            if !bearers.iter().any(|bearer| bearer.id == person.id) {
                bearers.push(person);
            }
        }
    }
    let number = matricules.first().map(|(_, matricule)| matricule.as_str()).unwrap_or_default();
    let person = match bearers.as_slice() {
        [] => return None,
        [one] => *one,
        several => {
            let why = Why::sentence("Plusieurs personnes connues portent ce matricule.");
            return Some(doubt(several, why));
        }
    };
    let likeness = Likeness::of(identity, person);
    let same = (likeness.names_agree() && likeness.birth != Sign::Different) || likeness.renamed();
    if !same {
        let sentence = "Ce matricule est connu, mais le nom ou la date de naissance diffère.";
        let why = likeness.with_key(Field::Matricule, number, sentence);
        return Some(doubt(&[person], why));
    }
    if let Some(other) = mail_of_another(identity, person, known) {
        let sentence = "Le matricule désigne une personne, l’adresse de messagerie une autre.";
        let why = likeness.with_key(Field::Matricule, number, sentence);
        return Some(doubt(&[person, other], why));
    }
    let sentence = "Même matricule, et l’identité concorde.";
    let why = likeness.with_key(Field::Matricule, number, sentence);
    Some(Verdict::Same { person: person.id, why })
}

/// Two people whose addresses were swapped: nobody gets the other's.
fn mail_of_another<'known>(
    identity: &Identity,
    person: &KnownPerson,
    known: &'known KnownPeople,
) -> Option<&'known KnownPerson> {
    let mail = identity.mail.as_ref()?;
    if person.mails.contains(mail) {
        return None;
    }
    known.by_mail(mail).into_iter().find(|other| other.id != person.id)
}

fn by_rpps(identity: &Identity, known: &KnownPeople) -> Option<Verdict> {
    let rpps = identity.declared_rpps.as_ref()?;
    let bearers = known.by_rpps(rpps);
    let person = match bearers.as_slice() {
        [] => return None,
        [one] => *one,
        several => {
            let alike: Vec<&KnownPerson> = several
                .iter()
                .filter(|person| Likeness::of(identity, person).names_agree())
                .copied()
                .collect();
            if alike.is_empty() {
                return None;
            }
            let why = Why::sentence("Plusieurs personnes connues portent ce numéro RPPS.");
            return Some(doubt(&alike, why));
        }
    };
    by_key(identity, person, (Field::DeclaredRpps, rpps.as_str()))
}

fn by_mail(identity: &Identity, known: &KnownPeople) -> Option<Verdict> {
    let mail = identity.mail.as_ref()?;
    let bearers = known.by_mail(mail);
    let alike: Vec<&KnownPerson> = bearers
        .into_iter()
        .filter(|person| {
            let likeness = Likeness::of(identity, person);
            likeness.names_agree() || likeness.renamed()
        })
        .collect();
    match alike.as_slice() {
        // A couple may share an address: without the names it says nothing.
        [] => None,
        [one] => by_key(identity, one, (Field::Mail, mail)),
        several => {
            let why = Why::sentence("Plusieurs personnes connues portent cette adresse et ce nom.");
            Some(doubt(several, why))
        }
    }
}

/// A key that is no matricule: it joins two records only when the birth date bears it out.
fn by_key(identity: &Identity, person: &KnownPerson, key: (Field, &str)) -> Option<Verdict> {
    let likeness = Likeness::of(identity, person);
    let named = likeness.names_agree() || likeness.renamed();
    let (field, value) = key;
    match (named, likeness.birth) {
        (true, Sign::Same) => {
            let sentence = format!("Même {}, et l’identité concorde.", field.french());
            let why = likeness.with_key(field, value, &sentence);
            Some(Verdict::Same { person: person.id, why })
        }
        (true, _) => {
            let what = field.french();
            let sentence = format!("Même {what} et même nom, sans date de naissance qui confirme.");
            let why = likeness.with_key(field, value, &sentence);
            Some(doubt(&[person], why))
        }
        // Somebody else for sure: HR took the number of a colleague, which the register check tells.
        (false, Sign::Different) => None,
        (false, _) => {
            let what = field.french();
            let sentence = format!("Ce {what} est connu sous un autre nom.");
            let why = likeness.with_key(field, value, &sentence);
            Some(doubt(&[person], why))
        }
    }
}

/// No key: the same names, and nothing that tells two people apart, is a question; a name alone never
/// joins, and homonyms whose birth dates differ are two.
fn by_traits(identity: &Identity, known: &KnownPeople) -> Verdict {
    let mut alike: Vec<(&KnownPerson, Likeness)> = Vec::new();
    for person in known.near(&identity.names, identity.birth_date) {
        let likeness = Likeness::of(identity, person);
        let named = likeness.family >= FamilyLevel::Part && likeness.given >= GivenLevel::First;
        let told_apart = likeness.birth == Sign::Different || likeness.sex == Sign::Different;
        if named && !told_apart {
            alike.push((person, likeness));
        }
    }
    let [(_, first), ..] = alike.as_slice() else { return Verdict::New };
    let sentence = match first.birth {
        Sign::Same => "Une personne connue porte ce nom et est née le même jour.",
        _ => "Une personne connue porte ce nom, et rien ne les distingue assez.",
    };
    let why = Why { sentence: sentence.to_owned(), contributions: first.contributions.clone() };
    let people: Vec<&KnownPerson> = alike.iter().map(|(person, _)| *person).collect();
    doubt(&people, why)
}

/// Whether two sets of names may be of one person, in any writing.
pub fn names_agree(ours: &Names, theirs: &Names) -> bool {
    let ours = forms_of(ours);
    let (family, given, _, _, _) = name_levels((&ours, &ours.swapped()), &forms_of(theirs));
    family >= FamilyLevel::Sound && given >= GivenLevel::Near
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::account_of;
    use identity::{BirthPlace, ExternalKey, IdentityKind, PostFields};
    use kernel::{FixedClock, SeededRandomness};

    /// `family given birth matricule mail rpps`, `-` for what is not told.
    fn identity(text: &str) -> Identity {
        let words: Vec<Option<&str>> =
            text.split(' ').map(|word| (word != "-").then_some(word)).collect();
        let text = |place: usize| words[place].map(|word| word.replace('_', " "));
        let matricule = words[3].map(|word| word.parse().expect("matricule"));
        let post = |matricule: &kernel::Matricule| PostFields {
            matricule: matricule.clone(),
            finess_ej: "990000010".parse().ok(),
            finess_et: None,
            unit_code: None,
            unit_label: None,
            function_label: None,
            profession: None,
            contract_kind: None,
            starts_on: None,
            ends_on: None,
        };
        Identity {
            kind: IdentityKind::Agent,
            key: ExternalKey(text(3).unwrap_or_default()),
            lines: vec![],
            names: Names { birth_family: text(0), given: text(1), ..Names::default() },
            sex: None,
            birth_date: words[2].and_then(|word| word.parse().ok()),
            birth_place: BirthPlace::default(),
            posts: matricule.iter().map(post).collect(),
            matricule,
            declared_rpps: words[5].and_then(|word| word.parse().ok()),
            mail: text(4),
            account: None,
        }
    }

    fn known() -> (KnownPeople, Vec<PersonId>) {
        let (clock, chance) = (FixedClock::at("2026-01-01T00:00:00Z"), SeededRandomness::new(1));
        let people = [
            "Martin Marie 1980-05-13 100 marie@h.test 99900001233",
            "Martin Marie 1991-02-04 101 mm@h.test -",
            "Kerzrehovec Luc 1975-03-02 102 luc@h.test 99900004567",
            "Sansdate Paul - 103 paul@h.test -",
        ];
        let known: Vec<KnownPerson> = people
            .iter()
            .map(|text| KnownPerson::from_identity(PersonId::new(&clock, &chance), &identity(text)))
            .collect();
        let ids = known.iter().map(|person| person.id).collect();
        (KnownPeople::new(known), ids)
    }

    /// `=2` same as the second, `new`, `?12` a doubt between the first and the second.
    fn told(verdict: &Verdict, ids: &[PersonId]) -> String {
        let place = |id: &PersonId| ids.iter().position(|known| known == id).expect("known") + 1;
        match verdict {
            Verdict::Same { person, .. } => format!("={}", place(person)),
            Verdict::New => "new".to_owned(),
            Verdict::Doubt { candidates, .. } => {
                let mut places: Vec<usize> = candidates.iter().map(place).collect();
                places.sort_unstable();
                format!("?{}", places.iter().map(usize::to_string).collect::<String>())
            }
        }
    }

    #[test]
    fn keys_decide_when_the_names_agree_da_02() {
        let (known, ids) = known();
        for (case, text, expected) in [
            ("the same line again", "MARTIN MARIE 1980-05-13 100 marie@h.test 99900001233", "=1"),
            ("a married name", "DUPONT Marie 1980-05-13 100 - -", "=1"),
            ("a digit mended", "Martin Marie 1980-05-18 100 - -", "=1"),
            ("matricule of somebody else now", "Durand Zoe 1999-09-09 100 - -", "?1"),
            ("matricule, other birth date", "Martin Marie 1999-09-09 100 - -", "?1"),
            ("addresses swapped", "Martin Marie 1980-05-13 100 luc@h.test -", "?13"),
            ("a new address", "Martin Marie 1980-05-13 100 new@h.test -", "=1"),
            ("number and birth date", "Kerzrehovec Luc 1975-03-02 900 - 99900004567", "=3"),
            ("number, no birth date", "Kerzrehovec Luc - 900 - 99900004567", "?3"),
            ("number of a colleague", "Durand Zoe 1999-09-09 900 - 99900004567", "new"),
            ("number, other name, no date", "Durand Zoe - 900 - 99900004567", "?3"),
            ("address of a spouse", "Durand Zoe 1999-09-09 900 luc@h.test -", "new"),
            ("address, name and date", "Kerzrehovec Luc 1975-03-02 900 luc@h.test -", "=3"),
            ("a homonym born another day", "Martin Marie 1970-01-05 900 - -", "new"),
            ("a homonym without a date", "Martin Marie - 900 - -", "?12"),
            ("name and birth date, other matricule", "Martin Marie 1991-02-04 900 - -", "?2"),
            ("nobody we know", "Durand Zoe 1999-09-09 900 z@h.test -", "new"),
        ] {
            assert_eq!(told(&person_of(&identity(text), &known), &ids), expected, "{case}");
        }
    }

    #[test]
    fn an_account_is_given_by_a_key_and_never_by_a_name() {
        let (known, ids) = known();
        for (case, text, expected) in [
            ("matricule and name", "Martin Marie - 100 - -", "=1"),
            ("matricule of another name", "Durand Zoe - 100 - -", "?1"),
            ("address and name", "Kerzrehovec Luc - - luc@h.test -", "=3"),
            ("address of another", "Durand Zoe - - luc@h.test -", "new"),
            ("name alone", "Kerzrehovec Luc - - - -", "new"),
            ("a service", "- - - - scan@h.test -", "new"),
        ] {
            assert_eq!(told(&account_of(&identity(text), &known), &ids), expected, "{case}");
        }
    }

    #[test]
    fn what_is_replaced_leaves_no_key_behind() {
        let (mut known, ids) = known();
        let moved = identity("Martin Marie 1980-05-13 777 other@h.test -");
        known.insert(KnownPerson::from_identity(ids[0], &moved));
        assert_eq!(known.len(), 4);
        let old = identity("Durand Zoe 1999-09-09 100 marie@h.test 99900001233");
        assert_eq!(person_of(&old, &known), Verdict::New);
    }
}
