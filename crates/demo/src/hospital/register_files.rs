//! The register as it is published: exact columns, `|` as delimiter and after the last column too.
use super::chance::Chance;
use super::entries::{Activity, Entry, Practice, Register};
use super::mailboxes::{mailbox_lines, write_mailboxes_of_structures};
use super::names::Sex;
use super::places::{Address, Filled};
use super::register_columns::{DIPLOMAS, MAILBOXES, OPEN, RESTRICTED, SKILLS};
use super::spelling::Habits;
use super::{DemoError, Output};

/// Which file to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    Open,
    Restricted,
    Skills,
    Diplomas,
    Mailboxes,
}

impl View {
    pub fn stem(self) -> &'static str {
        match self {
            Self::Open => "PS_LibreAcces_Personne_activite",
            Self::Restricted => "Extraction_ProSanteConnect_Personne_activite",
            Self::Skills => "PS_LibreAcces_SavoirFaire",
            Self::Diplomas => "PS_LibreAcces_Dipl_AutExerc",
            Self::Mailboxes => "Extraction_Correspondance_MSSante",
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Open => &OPEN,
            Self::Restricted => &RESTRICTED,
            Self::Skills => &SKILLS,
            Self::Diplomas => &DIPLOMAS,
            Self::Mailboxes => &MAILBOXES,
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Counted {
    pub persons: u64,
    pub lines: u64,
}

/// One file under way.
pub struct Writing {
    pub view: View,
    pub out: Output,
    pub counted: Counted,
}

/// Writes all files of one version in one pass: each person is drawn once.
pub fn write(
    register: &Register<'_>,
    files: &mut [Writing],
    tell: &mut dyn FnMut(u64),
) -> Result<(), DemoError> {
    let mut line = String::with_capacity(4_096);
    for file in &mut *files {
        line.clear();
        fields(&mut line, file.view.columns());
        if file.view == View::Mailboxes {
            file.counted.lines += write_mailboxes_of_structures(&mut line);
        }
        file.out.text(&line)?;
    }
    for place in 0..register.places() {
        let Some(entry) = register.entry(place) else { continue };
        let person = Person::of(register, &entry);
        for file in &mut *files {
            line.clear();
            file.counted.lines += match file.view {
                View::Open => activity_lines(register, &person, &mut line, open_line),
                View::Restricted => activity_lines(register, &person, &mut line, restricted_line),
                View::Skills => skill_lines(&person, &mut line),
                View::Diplomas => diploma_lines(&person, &mut line),
                View::Mailboxes => mailbox_lines(register, &person, &mut line),
            };
            file.counted.persons += 1;
            file.out.text(&line)?;
        }
        if place.is_multiple_of(10_000) {
            tell(place);
        }
    }
    Ok(())
}

/// A person of the register, spelt as the register spells.
pub(super) struct Person<'e> {
    pub entry: &'e Entry<'e>,
    pub national: String,
    pub surname: String,
    pub first_name: String,
}

impl<'e> Person<'e> {
    fn of(register: &Register<'_>, entry: &'e Entry<'e>) -> Self {
        let chance = &mut register.world.chance("register spelling", entry.place);
        let habits: &Habits = entry.habits();
        Self {
            entry,
            national: format!("8{}", entry.rpps),
            surname: habits.surname(&entry.civil.surname(entry.exercise), chance),
            first_name: habits.first_name(entry.civil.usual_first_name(), chance),
        }
    }
}

/// All that a line of one person's one activity is made of.
struct Line<'e> {
    person: &'e Person<'e>,
    entry: &'e Entry<'e>,
    practice: &'e Practice,
    activity: &'e Activity,
    address: &'e Address,
}

fn activity_lines(
    register: &Register<'_>,
    person: &Person<'_>,
    text: &mut String,
    write: fn(&Register<'_>, &Line<'_>, &mut String),
) -> u64 {
    let entry = person.entry;
    let figures = &register.world.figures;
    let filled = Filled {
        finess_on_hospital: figures.finess_on_hospital_lines,
        siret_on_cabinet: figures.siret_on_cabinet_lines,
    };
    let chance: &mut Chance = &mut register.world.chance("address", entry.place);
    let mut lines = 0;
    for practice in &entry.practices {
        for activity in &entry.activities {
            let address = activity
                .structure
                .map(|structure| structure.address(&person.surname, filled, chance))
                .unwrap_or_default();
            let line = Line { person, entry, practice, activity, address: &address };
            write(register, &line, text);
            lines += 1;
        }
    }
    lines
}

fn open_line(_: &Register<'_>, line: &Line<'_>, text: &mut String) {
    let (practice, address) = (line.practice, line.address);
    let (profession, profession_label) = profession(practice);
    let (role, role_label) = practice.role.map_or(("", ""), |role| (role.code, role.label));
    let (category, category_label) = practice.category.columns();
    let (title, title_label) = title(practice);
    let (civility, civility_label) = civility(line.entry);
    let (kind, kind_label) = skill_kind(practice);
    let (skill, skill_label) = practice.speciality.unwrap_or_default();
    let (mode, mode_label) = line.activity.mode.unwrap_or_default();
    let (section, section_label) = pharmacist_section(practice, address);
    let (genre, genre_label) = genre(line);
    fields(
        text,
        &[
            "8",
            &line.entry.rpps,
            &line.person.national,
            title,
            title_label,
            civility,
            civility_label,
            &line.person.surname,
            &line.person.first_name,
            profession,
            profession_label,
            category,
            category_label,
            kind,
            kind_label,
            skill,
            skill_label,
            mode,
            mode_label,
            &address.siret,
            &address.siren,
            &address.finess_et,
            &address.finess_ej,
            &address.technical,
            &address.name,
            &address.brand,
            "",
            "",
            &address.number,
            address.repeat,
            address.street_kind.0,
            address.street_kind.1,
            address.street,
            "",
            &address.delivery,
            &address.postcode,
            "",
            "",
            "",
            "",
            &address.phone,
            "",
            "",
            "",
            "",
            "",
            &address.former,
            authority(practice),
            address.sector.0,
            address.sector.1,
            section,
            section_label,
            role,
            role_label,
            genre,
            genre_label,
        ],
    );
}

fn restricted_line(register: &Register<'_>, line: &Line<'_>, text: &mut String) {
    let (practice, address, civil) = (line.practice, line.address, &line.entry.civil);
    let chance = &mut register.world.chance("restricted spelling", line.entry.place);
    let habits = line.entry.habits();
    let birth_name = habits.surname(civil.birth_name, chance);
    let [first, second, third] = civil
        .first_names
        .map(|name| name.map(|name| habits.first_name(name, chance)).unwrap_or_default());
    fields(
        text,
        &[
            "8",
            &line.entry.rpps,
            &line.person.national,
            &birth_name,
            &format!("{first}'{second}'{third}"),
            &civil.birth.format("%d/%m/%Y").to_string(),
            &commune(civil),
            civil.birth_place.country_code(),
            &civil.birth_place.label(),
            if civil.sex == Sex::Woman { "F" } else { "M" },
            "",
            "",
            civility(line.entry).0,
            profession(practice).0,
            practice.category.columns().0,
            title(practice).0,
            &line.person.surname,
            &line.person.first_name,
            skill_kind(practice).0,
            practice.speciality.unwrap_or_default().0,
            line.activity.mode.unwrap_or_default().0,
            address.sector.0,
            pharmacist_section(practice, address).0,
            practice.role.map_or("", |role| role.code),
            &address.siret,
            &address.siren,
            &address.finess_et,
            &address.finess_ej,
            &address.technical,
            &address.name,
            &address.brand,
            "",
            "",
            &address.number,
            address.repeat,
            address.street_kind.0,
            address.street,
            "",
            &address.delivery,
            &address.postcode,
            "",
            "",
            &address.phone,
            "",
            "",
            "",
            "",
            &address.former,
            authority(practice),
        ],
    );
}

fn skill_lines(person: &Person<'_>, text: &mut String) -> u64 {
    let Person { entry, national, surname, first_name } = person;
    let mut lines = 0;
    for practice in &entry.practices {
        let Some((skill, skill_label)) = practice.speciality else { continue };
        let ((code, label), (category, category_label)) =
            (profession(practice), practice.category.columns());
        let (kind, kind_label) = skill_kind(practice);
        fields(
            text,
            &[
                "8",
                &entry.rpps,
                national,
                surname,
                first_name,
                code,
                label,
                category,
                category_label,
                kind,
                kind_label,
                skill,
                skill_label,
            ],
        );
        lines += 1;
    }
    lines
}

fn diploma_lines(person: &Person<'_>, text: &mut String) -> u64 {
    let Person { entry, national, surname, first_name } = person;
    let mut lines = 0;
    for practice in &entry.practices {
        let Some(profession) = practice.profession else { continue };
        let label = profession.diploma_label();
        fields(
            text,
            &[
                "8",
                &entry.rpps,
                national,
                surname,
                first_name,
                "DE",
                "Diplôme d'Etat français",
                profession.diploma.0,
                &label,
                "",
                "",
                "",
                "",
            ],
        );
        lines += 1;
    }
    lines
}

/// One line: each field followed by `|`, the last too.
pub(super) fn fields(text: &mut String, fields: &[&str]) {
    for field in fields {
        text.push_str(field);
        text.push('|');
    }
    text.push('\n');
}

pub(super) fn profession(practice: &Practice) -> (&'static str, &'static str) {
    practice.profession.map_or(("", ""), |profession| (profession.code, profession.label))
}

pub(super) fn title(practice: &Practice) -> (&'static str, &'static str) {
    let doctor = practice.profession.is_some_and(|profession| profession.is_doctor());
    let student = practice.category == super::entries::Category::Student;
    if doctor && !student { ("DR", "Docteur") } else { ("", "") }
}

fn civility(entry: &Entry<'_>) -> (&'static str, &'static str) {
    match entry.civil.sex {
        Sex::Woman => ("MME", "Madame"),
        Sex::Man => ("M", "Monsieur"),
    }
}

fn skill_kind(practice: &Practice) -> (&'static str, &'static str) {
    practice.speciality.map_or(("", ""), |_| ("S", "Spécialité ordinale"))
}

fn pharmacist_section(practice: &Practice, address: &Address) -> (&'static str, &'static str) {
    match (practice.profession, address.sector.0) {
        (Some(profession), _) if profession.code != "21" => ("", ""),
        (None, _) | (_, "") => ("", ""),
        (_, "SA33") => ("A", "Pharmaciens titulaires d'officine"),
        _ => ("H", "Pharmaciens des établissements de santé"),
    }
}

fn genre(line: &Line<'_>) -> (&'static str, &'static str) {
    match (line.practice.role, line.activity.mode) {
        (_, None) => ("", ""),
        (Some(role), _) => role.genre,
        (None, Some(_)) => ("GENR01", "Activité de soin et de pharmacie"),
    }
}

fn authority(practice: &Practice) -> &'static str {
    practice.profession.map_or("ANS/ES/ANS", |profession| profession.authority)
}

fn commune(civil: &super::person::Civil<'_>) -> String {
    match civil.birth_place {
        super::places::BirthPlace::France(..) => civil.birth_place.code(),
        super::places::BirthPlace::Abroad(_) => String::new(),
    }
}
