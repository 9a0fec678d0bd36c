//! Compares one member of staff with one register person, field by field: how far each agrees, and how
//! often chance alone would agree as far. What that weighs is learnt in `model.rs`.
use crate::grades::{Kind, Meaning, STUDENT_ROLES, same_trade};
use crate::levels::{FamilyLevel, GivenLevel, best_family, name_levels};
use crate::register::{NameForms, Practice, RegisterPerson, SearchFault, Term, inverted};
use chrono::{Datelike, NaiveDate};
use identity::Sex;
use identity::names::FamilyKey;

/// A member of staff, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Ours {
    pub forms: NameForms,
    /// The same with the columns swapped.
    pub swapped: NameForms,
    /// The family name of birth, where a name of use stands beside it.
    pub maiden: Option<FamilyKey>,
    pub shown_family: String,
    pub shown_given: String,
    pub sex: Option<Sex>,
    pub birth_date: Option<NaiveDate>,
    pub birth_place: Option<String>,
    pub meanings: Vec<Meaning>,
    pub kind: Kind,
    pub shown_profession: Option<String>,
    pub declared: Option<kernel::Rpps>,
}

/// A register person, ready to be compared.
#[derive(Debug, Clone)]
pub(crate) struct Theirs {
    pub person: RegisterPerson,
    pub forms: NameForms,
    /// Place among those who practise at our places.
    pub here: Option<u32>,
}

impl Theirs {
    pub fn new(person: RegisterPerson, here: Option<u32>) -> Self {
        let forms = forms_of(&person);
        Self { person, forms, here }
    }
}

/// All writings of a register person's names.
pub fn forms_of(person: &RegisterPerson) -> NameForms {
    let (family, given) = (person.family.as_str(), person.given.as_str());
    let birth = person.birth.as_ref();
    // Most birth names are the one of exercise.
    let born = birth.map(|birth| birth.family.as_str()).filter(|name| *name != family);
    let civil = birth.map(|birth| birth.given.as_str()).filter(|name| *name != given);
    NameForms::new([family].into_iter().chain(born), [given].into_iter().chain(civil))
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

/// One pair: how far each field agrees, and the share of the register that would agree by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Comparison {
    pub family: FamilyLevel,
    pub given: GivenLevel,
    pub swapped: bool,
    /// A first name that nobody bears, near one that somebody does.
    pub slip: bool,
    /// The names of use agree, those of birth are two people's.
    pub born_otherwise: bool,
    pub sex: Agreement,
    pub birth: BirthLevel,
    /// The agreeing date is a 1 January: a default as much as a date.
    pub january: bool,
    pub place: Agreement,
    /// Abroad is written by country: no more than a name tells already.
    pub commune: bool,
    pub profession: Agreement,
    /// The grade that agrees leaves several professions open.
    pub open_trade: bool,
    pub structure: Agreement,
    pub declared: Agreement,
    pub chance: Chance,
    /// Place among those who practise at our places.
    pub here: Option<u32>,
    pub kind: Kind,
}

/// Shares of the register that bear what agrees here.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Chance {
    pub family: f64,
    pub given: f64,
    pub place: f64,
    pub profession: f64,
}

impl Agreement {
    /// Of two that are the same or not.
    pub fn of<T: PartialEq>(left: Option<T>, right: Option<T>) -> Self {
        match (left, right) {
            (Some(left), Some(right)) if left == right => Self::Same,
            (Some(_), Some(_)) => Self::Different,
            _ => Self::Missing,
        }
    }
}

/// How two trades compare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trade {
    pub agreement: Agreement,
    /// The grade that agrees leaves several professions open.
    pub open: bool,
    /// Share of the register that practises so.
    pub share: f64,
}

impl Comparison {
    /// As good as the same names: what a namesake has.
    pub fn names_agree(&self) -> bool {
        self.family >= FamilyLevel::Part
            && self.given >= GivenLevel::First
            && self.sex != Agreement::Different
    }

    /// Born in one commune, where few are: a namesake hardly shares it.
    pub fn birth_place_tells(&self) -> bool {
        self.place == Agreement::Same && self.commune && self.chance.place <= 1.0 / 250.0
    }

    /// How many register persons bear these names and trade by chance.
    pub fn expected_namesakes(&self, persons: f64) -> f64 {
        let trade = if self.profession == Agreement::Same { self.chance.profession } else { 1.0 };
        persons * self.chance.family * self.chance.given * trade
    }
}

/// Share of the register that bears a term.
pub(crate) trait Shares {
    fn share(&mut self, term: Term) -> Result<f64, SearchFault>;
    /// The same, and whether anybody bears it.
    fn borne(&mut self, term: Term) -> Result<(f64, bool), SearchFault>;
    /// Borne by so few that it may be a slip.
    fn is_unheard_of(&mut self, term: Term) -> Result<bool, SearchFault>;
}

fn is_unheard_of(ours: &Ours, shares: &mut impl Shares) -> Result<bool, SearchFault> {
    for given in &ours.forms.givens {
        if !shares.is_unheard_of(Term::given(given.first()))? {
            return Ok(false);
        }
    }
    Ok(!ours.forms.givens.is_empty())
}

fn born_otherwise(ours: &Ours, theirs: &Theirs) -> bool {
    let (Some(maiden), Some(birth)) = (&ours.maiden, &theirs.person.birth) else { return false };
    let other = FamilyKey::of(&birth.family);
    !other.whole.is_empty()
        && other.whole != FamilyKey::of(&theirs.person.family).whole
        && best_family(std::slice::from_ref(maiden), &[other]).0 == FamilyLevel::Different
}

pub(crate) fn compare(
    ours: &Ours,
    theirs: &Theirs,
    shares: &mut impl Shares,
) -> Result<Comparison, SearchFault> {
    let trade = trade_of(&ours.meanings, &theirs.person.practices, shares)?;
    compare_by(trade, ours, theirs, shares)
}

/// The same, when how their trades compare is known already.
pub(crate) fn compare_by(
    trade: Trade,
    ours: &Ours,
    theirs: &Theirs,
    shares: &mut impl Shares,
) -> Result<Comparison, SearchFault> {
    let (family, given, family_term, given_term, swapped) =
        name_levels((&ours.forms, &ours.swapped), &theirs.forms);
    let their_birth = theirs.person.birth.as_ref().and_then(|birth| birth.date);
    let (birth, january) = birth_level(ours.birth_date, their_birth);
    let place = place_level(ours, theirs);
    let mut chance = Chance::default();
    if family > FamilyLevel::Missing {
        chance.family = shares.share(Term::family(family_term))?;
    }
    if given > GivenLevel::Missing {
        chance.given = shares.share(Term::given(given_term))?;
    }
    let their_place = theirs.person.birth.as_ref().and_then(|birth| birth.place.as_deref());
    if let (Agreement::Same, Some(code)) = (place, their_place) {
        chance.place = shares.share(Term::birth_place(code))?;
    }
    chance.profession = trade.share;
    Ok(Comparison {
        family,
        given,
        swapped,
        slip: given == GivenLevel::Near && is_unheard_of(ours, shares)?,
        born_otherwise: birth == BirthLevel::Exact && born_otherwise(ours, theirs),
        sex: Agreement::of(ours.sex, theirs.person.sex),
        birth,
        january,
        place,
        commune: their_place.is_some_and(|code| !code.starts_with("99")),
        profession: trade.agreement,
        open_trade: trade.open,
        structure: structure_level(theirs),
        declared: declared_level(ours, theirs),
        chance,
        here: theirs.here,
        kind: ours.kind,
    })
}

/// How far the trades agree.
pub(crate) fn trade_of(
    meanings: &[Meaning],
    practices: &[Practice],
    shares: &mut impl Shares,
) -> Result<Trade, SearchFault> {
    let (agreement, meaning) = profession_level(meanings, practices);
    let open = matches!(meaning, Some(Meaning::OneOf(_) | Meaning::Student));
    let share = match agreement {
        Agreement::Same => profession_share(meaning, practices, shares)?,
        Agreement::Near | Agreement::Different | Agreement::Missing => 0.0,
    };
    Ok(Trade { agreement, open, share })
}

fn profession_share(
    meaning: Option<&Meaning>,
    practices: &[Practice],
    shares: &mut impl Shares,
) -> Result<f64, SearchFault> {
    let mut share: f64 = 0.0;
    if let Some(Meaning::OneOf(group)) = meaning {
        for code in group.professions() {
            share += shares.share(Term::profession(code))?;
        }
        return Ok(share.min(1.0));
    }
    if meaning == Some(&Meaning::Student) {
        for role in STUDENT_ROLES {
            share += shares.share(Term::role(role))?;
        }
        return Ok(share.min(1.0));
    }
    for practice in practices {
        let term = match practice.profession.as_str() {
            "" => Term::role(&practice.role),
            code => Term::profession(code),
        };
        share = share.max(shares.share(term)?);
    }
    Ok(share)
}

pub(crate) fn birth_level(
    ours: Option<NaiveDate>,
    theirs: Option<NaiveDate>,
) -> (BirthLevel, bool) {
    let (Some(left), Some(right)) = (ours, theirs) else {
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
    let digits = |date: NaiveDate| {
        let number = date.year().unsigned_abs() * 10_000 + date.month() * 100 + date.day();
        (0..8).map(move |place| number / 10_u32.pow(place) % 10)
    };
    digits(left).zip(digits(right)).filter(|(one, other)| one != other).count()
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

/// How far the trades agree, and by which of our grades.
fn profession_level<'m>(
    meanings: &'m [Meaning],
    practices: &[Practice],
) -> (Agreement, Option<&'m Meaning>) {
    let practises = |meaning: &Meaning| {
        practices.iter().any(|practice| match meaning {
            Meaning::Profession(code) => {
                same_trade(code, &practice.profession) && practice.category != "E"
            }
            Meaning::Role(code) => practice.role == *code && practice.profession.is_empty(),
            Meaning::OneOf(group) => group.holds(&practice.profession, &practice.category),
            Meaning::Student | Meaning::StudentOf(_) => {
                practice.category == "E" || STUDENT_ROLES.contains(&practice.role.as_str())
            }
            Meaning::NotCare => practice.profession.is_empty(),
            Meaning::Unclear => false,
        })
    };
    if meanings.iter().any(practises) {
        // « Administratif » on both sides names no profession, nor does an intern's category. Students of a role are
        // few, and « étudiant infirmier » is one of them.
        let named = |meaning: &&Meaning| match meaning {
            Meaning::Profession(_) | Meaning::Role(_) | Meaning::OneOf(_) => practises(meaning),
            Meaning::StudentOf(role) => practices.iter().any(|one| one.role == *role),
            Meaning::Student => {
                practices.iter().any(|one| STUDENT_ROLES.contains(&one.role.as_str()))
            }
            Meaning::NotCare | Meaning::Unclear => false,
        };
        // In their order: what names one profession before what leaves several open.
        return match meanings.iter().find(named) {
            Some(meaning) => (Agreement::Same, Some(meaning)),
            None => (Agreement::Near, None),
        };
    }
    let silent =
        meanings.is_empty() || meanings.contains(&Meaning::Unclear) || practices.is_empty();
    (if silent { Agreement::Missing } else { Agreement::Different }, None)
}

fn structure_level(theirs: &Theirs) -> Agreement {
    if theirs.here.is_some() {
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
