//! Compares one member of staff with one register person, field by field: levels, and their weights
//! in bits after Fellegi and Sunter, where agreeing on a rare name is worth more than on a common one.
use crate::grades::Meaning;
use crate::levels::{FamilyLevel, GivenLevel, name_levels};
use crate::register::{NameForms, RegisterPerson, SearchFault, Term, inverted};
use crate::why::{Contribution, Field, Sign};
use chrono::{Datelike, NaiveDate};
use identity::Sex;

/// A member of staff, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub forms: NameForms,
    pub shown_family: String,
    pub shown_given: String,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub birth_place: Option<String>,
    pub meanings: Vec<Meaning>,
    pub shown_profession: Option<String>,
    pub declared: Option<kernel::Rpps>,
}

/// A register person, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Theirs {
    pub person: RegisterPerson,
    pub forms: NameForms,
    /// Practises at one of our places.
    pub here: bool,
}

impl Theirs {
    pub fn new(person: RegisterPerson, here: bool) -> Self {
        let forms = forms_of(&person);
        Self { person, forms, here }
    }
}

/// All writings of a register person's names.
pub fn forms_of(person: &RegisterPerson) -> NameForms {
    let birth = person.birth.as_ref();
    NameForms::new(
        [person.family.as_str()].into_iter().chain(birth.map(|birth| birth.family.as_str())),
        [person.given.as_str()].into_iter().chain(birth.map(|birth| birth.given.as_str())),
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BirthLevel {
    Missing,
    Different,
    /// The same year, and 1 January on one side: a default, not a date.
    Default,
    OneDigit,
    Inverted,
    Exact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Agreement {
    Missing,
    Different,
    Near,
    Same,
}

/// The levels of one pair, and what they weigh without the structure (known only once all is compared).
#[derive(Debug, Clone)]
pub(crate) struct Comparison {
    pub family: FamilyLevel,
    pub given: GivenLevel,
    pub swapped: bool,
    pub sex: Agreement,
    pub birth: BirthLevel,
    /// The agreeing date is a 1 January: a default as much as a date.
    pub january: bool,
    pub place: Agreement,
    pub profession: Agreement,
    pub structure: Agreement,
    pub declared: Agreement,
    pub score: f64,
    pub contributions: Vec<Contribution>,
}

/// Share of the register that bears a term.
pub(crate) trait Shares {
    fn share(&mut self, term: Term) -> Result<f64, SearchFault>;
}

/// `log2(m / u)`, kept within what data of this kind can ever prove.
fn bits(agreeing: f64, by_chance: f64) -> f64 {
    (agreeing / by_chance.max(1e-7)).log2().clamp(-12.0, 18.0)
}

pub(crate) fn compare(
    ours: &Ours,
    theirs: &Theirs,
    shares: &mut impl Shares,
) -> Result<Comparison, SearchFault> {
    let (family, given, family_term, given_term, swapped) = name_levels(&ours.forms, &theirs.forms);
    let (birth, january) = birth_level(ours, theirs);
    let mut comparison = Comparison {
        family,
        given,
        swapped,
        sex: sex_level(ours, theirs),
        birth,
        january,
        place: place_level(ours, theirs),
        profession: profession_level(&ours.meanings, theirs),
        structure: structure_level(theirs),
        declared: declared_level(ours, theirs),
        score: 0.0,
        contributions: Vec::with_capacity(8),
    };
    let mut add = |field, ours: Option<String>, theirs: Option<String>, sign, weight: f64| {
        comparison.contributions.push(Contribution { field, ours, theirs, sign, weight });
    };
    let weight = family_weight(family, &family_term, swapped, shares)?;
    let sign = family_sign(family);
    add(Field::FamilyName, shown(&ours.shown_family), shown(&their_family(theirs)), sign, weight);
    let weight = given_weight(given, &given_term, shares)?;
    let sign = given_sign(given);
    add(Field::GivenNames, shown(&ours.shown_given), shown(&their_given(theirs)), sign, weight);
    let weight = match comparison.sex {
        // The first name already tells the sex: agreeing adds little.
        Agreement::Same => 0.2,
        Agreement::Different => -6.0,
        Agreement::Near | Agreement::Missing => 0.0,
    };
    let (our_sex, their_sex) = (ours.sex.map(french_sex), theirs.person.sex.map(french_sex));
    add(Field::Sex, our_sex, their_sex, sign_of(comparison.sex), weight);
    let their_birth = theirs.person.birth.as_ref();
    let dates = (ours.birth_date, their_birth.and_then(|birth| birth.date));
    let (sign, weight) = birth_weight(birth, january);
    add(Field::BirthDate, dates.0.map(french_date), dates.1.map(french_date), sign, weight);
    let their_place = their_birth.and_then(|birth| birth.place.clone());
    let weight = place_weight(comparison.place, their_place.as_deref(), shares)?;
    let sign = sign_of(comparison.place);
    add(Field::BirthPlace, ours.birth_place.clone(), their_place, sign, weight);
    let weight = profession_weight(comparison.profession, theirs, shares)?;
    let sign = sign_of(comparison.profession);
    let practices = their_practices(theirs);
    add(Field::Profession, ours.shown_profession.clone(), shown(&practices), sign, weight);
    let weight = match comparison.declared {
        // Under another family name it was not copied from the directory by looking the name up.
        Agreement::Same if family == FamilyLevel::Different => 12.0,
        // Weak on purpose: a number can be copied from the public directory, a namesake's included.
        Agreement::Same => 4.0,
        Agreement::Near => 3.0,
        Agreement::Different => -4.0,
        Agreement::Missing => 0.0,
    };
    let number = ours.declared.as_ref().map(ToString::to_string);
    let theirs_number = theirs.person.id_nat.rpps().map(|rpps| rpps.to_string());
    add(Field::DeclaredRpps, number, theirs_number, sign_of(comparison.declared), weight);
    comparison.score = comparison.contributions.iter().map(|one| one.weight).sum();
    Ok(comparison)
}

fn shown(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn french_sex(sex: Sex) -> String {
    match sex {
        Sex::Female => "femme".to_owned(),
        Sex::Male => "homme".to_owned(),
    }
}

fn french_date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

fn their_family(theirs: &Theirs) -> String {
    match &theirs.person.birth {
        Some(birth) if birth.family != theirs.person.family && !birth.family.is_empty() => {
            format!("{} (naissance : {})", theirs.person.family, birth.family)
        }
        _ => theirs.person.family.clone(),
    }
}

fn their_given(theirs: &Theirs) -> String {
    match &theirs.person.birth {
        Some(birth) if !birth.given.is_empty() => {
            let civil = birth.given.trim_end_matches('\'').replace('\'', ", ");
            format!("{} (état civil : {civil})", theirs.person.given)
        }
        _ => theirs.person.given.clone(),
    }
}

fn their_practices(theirs: &Theirs) -> String {
    let mut words: Vec<String> = theirs
        .person
        .practices
        .iter()
        .map(|practice| match (practice.profession.as_str(), practice.role.as_str()) {
            ("", role) => format!("rôle {role}"),
            (profession, _) if practice.category == "E" => format!("{profession} (étudiant)"),
            (profession, _) => profession.to_owned(),
        })
        .collect();
    words.sort();
    words.dedup();
    words.join(", ")
}

fn family_sign(level: FamilyLevel) -> Sign {
    match level {
        FamilyLevel::Exact | FamilyLevel::Reordered => Sign::Same,
        FamilyLevel::Part | FamilyLevel::Cut | FamilyLevel::Near | FamilyLevel::Sound => Sign::Near,
        FamilyLevel::Missing => Sign::Missing,
        FamilyLevel::Different => Sign::Different,
    }
}

fn given_sign(level: GivenLevel) -> Sign {
    match level {
        GivenLevel::Exact => Sign::Same,
        GivenLevel::First | GivenLevel::Other | GivenLevel::Near => Sign::Near,
        GivenLevel::Missing => Sign::Missing,
        GivenLevel::Different => Sign::Different,
    }
}

pub(crate) fn sign_of(agreement: Agreement) -> Sign {
    match agreement {
        Agreement::Same => Sign::Same,
        Agreement::Near => Sign::Near,
        Agreement::Different => Sign::Different,
        Agreement::Missing => Sign::Missing,
    }
}

fn family_weight(
    level: FamilyLevel,
    term: &str,
    swapped: bool,
    shares: &mut impl Shares,
) -> Result<f64, SearchFault> {
    let share = match level {
        FamilyLevel::Different => return Ok(-4.0),
        FamilyLevel::Missing => return Ok(0.0),
        FamilyLevel::Exact
        | FamilyLevel::Reordered
        | FamilyLevel::Part
        | FamilyLevel::Cut
        | FamilyLevel::Near
        | FamilyLevel::Sound => shares.share(Term::family(term))?,
    };
    let weight = match level {
        FamilyLevel::Exact | FamilyLevel::Reordered => bits(0.85, share),
        FamilyLevel::Part => bits(0.08, share),
        FamilyLevel::Cut => bits(0.02, share * 2.0),
        FamilyLevel::Near => bits(0.03, (share * 10.0).max(5e-4)),
        FamilyLevel::Sound => bits(0.02, (share * 10.0).max(1e-3)),
        FamilyLevel::Different | FamilyLevel::Missing => 0.0,
    };
    Ok(if swapped { weight - 5.0 } else { weight })
}

fn given_weight(
    level: GivenLevel,
    term: &str,
    shares: &mut impl Shares,
) -> Result<f64, SearchFault> {
    let share = match level {
        GivenLevel::Different => return Ok(-7.0),
        GivenLevel::Missing => return Ok(0.0),
        GivenLevel::Exact | GivenLevel::First | GivenLevel::Other | GivenLevel::Near => {
            shares.share(Term::given(term))?
        }
    };
    Ok(match level {
        GivenLevel::Exact => bits(0.9, share),
        // HR lists every civil first name, the register shows one: nearly as good as the same.
        GivenLevel::First => bits(0.7, share),
        GivenLevel::Other => bits(0.05, share * 3.0),
        GivenLevel::Near => bits(0.03, (share * 6.0).max(2e-3)),
        GivenLevel::Different | GivenLevel::Missing => 0.0,
    })
}

fn sex_level(ours: &Ours, theirs: &Theirs) -> Agreement {
    match (ours.sex, theirs.person.sex) {
        (Some(left), Some(right)) if left == right => Agreement::Same,
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Missing,
    }
}

fn birth_level(ours: &Ours, theirs: &Theirs) -> (BirthLevel, bool) {
    let their_date = theirs.person.birth.as_ref().and_then(|birth| birth.date);
    let (Some(left), Some(right)) = (ours.birth_date, their_date) else {
        return (BirthLevel::Missing, false);
    };
    let january = |date: NaiveDate| date.day() == 1 && date.month() == 1;
    let level = if left == right {
        BirthLevel::Exact
    } else if inverted(left) == Some(right) {
        BirthLevel::Inverted
    } else if left.year() == right.year() && (january(left) || january(right)) {
        BirthLevel::Default
    } else if digits_apart(left, right) == 1 {
        BirthLevel::OneDigit
    } else {
        BirthLevel::Different
    };
    (level, january(left) || january(right))
}

fn digits_apart(left: NaiveDate, right: NaiveDate) -> usize {
    let (left, right) = (left.format("%Y%m%d").to_string(), right.format("%Y%m%d").to_string());
    left.bytes().zip(right.bytes()).filter(|(one, other)| one != other).count()
}

fn birth_weight(level: BirthLevel, january: bool) -> (Sign, f64) {
    match level {
        BirthLevel::Missing => (Sign::Missing, 0.0),
        BirthLevel::Different => (Sign::Different, -9.0),
        BirthLevel::Default => (Sign::Near, 0.0),
        BirthLevel::OneDigit => (Sign::Near, 1.0),
        BirthLevel::Inverted => (Sign::Near, 5.0),
        // Immigrants without papers are born on 1 January: a year, hardly more.
        BirthLevel::Exact if january => (Sign::Same, 8.0),
        BirthLevel::Exact => (Sign::Same, 13.8),
    }
}

fn place_level(ours: &Ours, theirs: &Theirs) -> Agreement {
    let their_place = theirs.person.birth.as_ref().and_then(|birth| birth.place.as_deref());
    match (ours.birth_place.as_deref(), their_place) {
        (Some(left), Some(right)) if left == right => Agreement::Same,
        // Abroad is written by commune, by country or by an old code: no contradiction.
        (Some(left), Some(right)) if left.starts_with("99") || right.starts_with("99") => {
            Agreement::Missing
        }
        (Some(_), Some(_)) => Agreement::Different,
        _ => Agreement::Missing,
    }
}

fn place_weight(
    level: Agreement,
    place: Option<&str>,
    shares: &mut impl Shares,
) -> Result<f64, SearchFault> {
    Ok(match (level, place) {
        (Agreement::Same, Some(place)) => {
            bits(0.9, shares.share(Term::birth_place(place))?).clamp(0.0, 6.0)
        }
        (Agreement::Different, _) => -3.0,
        _ => 0.0,
    })
}

fn profession_level(meanings: &[Meaning], theirs: &Theirs) -> Agreement {
    let practises = |meaning: &Meaning| {
        theirs.person.practices.iter().any(|practice| match meaning {
            Meaning::Profession(code) => practice.profession == *code && practice.category != "E",
            Meaning::Role(code) => practice.role == *code && practice.profession.is_empty(),
            Meaning::Student => {
                practice.category == "E"
                    || ("346"..="349").contains(&practice.role.as_str())
                    || ("354"..="358").contains(&practice.role.as_str())
            }
            Meaning::NotCare => practice.profession.is_empty(),
            Meaning::Unclear => false,
        })
    };
    if meanings.iter().any(practises) {
        // « Étudiant » or « administratif » on both sides names no profession.
        let named = |meaning: &&Meaning| {
            matches!(meaning, Meaning::Profession(_) | Meaning::Role(_)) && practises(meaning)
        };
        return if meanings.iter().any(|one| named(&one)) {
            Agreement::Same
        } else {
            Agreement::Near
        };
    }
    let silent = meanings.is_empty()
        || meanings.contains(&Meaning::Unclear)
        || theirs.person.practices.is_empty();
    if silent { Agreement::Missing } else { Agreement::Different }
}

fn profession_weight(
    level: Agreement,
    theirs: &Theirs,
    shares: &mut impl Shares,
) -> Result<f64, SearchFault> {
    if level != Agreement::Same {
        return Ok(if level == Agreement::Different { -7.0 } else { 0.0 });
    }
    let mut share: f64 = 0.0;
    for practice in &theirs.person.practices {
        let term = match practice.profession.as_str() {
            "" => Term::role(&practice.role),
            code => Term::profession(code),
        };
        share = share.max(shares.share(term)?);
    }
    Ok(bits(0.95, share).clamp(0.0, 8.0))
}

fn structure_level(theirs: &Theirs) -> Agreement {
    if theirs.here {
        Agreement::Same
    } else if theirs.person.practises_somewhere {
        Agreement::Different
    } else {
        Agreement::Missing
    }
}

fn declared_level(ours: &Ours, theirs: &Theirs) -> Agreement {
    let (Some(declared), Some(number)) = (&ours.declared, theirs.person.id_nat.rpps()) else {
        return Agreement::Missing;
    };
    if *declared == number {
        return Agreement::Same;
    }
    let pairs = || declared.as_str().bytes().zip(number.as_str().bytes());
    let apart: Vec<usize> = pairs()
        .enumerate()
        .filter_map(|(place, (left, right))| (left != right).then_some(place))
        .collect();
    // A slip of HR; a number whose key holds is somebody's, not a slip.
    let slip = match apart.as_slice() {
        [_] => true,
        [first, second] if second - first == 1 => {
            let (left, right) = (declared.as_str().as_bytes(), number.as_str().as_bytes());
            left[*first] == right[*second] && left[*second] == right[*first]
        }
        _ => false,
    };
    match slip && !declared.has_luhn_key() {
        true => Agreement::Near,
        false => Agreement::Different,
    }
}
