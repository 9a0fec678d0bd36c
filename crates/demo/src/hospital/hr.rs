//! The payroll export: `;`, Windows-1252, one line a post, and the habits of payroll.
use super::chance::Chance;
use super::names::Sex;
use super::person::{Civil, NameUse, first_day, first_january};
use super::personas::KnownBirth;
use super::places::{BirthPlace, SITES};
use super::spelling::{self, PAYROLL};
use super::staff::{Agent, Given, Post};
use super::world::{Version, World};
use chrono::{Datelike, Duration, NaiveDate};

pub const COLUMNS: [&str; 22] = [
    "MATRICULE",
    "CIVILITE",
    "NOM_NAISSANCE",
    "NOM_USAGE",
    "PRENOM",
    "AUTRES_PRENOMS",
    "SEXE",
    "DT_NAISSANCE",
    "INSEE_NAISSANCE",
    "LIEU_NAISSANCE",
    "RPPS",
    "MAIL",
    "GRADE",
    "FONCTION",
    "UF",
    "LIB_UF",
    "FINESS_EJ",
    "FINESS_ET",
    "TYPE_CONTRAT",
    "QUOTITE",
    "DT_DEBUT",
    "DT_FIN",
];

/// Lines of the export of one version, without the header, as text not yet encoded.
pub fn lines(world: &World, staff: &[Agent<'_>], version: Version) -> Vec<String> {
    let mut lines = Vec::with_capacity(staff.len() + staff.len() / 10);
    for agent in staff.iter().filter(|agent| agent.since <= version) {
        let Some(end) = end_in(world, agent, version) else { continue };
        let known = Known::of(world, agent, version);
        for (nth, post) in agent.posts.iter().enumerate() {
            lines.push(line(world, agent, &known, (nth, post), (version, end)));
        }
    }
    lines.sort_unstable();
    lines
}

/// Of those who leave, half are shown once more with their end, half are simply no longer there.
fn end_in(world: &World, agent: &Agent<'_>, version: Version) -> Option<Option<NaiveDate>> {
    if agent.is_present(version) {
        return Some(None);
    }
    let shown = world.chance("departure shown", agent.number).hits(50_000);
    let last = first_day() + Duration::days(7 * (i64::from(agent.until) - 1) - 2);
    (shown && version == agent.until).then_some(Some(last))
}

/// Whether the export of this version has a line for them.
pub fn is_shown(world: &World, agent: &Agent<'_>, version: Version) -> bool {
    agent.since <= version && end_in(world, agent, version).is_some()
}

/// The birth date as payroll writes it, right or not.
pub fn birth_as_known(world: &World, agent: &Agent<'_>) -> String {
    let chance = &mut world.chance("hr birth", agent.number);
    birth(world, agent, chance)
}

/// What payroll knows of the person, with its faults: the same on each line and in each version.
struct Known {
    birth_name: String,
    usage_name: String,
    first_name: String,
    others: String,
    birth: String,
    birth_code: String,
    birth_label: String,
    rpps: String,
    sex: Sex,
}

impl Known {
    fn of(world: &World, agent: &Agent<'_>, version: Version) -> Self {
        let civil = &agent.civil;
        let names = Names::of(world, agent, version);
        let chance = &mut world.chance("hr birth", agent.number);
        let birth = birth(world, agent, chance);
        let (birth_code, birth_label) = birth_place(world, civil, chance);
        Self {
            birth_name: names.birth,
            usage_name: names.usage,
            first_name: names.first,
            others: names.others,
            birth,
            birth_code,
            birth_label,
            rpps: rpps(world, agent),
            sex: civil.sex,
        }
    }
}

struct Names {
    birth: String,
    usage: String,
    first: String,
    others: String,
}

impl Names {
    fn of(world: &World, agent: &Agent<'_>, version: Version) -> Self {
        let (civil, figures) = (&agent.civil, &world.figures);
        let chance = &mut world.chance("hr names", agent.number);
        let in_use = agent.usage_in_hr(version);
        let francised = civil.afar && chance.hits(figures.afar_first_name_francised);
        let given = civil.first_name();
        let known = francised.then(|| world.lexicon.francised(given)).flatten().unwrap_or(given);
        if agent.persona.is_some() {
            let upper = |name: &str| spelling::without_accents(name).to_uppercase();
            return Self {
                birth: upper(civil.birth_name),
                usage: upper(&civil.surname(in_use)),
                first: upper(civil.first_name()),
                others: String::new(),
            };
        }
        let mut birth = PAYROLL.surname(civil.birth_name, chance);
        // The same hand types both fields: one spelling when it is one name.
        let mut usage = match in_use {
            NameUse::Birth => birth.clone(),
            _ => PAYROLL.surname(&civil.surname(in_use), &mut chance.clone()),
        };
        let mut first = PAYROLL.first_name(known, chance);
        let others = civil.first_names[1..].iter().flatten();
        let others = others.map(|name| PAYROLL.first_name(name, chance));
        let others = others.collect::<Vec<_>>().join(" ");
        if chance.hits(figures.hr_name_misspelt) {
            match chance.below(3) {
                0 => first = spelling::misspelt(&first, chance),
                _ if birth == usage => {
                    birth = spelling::misspelt(&birth, chance);
                    usage.clone_from(&birth);
                }
                _ => usage = spelling::misspelt(&usage, chance),
            }
        }
        let swapped = match civil.afar {
            true => figures.afar_names_swapped,
            false => figures.hr_names_swapped,
        };
        if chance.hits(swapped) {
            std::mem::swap(&mut first, &mut birth);
            usage.clone_from(&birth);
        }
        if chance.hits(figures.hr_name_cut) {
            let longest = [10, 12, 20][chance.index(3)];
            (birth, usage) = (spelling::cut(&birth, longest), spelling::cut(&usage, longest));
            first = spelling::cut(&first, 10);
        }
        if chance.hits(figures.hr_only_one_surname) {
            match chance.below(2) {
                0 => birth.clear(),
                _ => usage.clear(),
            }
        }
        Self { birth, usage, first, others }
    }
}

fn birth(world: &World, agent: &Agent<'_>, chance: &mut Chance) -> String {
    let figures = &world.figures;
    let mut date = agent.civil.birth;
    match agent.persona.map(|persona| persona.known_birth) {
        Some(KnownBirth::Missing) => return String::new(),
        Some(KnownBirth::FirstJanuary) => {
            return first_january(date).format("%d/%m/%Y").to_string();
        }
        Some(KnownBirth::Right) => return date.format("%d/%m/%Y").to_string(),
        None => {}
    }
    if chance.hits(figures.hr_birth_date_missing) {
        return String::new();
    }
    if chance.hits(figures.hr_birth_date_first_january) {
        date = first_january(date);
    }
    if chance.hits(figures.hr_day_month_swapped) {
        date = NaiveDate::from_ymd_opt(date.year(), date.day(), date.month()).unwrap_or(date);
    }
    if chance.hits(figures.hr_birth_date_typo) {
        date = typed_wrong(date, chance);
    }
    written(world, date, chance)
}

/// One digit of the day, the month or the year off.
fn typed_wrong(date: NaiveDate, chance: &mut Chance) -> NaiveDate {
    let typed = match chance.below(3) {
        0 => date.with_day((date.day() % 10 + 1) + 10 * chance.index(2) as u32),
        1 => date.with_month(date.month() % 9 + 1),
        _ => date.with_year(date.year() + [-10, -1, 1, 10][chance.index(4)]),
    };
    typed.unwrap_or(date).min(first_day() - Duration::days(18 * 366))
}

/// Mostly dd/mm/yyyy; a few went through a spreadsheet or another export.
fn written(world: &World, date: NaiveDate, chance: &mut Chance) -> String {
    let figures = &world.figures;
    let odd = [figures.hr_date_iso, figures.hr_date_excel, figures.hr_date_short_year];
    let usual = super::chance::WHOLE - odd.iter().sum::<u32>();
    match chance.weigh(odd.into_iter().chain([usual])) {
        0 => date.format("%Y-%m-%d").to_string(),
        1 => excel_serial(date).to_string(),
        2 => date.format("%d/%m/%y").to_string(),
        _ => date.format("%d/%m/%Y").to_string(),
    }
}

/// Days since 1899-12-30, as spreadsheets count them.
pub fn excel_serial(date: NaiveDate) -> i64 {
    let start = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day of the calendar");
    (date - start).num_days()
}

fn birth_place(world: &World, civil: &Civil<'_>, chance: &mut Chance) -> (String, String) {
    let place = civil.birth_place;
    if !chance.hits(world.figures.hr_birth_place_present) {
        return (String::new(), String::new());
    }
    let variant = chance.hits(world.figures.hr_birth_place_variant);
    match place {
        BirthPlace::Abroad(_) if variant => ("99".to_owned(), place.label()),
        BirthPlace::Abroad(_) => (place.code(), place.label()),
        BirthPlace::France(..) => (place.code(), place.label()),
    }
}

/// The number as HR gives it, right or not.
pub fn rpps(world: &World, agent: &Agent<'_>) -> String {
    let own = || world.rpps_of_staff(agent.number);
    let chance = &mut world.chance("hr rpps", agent.number);
    match agent.given {
        Given::No => String::new(),
        Given::Right => own(),
        Given::Leading8 => format!("8{}", own()),
        Given::Colleague(number) => world.rpps_of_staff(number),
        Given::Namesake => world.rpps_of_namesake(agent.number),
        Given::Adeli => format!("{:02}{:07}", chance.between(1, 95), chance.below(10_000_000)),
        Given::Typo => {
            let mut digits: Vec<u8> = own().into_bytes();
            let place = 4 + chance.index(digits.len() - 4);
            let step = 1 + u8::try_from(chance.below(9)).expect("a digit");
            digits[place] = b'0' + (digits[place] - b'0' + step) % 10;
            String::from_utf8(digits).expect("digits")
        }
    }
}

fn line(
    world: &World,
    agent: &Agent<'_>,
    known: &Known,
    (nth, post): (usize, &Post),
    (version, end): (Version, Option<NaiveDate>),
) -> String {
    let site = &SITES[post.site];
    let unit = post.unit(version);
    let day = |date: NaiveDate| date.format("%d/%m/%Y").to_string();
    let whole_time = if agent.posts.len() > 1 { "50" } else { "100" };
    let mail = match world.chance("hr mail", agent.number * 2 + nth as u64).hits(90_000) {
        true => agent.mail.as_str(),
        false if agent.persona.is_some() => agent.mail.as_str(),
        false => "",
    };
    let (civility, sex) = match known.sex {
        Sex::Woman => ("MME", "F"),
        Sex::Man => ("M.", "M"),
    };
    [
        &agent.matricule,
        civility,
        &known.birth_name,
        &known.usage_name,
        &known.first_name,
        &known.others,
        sex,
        &known.birth,
        &known.birth_code,
        &known.birth_label,
        &known.rpps,
        mail,
        agent.job.grade,
        agent.job.function,
        unit.code,
        unit.label,
        site.finess_ej,
        site.finess_et,
        post.contract,
        whole_time,
        &day(post.from),
        &end.or(post.to).map(day).unwrap_or_default(),
    ]
    .join(";")
}

/// Header and lines, ended as Windows programs end them, in Windows-1252.
pub fn encode(lines: &[String]) -> Vec<u8> {
    let text = format!("{}\r\n{}\r\n", COLUMNS.join(";"), lines.join("\r\n"));
    let (bytes, _, _) = encoding_rs::WINDOWS_1252.encode(&text);
    bytes.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreadsheets_count_days_from_the_end_of_1899() {
        let date = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day");
        assert_eq!(excel_serial(date), 36_526);
    }
}
