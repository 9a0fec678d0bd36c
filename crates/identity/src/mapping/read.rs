//! From TOML to a `Mapping`, every fault told at once.
use super::walk::{Section, Walk};
use super::{
    Brake, Brakes, CsvSettings, DEFAULT_GRACE_DAYS, DirectorySettings, Encoding, FieldRule,
    LdifSettings, Mapping, MappingFault, Reader, Schedule, Target, Transform,
};
use crate::SourceKind;
use crate::nearest::nearest;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::{DeArray, DeTable, DeValue};

const DEFAULT_FILTER: &str = "(&(objectCategory=person)(objectClass=user))";
/// A definition is a page of settings, not a data file.
const LONGEST: usize = 256 * 1024;

pub(super) fn mapping(text: &str) -> Result<Mapping, Vec<MappingFault>> {
    let mut walk = Walk::new(text);
    if text.len() > LONGEST {
        walk.fault(0, "fichier", "définition de plus de 256 Kio");
        return Err(walk.faults);
    }
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let at = error.span().map_or(0, |span| span.start);
        walk.fault(at, "TOML", format!("écriture incorrecte ({})", error.message()));
    }
    if !errors.is_empty() {
        return Err(walk.faults);
    }
    let mut root = Section::new("", 0, document.get_ref());
    let head = root.section(&mut walk, "source");
    if head.is_none() && !walk.faults.iter().any(|fault| fault.key == "source") {
        walk.fault(0, "source", "section obligatoire absente");
    }
    let source = head.and_then(|head| source(&mut walk, head));
    let fields = fields(&mut walk, &mut root);
    let brakes = brakes(&mut walk, &mut root);
    let grace_days = grace(&mut walk, &mut root);
    let schedule = schedule(&mut walk, &mut root);
    root.close(&mut walk);
    let fields = match &source {
        Some((_, reader)) => complete(&mut walk, reader, fields),
        None => fields,
    };
    walk.faults.sort_by_key(|fault| fault.line);
    match source {
        Some((name, reader)) if walk.faults.is_empty() => {
            Ok(Mapping { name, reader, fields, brakes, grace_days, schedule })
        }
        _ => Err(walk.faults),
    }
}

fn source(walk: &mut Walk<'_>, mut section: Section<'_, '_>) -> Option<(String, Reader)> {
    let name = section.needed_text(walk, "name").and_then(|(name, at)| {
        let allowed =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
        let good = name.len() <= 40 && name.bytes().all(allowed);
        if !good {
            let message = "au plus 40 caractères parmi a-z, 0-9, - et _";
            walk.fault(at, &section.key("name"), message);
        }
        good.then_some(name)
    });
    let kind = section.needed_text(walk, "kind").and_then(|(kind, at)| {
        let known = SourceKind::from_name(&kind);
        if known.is_none() {
            let message =
                format!("« {kind} » inconnu ; attendu : hr_csv, active_directory ou ldif");
            walk.fault(at, &section.key("kind"), message);
        }
        known
    })?;
    let reader = match kind {
        SourceKind::HrCsv => csv(walk, &mut section).map(Reader::HrCsv),
        SourceKind::ActiveDirectory => directory(walk, &mut section).map(Reader::ActiveDirectory),
        SourceKind::Ldif => {
            let base = section.text(walk, "base").map(|(base, _)| base);
            path(walk, &mut section, "path").map(|path| Reader::Ldif(LdifSettings { path, base }))
        }
    };
    section.close(walk);
    Some((name?, reader?))
}

fn csv(walk: &mut Walk<'_>, section: &mut Section<'_, '_>) -> Option<CsvSettings> {
    let path = path(walk, section, "path");
    let encoding = match section.text(walk, "encoding") {
        None => Some(Encoding::Auto),
        Some((word, at)) => match word.as_str() {
            "auto" => Some(Encoding::Auto),
            "utf-8" => Some(Encoding::Utf8),
            "windows-1252" => Some(Encoding::Windows1252),
            _ => {
                let message = "attendu : auto, utf-8 ou windows-1252";
                walk.fault(at, &section.key("encoding"), message);
                None
            }
        },
    };
    let delimiter = match section.text(walk, "delimiter") {
        None => Some(b';'),
        Some((mark, at)) => match mark.as_bytes() {
            [mark] if mark.is_ascii_punctuation() && !b"\"'".contains(mark) => Some(*mark),
            [b'\t'] => Some(b'\t'),
            _ => {
                let message = "un seul signe de ponctuation ASCII, ou \"\\t\", est attendu";
                walk.fault(at, &section.key("delimiter"), message);
                None
            }
        },
    };
    let finess_ej = match section.text(walk, "finess_ej") {
        None => Some(None),
        Some((text, at)) => {
            let finess = text.parse().ok();
            if finess.is_none() {
                walk.fault(
                    at,
                    &section.key("finess_ej"),
                    "un numéro FINESS de 9 caractères est attendu",
                );
            }
            finess.map(Some)
        }
    };
    let open_last_line = section.boolean(walk, "open_last_line").unwrap_or(false);
    Some(CsvSettings {
        path: path?,
        open_last_line,
        encoding: encoding?,
        delimiter: delimiter?,
        finess_ej: finess_ej?,
    })
}

fn directory(walk: &mut Walk<'_>, section: &mut Section<'_, '_>) -> Option<DirectorySettings> {
    let url = section.needed_text(walk, "url").and_then(|(url, at)| {
        let rest = url.strip_prefix("ldaps://").map(|rest| rest.trim_end_matches('/'));
        let good = rest.is_some_and(|rest| {
            !rest.is_empty()
                && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
        });
        if !good {
            let message = "ldaps://hôte[:port] est attendu ; sans TLS, aucun mot de passe ne part";
            walk.fault(at, &section.key("url"), message);
        }
        good.then_some(url)
    });
    let base = section.needed_text(walk, "base").map(|(base, _)| base);
    let bind_dn = section.needed_text(walk, "bind_dn").map(|(dn, _)| dn);
    let password_file = path(walk, section, "password_file");
    let ca_file = match section.take("ca_file") {
        Some(_) => path(walk, section, "ca_file").map(Some),
        None => Some(None),
    };
    let filter = match section.text(walk, "filter") {
        None => Some(DEFAULT_FILTER.to_owned()),
        Some((filter, at)) => {
            let balanced = filter.starts_with('(')
                && filter.ends_with(')')
                && filter.matches('(').count() == filter.matches(')').count();
            if !balanced {
                walk.fault(at, &section.key("filter"), "filtre LDAP mal parenthésé");
            }
            balanced.then_some(filter)
        }
    };
    let page_size = bounded(walk, section, "page_size", 1..=1000, 500);
    let timeout_seconds = bounded(walk, section, "timeout_seconds", 1..=600, 30);
    let read_tombstones = section.boolean(walk, "read_tombstones").unwrap_or(false);
    Some(DirectorySettings {
        url: url?,
        base: base?,
        filter: filter?,
        bind_dn: bind_dn?,
        password_file: password_file?,
        ca_file: ca_file?,
        page_size,
        read_tombstones,
        timeout_seconds,
    })
}

fn bounded(
    walk: &mut Walk<'_>,
    section: &mut Section<'_, '_>,
    key: &'static str,
    within: std::ops::RangeInclusive<u64>,
    usual: u32,
) -> u32 {
    section.integer(walk, key, within).and_then(|number| number.try_into().ok()).unwrap_or(usual)
}

/// A path never climbs: what it may reach is judged again when the file is opened.
fn path(walk: &mut Walk<'_>, section: &mut Section<'_, '_>, key: &'static str) -> Option<String> {
    let (path, at) = section.needed_text(walk, key)?;
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", &path));
    let fault = if path.split('/').any(|part| part == "..") {
        Some("un chemin ne peut pas remonter par « .. »")
    } else if path.chars().any(char::is_control) {
        Some("caractère de contrôle dans un chemin")
    } else if folder.contains(['*', '?']) {
        Some("un joker n’est permis que dans le nom du fichier")
    } else if file.is_empty() {
        Some("le nom du fichier manque")
    } else if key != "path" && file.contains(['*', '?']) {
        Some("un joker n’est pas permis ici")
    } else {
        None
    };
    if let Some(message) = fault {
        walk.fault(at, &section.key(key), message);
    }
    fault.is_none().then_some(path)
}

fn fields(walk: &mut Walk<'_>, root: &mut Section<'_, '_>) -> Vec<FieldRule> {
    let Some(value) = root.take("field") else { return Vec::new() };
    let Some(array) = value.get_ref().as_array() else {
        walk.fault(value.span().start, "field", "s’écrit [[field]], une fois par colonne");
        return Vec::new();
    };
    let mut rules: Vec<FieldRule> = Vec::new();
    for (place, item) in array.iter().enumerate() {
        let key = format!("field[{}]", place + 1);
        let at = item.span().start;
        let Some(table) = item.get_ref().as_table() else {
            walk.fault(at, &key, "une section est attendue");
            continue;
        };
        let Some(rule) = field(walk, Section::new(key.clone(), at, table)) else { continue };
        if rules.iter().any(|other| other.to == rule.to) {
            let message = format!("le champ « {} » est déjà alimenté plus haut", rule.to.name());
            walk.fault(at, &format!("{key}.to"), message);
        }
        rules.push(rule);
    }
    rules
}

fn field(walk: &mut Walk<'_>, mut section: Section<'_, '_>) -> Option<FieldRule> {
    let column = section.needed_text(walk, "column").map(|(column, _)| column.trim().to_owned());
    let to = section.needed_text(walk, "to").and_then(|(word, at)| {
        let target = Target::from_name(&word);
        if target.is_none() {
            let names = Target::ALL.map(Target::name);
            let message = match nearest(&word, names) {
                Some(near) => format!("champ « {word} » inconnu ; le plus proche : « {near} »"),
                None => format!("champ « {word} » inconnu ; attendus : {}", names.join(", ")),
            };
            walk.fault(at, &section.key("to"), message);
        }
        target
    });
    let transform = transform(walk, &mut section, to);
    section.close(walk);
    Some(FieldRule { column: column?, to: to?, transform: transform? })
}

fn transform(
    walk: &mut Walk<'_>,
    section: &mut Section<'_, '_>,
    to: Option<Target>,
) -> Option<Transform> {
    let table = section.section(walk, "table");
    let table_at = table.as_ref().map(Section::at);
    let named = match section.text(walk, "transform") {
        None => to.map(Target::natural_transform).map(|natural| (natural, section.at())),
        Some((word, at)) => match Transform::from_name(&word) {
            Some(transform) => Some((transform, at)),
            None => {
                let message =
                    format!("« {word} » inconnu ; attendus : {}", Transform::NAMES.join(", "));
                walk.fault(at, &section.key("transform"), message);
                None
            }
        },
    };
    let (transform, at) = named?;
    let transform = match (transform, table) {
        (Transform::Table(_), Some(table)) => Transform::Table(table_values(walk, table, to)?),
        (Transform::Table(_), None) => {
            walk.fault(at, &section.key("table"), "la table de valeurs manque");
            return None;
        }
        (_, Some(_)) => {
            let at = table_at.unwrap_or(at);
            let message = "n’a de sens qu’avec transform = \"table\"";
            walk.fault(at, &section.key("table"), message);
            return None;
        }
        (other, None) => other,
    };
    if let Some(to) = to.filter(|to| !transform.suits(*to)) {
        let message = format!("ce transformateur ne convient pas au champ « {} »", to.name());
        walk.fault(at, &section.key("transform"), message);
        return None;
    }
    Some(transform)
}

fn table_values(
    walk: &mut Walk<'_>,
    table: Section<'_, '_>,
    to: Option<Target>,
) -> Option<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let mut good = true;
    for (key, value) in table.entries() {
        let name: &str = key.get_ref();
        let Some(text) = value.get_ref().as_str() else {
            walk.fault(value.span().start, &table.key(name), "un texte est attendu");
            good = false;
            continue;
        };
        if let Some(expected) = to.and_then(|to| crate::value::table_value_fault(to, text)) {
            walk.fault(value.span().start, &table.key(name), format!("attendu : {expected}"));
            good = false;
        }
        values.insert(crate::value::upper(name), text.to_owned());
    }
    good.then_some(values)
}

/// What each kind demands of its fields, and what it has when none is written.
fn complete(walk: &mut Walk<'_>, reader: &Reader, fields: Vec<FieldRule>) -> Vec<FieldRule> {
    match reader {
        Reader::HrCsv(_) => {
            if !fields.iter().any(|rule| rule.to == Target::Matricule) && walk.faults.is_empty() {
                let message = "aucune colonne n’alimente « matricule », la clé de cette source";
                walk.fault(0, "field", message);
            }
            fields
        }
        Reader::ActiveDirectory(_) | Reader::Ldif(_) if fields.is_empty() => {
            Mapping::directory_fields()
        }
        Reader::ActiveDirectory(_) | Reader::Ldif(_) => {
            let of_post: BTreeSet<&str> = fields
                .iter()
                .filter(|rule| rule.to.is_of_post())
                .map(|rule| rule.to.name())
                .collect();
            if !of_post.is_empty() {
                let names = of_post.into_iter().collect::<Vec<_>>().join(", ");
                let message = format!("un annuaire n’alimente pas les affectations ({names})");
                walk.fault(0, "field", message);
            }
            fields
        }
    }
}

fn brakes(walk: &mut Walk<'_>, root: &mut Section<'_, '_>) -> Brakes {
    let mut brakes = Brakes::default();
    let Some(mut section) = root.section(walk, "brakes") else { return brakes };
    brakes.creations = brake(walk, &mut section, "creations", brakes.creations);
    brakes.changes = brake(walk, &mut section, "changes", brakes.changes);
    brakes.closings = brake(walk, &mut section, "closings", brakes.closings);
    brakes.absences = brake(walk, &mut section, "absences", brakes.absences);
    brakes.unit_closings = brake(walk, &mut section, "unit_closings", brakes.unit_closings);
    section.close(walk);
    brakes
}

fn brake(
    walk: &mut Walk<'_>,
    section: &mut Section<'_, '_>,
    key: &'static str,
    usual: Brake,
) -> Brake {
    let Some(mut table) = section.section(walk, key) else { return usual };
    let share = table.share(walk, "share").unwrap_or(usual.share);
    let count = table.integer(walk, "count", 0..=10_000_000).unwrap_or(usual.count);
    table.close(walk);
    Brake { share, count }
}

fn grace(walk: &mut Walk<'_>, root: &mut Section<'_, '_>) -> u32 {
    let Some(mut section) = root.section(walk, "absence") else { return DEFAULT_GRACE_DAYS };
    let days = bounded(walk, &mut section, "grace_days", 1..=365, DEFAULT_GRACE_DAYS);
    section.close(walk);
    days
}

fn schedule(walk: &mut Walk<'_>, root: &mut Section<'_, '_>) -> Schedule {
    let Some(mut section) = root.section(walk, "schedule") else { return Schedule::ByHand };
    let every = section.integer(walk, "every_minutes", 5..=10_080);
    let at = section.take("at");
    let schedule = match (every, at) {
        (Some(_), Some(value)) => {
            walk.fault(value.span().start, "schedule.at", "exclut every_minutes");
            Schedule::ByHand
        }
        (Some(every), None) => Schedule::EveryMinutes(every.try_into().unwrap_or(u32::MAX)),
        (None, Some(value)) => {
            let times = value.get_ref().as_array().and_then(times);
            if times.is_none() {
                let message = "une liste d’heures est attendue, par exemple [\"06:00\"]";
                walk.fault(value.span().start, "schedule.at", message);
            }
            times.map_or(Schedule::ByHand, Schedule::At)
        }
        (None, None) => Schedule::ByHand,
    };
    section.close(walk);
    schedule
}

fn times(array: &DeArray<'_>) -> Option<Vec<u32>> {
    let time = |value: &DeValue<'_>| {
        let (hours, minutes) = value.as_str()?.split_once(':')?;
        let two = |text: &str| (text.len() == 2).then(|| text.parse::<u32>().ok()).flatten();
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
    };
    let mut times = array.iter().map(|value| time(value.get_ref())).collect::<Option<Vec<_>>>()?;
    times.sort_unstable();
    times.dedup();
    (!times.is_empty() && times.len() <= 96).then_some(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::strategy::Strategy;

    const HR: &str = r#"
[source]
name = "rh"
kind = "hr_csv"
path = "hr-v*.csv"
finess_ej = "990000010"

[[field]]
column = "MATRICULE"
to = "matricule"

[[field]]
column = "DT_NAISSANCE"
to = "birth_date"
transform = "date_fr"

[[field]]
column = "GRADE"
to = "profession"
transform = "table"
table = { "Praticien  hospitalier" = "10" }

[brakes]
closings = { share = 0.01, count = 3 }

[absence]
grace_days = 30

[schedule]
at = ["13:00", "06:00"]
"#;

    const AD: &str = r#"
[source]
name = "ad"
kind = "active_directory"
url = "ldaps://dc1.hopital.test"
base = "DC=hopital,DC=test"
bind_dn = "svc-hygie@hopital.test"
password_file = "ad-password"
"#;

    #[test]
    fn a_mapping_says_what_the_page_says() {
        let hr = mapping(HR).expect("mapping");
        assert_eq!((hr.name.as_str(), hr.kind(), hr.grace_days), ("rh", SourceKind::HrCsv, 30));
        assert_eq!(hr.brakes.closings, Brake { share: 0.01, count: 3 });
        assert_eq!(hr.brakes.creations, Brakes::default().creations);
        assert_eq!(hr.schedule, Schedule::At(vec![360, 780]));
        assert_eq!(hr.column_of(Target::BirthDate), Some("DT_NAISSANCE"));
        let table = BTreeMap::from([("PRATICIEN HOSPITALIER".to_owned(), "10".to_owned())]);
        assert_eq!(hr.fields[2].transform, Transform::Table(table));
        let ad = mapping(AD).expect("mapping");
        assert_eq!(ad.fields, Mapping::directory_fields());
        let Reader::ActiveDirectory(settings) = &ad.reader else { panic!("{ad:?}") };
        assert_eq!((settings.page_size, settings.read_tombstones), (500, false));
        assert_eq!(settings.filter, DEFAULT_FILTER);
        assert_eq!((ad.grace_days, ad.schedule), (DEFAULT_GRACE_DAYS, Schedule::ByHand));
    }

    #[test]
    fn every_fault_is_told_at_once_with_its_line() {
        let text = r#"
[source]
name = "R H"
kind = "hr_csv"
path = "../hr.csv"
encodage = "utf-8"
base = "DC=x"

[[field]]
column = "MATRICULE"
to = "matricul"

[[field]]
column = "NOM"
to = "birth_family"
transform = "date_fr"

[[field]]
column = "SEXE"
to = "sex"
transform = "table"
table = { M = "Homme", Z = "?" }

[brakes]
closings = { share = 12, count = -1 }

[absense]
grace_days = 14
"#;
        let faults = mapping(text).expect_err("faults");
        let told: Vec<_> = faults.iter().map(|fault| (fault.line, fault.key.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "source.name"),
                (5, "source.path"),
                (6, "source.encodage"),
                (7, "source.base"),
                (11, "field[1].to"),
                (16, "field[2].transform"),
                (22, "field[3].table.Z"),
                (25, "brakes.closings.share"),
                (25, "brakes.closings.count"),
                (27, "absense"),
            ]
        );
        assert_eq!(
            faults[2].to_string(),
            "ligne 6, « source.encodage » : clé inconnue ; la plus proche : « encoding »"
        );
        assert_eq!(
            faults[4].message,
            "champ « matricul » inconnu ; le plus proche : « matricule »"
        );
    }

    #[test]
    fn what_would_be_unsafe_is_refused() {
        let hr = |from: &str, to: &str| mapping(&HR.replace(from, to));
        let ad = |from: &str, to: &str| mapping(&AD.replace(from, to));
        for (parsed, key) in [
            (hr("hr-v*.csv", "/depot/*/hr.csv"), "source.path"),
            (hr("hr-v*.csv", "a/../../etc/shadow"), "source.path"),
            (hr("\"hr-v*.csv\"", "12"), "source.path"),
            (hr("MATRICULE", ""), "field[1].column"),
            (hr("to = \"matricule\"", "to = \"birth_date\""), "field[2].to"),
            (hr("to = \"matricule\"", "to = \"given\""), "field"),
            (hr("[schedule]", "[schedule]\nevery_minutes = 60"), "schedule.at"),
            (hr("06:00", "25:00"), "schedule.at"),
            (hr("[source]", "[source"), "TOML"),
            (hr("hr_csv", "xlsx"), "source.kind"),
            (ad("ldaps://", "ldap://"), "source.url"),
            (ad("dc1.hopital.test\"", "dc1.hopital.test/x?y\""), "source.url"),
            (ad("base = ", "filter = \"(objectClass=user\"\nbase = "), "source.filter"),
            (ad("base = ", "page_size = 100000\nbase = "), "source.page_size"),
            (ad("password_file = \"ad-password\"", "password = \"x\""), "source.password_file"),
            (ad("ad-password\"", "x\"\n[[field]]\ncolumn='title'\nto='unit_code'"), "field"),
            (mapping(""), "source"),
            (mapping("source = 1"), "source"),
        ] {
            let faults = parsed.expect_err(key);
            assert!(faults.iter().any(|fault| fault.key == key), "{key}: {faults:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(
            pieces in proptest::collection::vec(
                proptest::prop_oneof![
                    proptest::sample::select(vec![
                        "[source]", "\n", "name", "kind", "path", "=", "'hr_csv'", "'x'", "[[field]]",
                        "column", "to", "'matricule'", "table", "{", "}", "[brakes]", "1", "[", "]", "at",
                        "[schedule]", "''", "\"", ".", ",", "é",
                    ]).prop_map(str::to_owned),
                    ".{0,4}",
                ],
                0..60,
            )
        ) {
            for fault in mapping(&pieces.join(" ")).err().into_iter().flatten() {
                proptest::prop_assert!(fault.line >= 1);
            }
        }
    }
}
