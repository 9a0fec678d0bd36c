//! A FHIR R4 bundle of the Annuaire Santé (V2, and what is left of V1) becomes persons. Total: any bytes give persons
//! or a fault, and what is not understood is left out, never guessed.
use identity::register::{RemoteCard, RemotePerson};
use kernel::{DateTime, IdNat, NaiveDate, Utc};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Why an answer is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleFault {
    #[error("not JSON")]
    NotJson,
    #[error("a {0}, not a Bundle")]
    NotABundle(String),
}

/// What a page tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bundle {
    /// Gathered by national identity: one person may have several Practitioner resources.
    pub persons: Vec<RemotePerson>,
    /// The address of the next page, verbatim.
    pub next: Option<String>,
    /// Practitioner resources without a national identity that parses.
    pub left_out: u64,
}

const PROFESSIONS: [&str; 2] = ["TRE_G15-ProfessionSante", "TRE_R95-UsagerTitre"];
const CATEGORY: &str = "TRE_R09-CategorieProfessionnelle";
const SKILL_TYPE: &str = "TRE_R04-TypeSavoirFaire";
const ROLES: [&str; 3] =
    ["TRE_R85-RolePriseCharge", "TRE_R96-AutreFonctionSanitaire", "TRE_R21-Fonction"];

/// Reads one page.
pub fn read_bundle(bytes: &[u8]) -> Result<Bundle, BundleFault> {
    let document: Value = serde_json::from_slice(bytes).map_err(|_| BundleFault::NotJson)?;
    let kind = text(&document, "resourceType").unwrap_or("JSON document");
    if kind != "Bundle" {
        return Err(BundleFault::NotABundle(kind.chars().take(40).collect()));
    }
    let mut bundle = Bundle { next: next_page(&document), ..Bundle::default() };
    let mut persons: BTreeMap<IdNat, RemotePerson> = BTreeMap::new();
    // A role names its practitioner by the technical id, which means nothing outside of this page.
    let mut by_reference: HashMap<String, IdNat> = HashMap::new();
    for resource in resources(&document).filter(|it| is(it, "Practitioner")) {
        let Some(person) = practitioner(resource) else {
            bundle.left_out += 1;
            continue;
        };
        if let Some(id) = text(resource, "id") {
            by_reference.insert(format!("Practitioner/{id}"), person.id_nat.clone());
        }
        match persons.get_mut(&person.id_nat) {
            Some(known) => join(known, person),
            None => {
                persons.insert(person.id_nat.clone(), person);
            }
        }
    }
    for role in resources(&document).filter(|it| is(it, "PractitionerRole")) {
        let reference = role.get("practitioner").and_then(|it| text(it, "reference"));
        let person =
            reference.and_then(|it| by_reference.get(it)).and_then(|it| persons.get_mut(it));
        if let Some(person) = person {
            add_role(person, role);
        }
    }
    bundle.persons = persons.into_values().collect();
    Ok(bundle)
}

fn text<'json>(value: &'json Value, key: &str) -> Option<&'json str> {
    value.get(key)?.as_str()
}

fn list<'json>(value: &'json Value, key: &str) -> impl Iterator<Item = &'json Value> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}

fn resources(document: &Value) -> impl Iterator<Item = &Value> {
    list(document, "entry").filter_map(|entry| entry.get("resource"))
}

fn is(resource: &Value, kind: &str) -> bool {
    text(resource, "resourceType") == Some(kind)
}

fn next_page(document: &Value) -> Option<String> {
    let next = list(document, "link").find(|link| text(link, "relation") == Some("next"))?;
    text(next, "url").map(str::to_owned)
}

/// `None` without a national identity: what cannot be named cannot be compared.
fn practitioner(resource: &Value) -> Option<RemotePerson> {
    let id_nat = national_identity(resource)?;
    let name = list(resource, "name").next();
    let given = name.into_iter().flat_map(|name| list(name, "given")).filter_map(Value::as_str);
    let mut person = RemotePerson {
        id_nat,
        is_active: resource.get("active").and_then(Value::as_bool).unwrap_or(true),
        family: name.and_then(|name| text(name, "family")).unwrap_or_default().to_owned(),
        given: given.collect::<Vec<_>>().join(" "),
        professions: BTreeSet::new(),
        categories: BTreeSet::new(),
        roles: BTreeSet::new(),
        skills: BTreeSet::new(),
        practises: None,
        cards: list(resource, "extension").filter_map(card).collect(),
        mailboxes: list(resource, "telecom").filter_map(mailbox).collect(),
        updated_at: resource.get("meta").and_then(|meta| instant(text(meta, "lastUpdated")?)),
    };
    for qualification in list(resource, "qualification") {
        if let Some(code) = qualification.get("code") {
            add_qualification(&mut person, code);
        }
    }
    Some(person)
}

/// The slice IDNPS, or the RPPS with its prefix.
fn national_identity(resource: &Value) -> Option<IdNat> {
    let of_type = |wanted: &str| {
        list(resource, "identifier").find_map(|identifier| {
            let coded = identifier.get("type").into_iter().flat_map(|kind| list(kind, "coding"));
            let mut codes = coded.filter_map(|coding| text(coding, "code"));
            codes.any(|code| code == wanted).then(|| text(identifier, "value")).flatten()
        })
    };
    match of_type("IDNPS") {
        Some(value) => value.parse().ok(),
        None => Some(of_type("RPPS")?.parse::<kernel::Rpps>().ok()?.id_nat()),
    }
}

/// (table, code) of each coding; the system's last part names the table, `TRE_G15-ProfessionSante` or with `-`.
fn codings(concept: &Value) -> impl Iterator<Item = (String, &str)> {
    list(concept, "coding").filter_map(|coding| {
        let system = text(coding, "system")?;
        let table = system.split('/').find(|part| part.starts_with("TRE"))?;
        Some((table.replacen("TRE-", "TRE_", 1), text(coding, "code")?))
    })
}

fn add_qualification(person: &mut RemotePerson, code: &Value) {
    let (mut skill_type, mut skill) = (None, None);
    for (table, code) in codings(code) {
        let code = code.to_owned();
        match table.as_str() {
            table if PROFESSIONS.contains(&table) => {
                person.professions.insert(code);
            }
            CATEGORY => {
                person.categories.insert(code);
            }
            SKILL_TYPE => skill_type = Some(code),
            table if is_skill(table) => skill = Some(code),
            _ => {}
        }
    }
    if let (Some(kind), Some(code)) = (skill_type, skill) {
        person.skills.insert((kind, code));
    }
}

/// Tables R38 to R40, R42 to R45 and R97, one for each type of savoir-faire.
fn is_skill(table: &str) -> bool {
    const TABLES: [&str; 8] = ["R38", "R39", "R40", "R42", "R43", "R44", "R45", "R97"];
    table.strip_prefix("TRE_").and_then(|rest| rest.get(..3)).is_some_and(|it| TABLES.contains(&it))
}

fn add_role(person: &mut RemotePerson, role: &Value) {
    let is_active = role.get("active").and_then(Value::as_bool).unwrap_or(true);
    let somewhere = role.get("organization").is_some();
    let practises = person.practises.get_or_insert(false);
    *practises |= is_active && somewhere;
    if !is_active {
        return;
    }
    // One concept a slice, or all codings in one: both are met.
    for (table, code) in list(role, "code").flat_map(codings) {
        if ROLES.contains(&table.as_str()) {
            person.roles.insert(code.to_owned());
        }
    }
}

fn card(extension: &Value) -> Option<RemoteCard> {
    if !text(extension, "url")?.ends_with("/as-ext-smartcard") {
        return None;
    }
    let part = |name: &str| list(extension, "extension").find(|it| text(it, "url") == Some(name));
    let kind = part("type")?.get("valueCodeableConcept").and_then(|it| list(it, "coding").next());
    let period = part("period").and_then(|it| it.get("valuePeriod"));
    let day = |name: &str| period.and_then(|it| text(it, name)).and_then(date);
    Some(RemoteCard {
        kind: kind.and_then(|it| text(it, "code"))?.to_owned(),
        number: text(part("number")?, "valueString")?.to_owned(),
        from: day("start"),
        until: day("end"),
    })
}

fn mailbox(telecom: &Value) -> Option<String> {
    let coded = list(telecom, "extension")
        .filter_map(|it| it.get("valueCoding").or_else(|| it.get("valueCodeableConcept")));
    let mut is_mss = coded.filter_map(|it| text(it, "code"));
    let address = text(telecom, "value").filter(|it| it.contains('@'))?;
    (text(telecom, "system") == Some("email") && is_mss.any(|code| code == "MSSANTE"))
        .then(|| address.to_owned())
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A day, or the day of an instant.
fn date(text: &str) -> Option<NaiveDate> {
    text.get(..10)?.parse().ok()
}

/// Several resources of one person: what any of them says.
fn join(known: &mut RemotePerson, more: RemotePerson) {
    // A struck off resource beside an active one says nothing of the person.
    if more.is_active && !known.is_active {
        let before = std::mem::replace(known, more);
        return join(known, before);
    }
    known.professions.extend(more.professions);
    known.categories.extend(more.categories);
    known.roles.extend(more.roles);
    known.skills.extend(more.skills);
    for card in more.cards {
        if !known.cards.contains(&card) {
            known.cards.push(card);
        }
    }
    for address in more.mailboxes {
        if !known.mailboxes.contains(&address) {
            known.mailboxes.push(address);
        }
    }
    known.updated_at = known.updated_at.max(more.updated_at);
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNE: &str = include_str!("practitioner.json");

    fn bundle(entries: &[&str]) -> Vec<u8> {
        let entries: Vec<String> =
            entries.iter().map(|it| format!("{{\"resource\":{it}}}")).collect();
        let entries = entries.join(",");
        let next = r#"[{"relation":"self","url":"a"},{"relation":"next","url":"https://x/fhir/v2/_page?id=z"}]"#;
        format!(r#"{{"resourceType":"Bundle","link":{next},"entry":[{entries}]}}"#).into_bytes()
    }

    const ROLE: &str = r#"{"resourceType":"PractitionerRole","id":"005-1","active":true,
        "practitioner":{"reference":"Practitioner/003-9990001-9990001"},
        "organization":{"reference":"Organization/001-99-99000001"},
        "code":[{"coding":[{"system":"https://mos.esante.gouv.fr/NOS/TRE_R22-GenreActivite/FHIR/TRE-R22-GenreActivite","code":"GENR01"}]},
                {"coding":[{"system":"https://mos.esante.gouv.fr/NOS/TRE_R21-Fonction/FHIR/TRE-R21-Fonction","code":"FON-AU"}]}]}"#;

    #[test]
    fn a_practitioner_and_her_roles_become_one_person() {
        let read = read_bundle(&bundle(&[ANNE, ROLE])).expect("bundle");
        assert_eq!(read.next.as_deref(), Some("https://x/fhir/v2/_page?id=z"));
        assert_eq!((read.persons.len(), read.left_out), (1, 0));
        let anne = &read.persons[0];
        assert_eq!(anne.id_nat.as_str(), "899900001233");
        assert_eq!((anne.family.as_str(), anne.given.as_str()), ("LE GOFF-MARTIN", "ANNE-SOPHIE"));
        assert!(anne.is_active && anne.practises == Some(true));
        assert!(anne.professions.contains("10") && anne.categories.contains("C"));
        assert!(anne.skills.contains(&("S".to_owned(), "SM04".to_owned())));
        assert!(anne.roles.contains("FON-AU"));
        assert_eq!(anne.mailboxes, ["anne-sophie.legoff-martin@valbrume.mssante.example"]);
        assert_eq!(
            (anne.cards[0].kind.as_str(), anne.cards[0].number.as_str()),
            ("CPS", "2900000017")
        );
        assert_eq!(anne.cards[0].until, "2028-03-31".parse().ok());
        assert_eq!(anne.updated_at, "2026-01-15T02:12:00Z".parse().ok());
    }

    #[test]
    fn several_resources_of_one_person_are_gathered_by_her_number() {
        let nurse = ANNE
            .replace("\"code\": \"10\"", "\"code\": \"60\"")
            .replace("003-9990001-9990001", "003-2");
        let read = read_bundle(&bundle(&[ANNE, &nurse])).expect("bundle");
        assert_eq!(read.persons.len(), 1);
        assert_eq!(read.persons[0].professions.iter().collect::<Vec<_>>(), ["10", "60"]);
        assert_eq!(read.persons[0].cards.len(), 1);
    }

    #[test]
    fn a_struck_off_resource_tells_its_number_alone() {
        let gone = r#"{"resourceType":"Practitioner","id":"003-7","active":false,"identifier":[
            {"type":{"coding":[{"code":"RPPS"}]},"system":"https://rpps.esante.gouv.fr","value":"99900004567"}]}"#;
        let read = read_bundle(&bundle(&[gone])).expect("bundle");
        assert_eq!(read.persons[0].id_nat.as_str(), "899900004567");
        assert!(!read.persons[0].is_active && read.persons[0].family.is_empty());
        // Beside an active resource of the same person it says nothing.
        let other = gone.replace("99900004567", "99900001233");
        for order in [[ANNE, &other], [&other, ANNE]] {
            let read = read_bundle(&bundle(&order)).expect("bundle");
            assert!(read.persons[0].is_active && !read.persons[0].family.is_empty());
        }
    }

    #[test]
    fn what_is_no_bundle_is_a_fault_and_what_is_not_understood_is_left_out() {
        for (bytes, expected) in [
            (&b"<html>"[..], "not JSON"),
            (b"[]", "a JSON document, not a Bundle"),
            (br#"{"resourceType":"OperationOutcome"}"#, "a OperationOutcome, not a Bundle"),
        ] {
            assert_eq!(read_bundle(bytes).expect_err("no bundle").to_string(), expected);
        }
        let odd = [
            "{}",
            "7",
            r#"{"resourceType":"Practitioner"}"#,
            r#"{"resourceType":"Practitioner","identifier":[{"type":{"coding":[{"code":"IDNPS"}]},"value":"x"}]}"#,
            r#"{"resourceType":"Device","identifier":7}"#,
        ];
        let read = read_bundle(&bundle(&odd)).expect("bundle");
        assert_eq!((read.persons.len(), read.left_out), (0, 2));
    }
}
