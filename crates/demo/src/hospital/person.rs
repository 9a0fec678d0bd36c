//! A human being as the truth knows them: names, birth, and which name they go by.
use super::chance::{Chance, Share};
use super::figures::Figures;
use super::names::{Lexicon, Sex};
use super::places::BirthPlace;
use chrono::{Datelike, NaiveDate};
use std::borrow::Cow;

/// Which surname somebody goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameUse {
    Birth,
    Spouse,
    Double { birth_first: bool, hyphen: bool },
}

#[derive(Debug, Clone)]
pub struct Civil<'a> {
    pub sex: Sex,
    pub birth: NaiveDate,
    pub birth_place: BirthPlace,
    pub birth_name: &'a str,
    pub spouse_name: &'a str,
    /// The name in practice, as the register shows it.
    pub exercise: NameUse,
    /// The name in daily use, as HR and AD show it.
    pub usage: NameUse,
    /// Civil first names, one to three.
    pub first_names: [Option<&'a str>; 3],
    /// Which of them is used.
    pub usual: usize,
    pub afar: bool,
}

/// How old people are, depending on why they are drawn.
#[derive(Debug, Clone, Copy)]
pub enum Ages {
    Students,
    AtWork,
    InRegister,
}

/// First day of the first version of every file.
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 2).expect("a day of the calendar")
}

impl<'a> Civil<'a> {
    pub fn draw(
        lexicon: &'a Lexicon,
        figures: &Figures,
        women: Share,
        ages: Ages,
        chance: &mut Chance,
    ) -> Self {
        let sex = if chance.hits(women) { Sex::Woman } else { Sex::Man };
        let afar = chance.hits(figures.born_abroad);
        let mut birth = birth_date(ages, chance);
        if afar && chance.hits(figures.abroad_first_january) {
            birth = first_january(birth);
        }
        let birth_name = match afar && chance.hits(70_000) {
            true => lexicon.surname_from_afar(chance),
            false => lexicon.surname(chance),
        };
        let spouse_name = lexicon.surname(chance);
        let mut first_name = || match afar && chance.hits(60_000) {
            true => lexicon.first_name_from_afar(sex, chance),
            false => lexicon.first_name(sex, birth.year(), chance),
        };
        let first_names = [Some(first_name()), Some(first_name()), Some(first_name())];
        let mut civil = Self {
            sex,
            birth,
            birth_place: BirthPlace::draw(afar, chance),
            birth_name,
            spouse_name,
            exercise: NameUse::Birth,
            usage: NameUse::Birth,
            first_names,
            usual: usize::from(chance.hits(figures.usual_is_second_first_name)),
            afar,
        };
        civil.drop_later_first_names(chance);
        civil.draw_uses(chance);
        civil
    }

    /// Many have one or two first names only.
    fn drop_later_first_names(&mut self, chance: &mut Chance) {
        let kept = [1, 2, 2, 3, 3][chance.index(5)].max(self.usual + 1);
        self.first_names[kept..].fill(None);
        if self.first_names[1] == self.first_names[0] {
            self.first_names = [self.first_names[0], None, None];
            self.usual = 0;
        }
    }

    /// Married names by sex and age; HR mostly agrees with the name in practice, not always.
    pub fn draw_uses(&mut self, chance: &mut Chance) {
        let age = first_day().year() - self.birth.year();
        let [spouse, birth] = match (self.sex, age) {
            (Sex::Woman, 50..) => [65_000, 25_000],
            (Sex::Woman, 35..) => [45_000, 40_000],
            (Sex::Woman, _) => [20_000, 65_000],
            (Sex::Man, _) => [1_000, 98_000],
        };
        let double =
            NameUse::Double { birth_first: chance.hits(70_000), hyphen: chance.hits(70_000) };
        self.exercise = match chance.weigh([spouse, birth, 100_000 - spouse - birth].into_iter()) {
            0 => NameUse::Spouse,
            1 => NameUse::Birth,
            _ => double,
        };
        self.usage = match self.exercise {
            NameUse::Birth if self.sex == Sex::Woman && chance.hits(8_000) => NameUse::Spouse,
            NameUse::Spouse if chance.hits(4_000) => double,
            NameUse::Double { .. } if chance.hits(25_000) => NameUse::Spouse,
            same => same,
        };
    }

    pub fn surname(&self, name_use: NameUse) -> Cow<'a, str> {
        match name_use {
            NameUse::Birth => Cow::Borrowed(self.birth_name),
            NameUse::Spouse => Cow::Borrowed(self.spouse_name),
            NameUse::Double { birth_first, hyphen } => {
                let join = if hyphen { '-' } else { ' ' };
                let (first, second) = match birth_first {
                    true => (self.birth_name, self.spouse_name),
                    false => (self.spouse_name, self.birth_name),
                };
                Cow::Owned(format!("{first}{join}{second}"))
            }
        }
    }

    pub fn first_name(&self) -> &'a str {
        self.first_names[0].unwrap_or("Marie")
    }

    pub fn usual_first_name(&self) -> &'a str {
        self.first_names[self.usual].unwrap_or(self.first_name())
    }
}

pub fn first_january(date: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(date.year(), 1, 1).expect("each year has its first day")
}

fn birth_date(ages: Ages, chance: &mut Chance) -> NaiveDate {
    let (youngest, oldest) = match ages {
        Ages::Students => (21, 31),
        Ages::AtWork => (23, 65),
        Ages::InRegister if chance.hits(12_000) => (63, 84),
        Ages::InRegister => (23, 66),
    };
    let days = chance.between(youngest * 365 + 6, oldest * 365 + 16);
    first_day() - chrono::Duration::days(days.into())
}
