//! People with a part in the scenes: the same in every seed and size, always in HR, AD and register.
use super::jobs::{DOCTOR, NURSE};
use super::names::Sex;
use super::person::{Civil, NameUse};
use super::places::BirthPlace;
use chrono::NaiveDate;

/// What HR wrongly knows of the birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBirth {
    Right,
    Missing,
    FirstJanuary,
}

#[derive(Debug)]
pub struct Persona {
    pub key: &'static str,
    pub part: &'static str,
    pub first_name: &'static str,
    pub birth_name: &'static str,
    pub spouse_name: Option<&'static str>,
    pub birth: (i32, u32, u32),
    /// By its place in the list of jobs.
    pub job: usize,
    pub gives_rpps: bool,
    pub known_birth: KnownBirth,
    /// Password of the demo in a test AD; secret to nobody.
    pub demo_password: &'static str,
}

/// By staff number.
pub const PERSONAS: &[Persona] = &[
    Persona {
        key: "doctor",
        part: "Cardiologue, ouvre le DPI avec sa clé",
        first_name: "Solène",
        birth_name: "Le Goff",
        spouse_name: None,
        birth: (1979, 4, 17),
        job: DOCTOR,
        gives_rpps: true,
        known_birth: KnownBirth::Right,
        demo_password: "Valbrume-Cardio-26!",
    },
    Persona {
        key: "nurse",
        part: "Infirmière",
        first_name: "Océane",
        birth_name: "Da Silva",
        spouse_name: None,
        birth: (1994, 9, 3),
        job: NURSE,
        gives_rpps: false,
        known_birth: KnownBirth::Right,
        demo_password: "Valbrume-Soins-26!",
    },
    Persona {
        key: "homonym",
        part: "Première Marie MARTIN ; sa date de naissance manque à la paie",
        first_name: "Marie",
        birth_name: "Martin",
        spouse_name: None,
        birth: (1985, 6, 14),
        job: NURSE,
        gives_rpps: false,
        known_birth: KnownBirth::Missing,
        demo_password: "Valbrume-Marie1-26!",
    },
    Persona {
        key: "homonym_married",
        part: "Seconde Marie MARTIN, mariée depuis ; la paie la croit née un 1er janvier",
        first_name: "Marie",
        birth_name: "Martin",
        spouse_name: Some("Bellanger"),
        birth: (1987, 3, 22),
        job: NURSE,
        gives_rpps: false,
        known_birth: KnownBirth::FirstJanuary,
        demo_password: "Valbrume-Marie2-26!",
    },
];

/// Third candidate for the two homonyms: a nurse who left us and was never struck off.
pub const THIRD_CANDIDATE: (u64, (i32, u32, u32)) = (3, (1990, 11, 30));

pub fn persona(number: u64) -> Option<&'static Persona> {
    PERSONAS.get(usize::try_from(number).unwrap_or(usize::MAX))
}

impl Persona {
    /// The married one still practises under her birth name: the register has not followed.
    pub fn civil(&self) -> Civil<'static> {
        Civil {
            sex: Sex::Woman,
            birth: date(self.birth),
            birth_place: BirthPlace::France(35, 238),
            birth_name: self.birth_name,
            spouse_name: self.spouse_name.unwrap_or("Bellanger"),
            exercise: NameUse::Birth,
            usage: if self.spouse_name.is_some() { NameUse::Spouse } else { NameUse::Birth },
            first_names: [Some(self.first_name), None, None],
            usual: 0,
            afar: false,
        }
    }
}

pub fn date((year, month, day): (i32, u32, u32)) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day of the calendar")
}
