//! An entry of a directory, live or exported, becomes a line: the attributes that were asked for, under the names they
//! were asked by.
use crate::ldif::LdifEntry;
use identity::{ACCOUNT_ATTRIBUTES, DISTINGUISHED_NAME, LOGIN, Line, Mapping, OBJECT_GUID};
use std::collections::BTreeMap;

/// Between the values of an attribute that has several.
const SEPARATOR: &str = "\u{1f}";
/// Bytes even when they happen to be readable.
const BINARY: [&str; 4] = [OBJECT_GUID, "objectSid", "mS-DS-ConsistencyGuid", "thumbnailPhoto"];

/// The attributes asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked(Vec<String>);

impl Asked {
    pub(crate) fn new(mapping: &Mapping) -> Self {
        let mut names: Vec<String> = ACCOUNT_ATTRIBUTES.map(str::to_owned).to_vec();
        for rule in &mapping.fields {
            if !names.iter().any(|name| name.eq_ignore_ascii_case(&rule.column)) {
                names.push(rule.column.clone());
            }
        }
        Self(names)
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }

    pub(crate) fn line(&self, number: u64, entry: &Entry) -> Line {
        let mut columns = BTreeMap::new();
        for name in &self.0 {
            let mut values: Vec<String> =
                entry.values(name).iter().map(|value| text_of(name, value)).collect();
            // A directory gives them in no order.
            values.sort_unstable();
            if !values.is_empty() {
                columns.insert(name.clone(), values.join(SEPARATOR));
            }
        }
        columns.entry(DISTINGUISHED_NAME.to_owned()).or_insert_with(|| entry.dn.clone());
        Line { number, columns }
    }
}

/// One entry, wherever it comes from.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) dn: String,
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    pub(crate) fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// A person's or a service's account: the default filter's `objectCategory=person`, without its index.
    pub(crate) fn is_account(&self) -> bool {
        let classes = self.values("objectClass");
        let has = |name: &[u8]| classes.iter().any(|class| class.eq_ignore_ascii_case(name));
        match classes.is_empty() {
            true => !self.values(LOGIN).is_empty(),
            false => has(b"user") && !has(b"computer"),
        }
    }

    pub(crate) fn is_under(&self, base: &str) -> bool {
        is_under(&self.dn, base)
    }
}

/// Whether a name stands at or below another. Compared part by part, without regard to case and to spaces around commas.
pub(crate) fn is_under(dn: &str, base: &str) -> bool {
    let (dn, base) = (parts(dn), parts(base));
    dn.len() >= base.len() && dn[dn.len() - base.len()..] == base[..]
}

/// Cut at commas that no backslash escapes.
fn parts(dn: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in dn.chars() {
        if letter == ',' && !escaped {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.extend(letter.to_lowercase());
        }
        escaped = letter == '\\' && !escaped;
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// Options of a name (`;binary`, `;range=0-9`) say how, not what.
fn plain(name: &str) -> String {
    name.split(';').next().unwrap_or_default().to_ascii_lowercase()
}

fn text_of(name: &str, value: &[u8]) -> String {
    let binary = BINARY.iter().any(|other| other.eq_ignore_ascii_case(name));
    match (binary, std::str::from_utf8(value)) {
        (false, Ok(text)) => text.to_owned(),
        _ => hex::encode(value),
    }
}

impl From<LdifEntry> for Entry {
    fn from(entry: LdifEntry) -> Self {
        let mut attributes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (name, value) in entry.attributes {
            attributes.entry(plain(&name)).or_default().push(value);
        }
        Self { dn: entry.dn, attributes }
    }
}

impl From<outbound::ldap::Entry> for Entry {
    fn from(entry: outbound::ldap::Entry) -> Self {
        let mut attributes: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (name, values) in entry.attributes {
            attributes.entry(plain(&name)).or_default().extend(values);
        }
        Self { dn: entry.dn, attributes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ad_02_a_name_is_under_a_base_part_by_part() {
        let base = "OU=Personnel,DC=hopital,DC=test";
        for (dn, yes) in [
            ("CN=a,OU=Personnel,DC=hopital,DC=test", true),
            ("cn=a, ou=PERSONNEL, dc=hopital, dc=test", true),
            ("OU=Personnel,DC=hopital,DC=test", true),
            ("CN=a,OU=XPersonnel,DC=hopital,DC=test", false),
            ("CN=a\\,OU=Personnel,DC=hopital,DC=test", false),
            ("CN=a\\\\,OU=Personnel,DC=hopital,DC=test", true),
            ("CN=a,OU=Personnel,DC=hopital,DC=test,DC=evil", false),
            ("DC=test", false),
            ("", false),
        ] {
            assert_eq!(is_under(dn, base), yes, "{dn}");
        }
    }

    #[test]
    fn a_guid_made_of_readable_bytes_is_hex_all_the_same() {
        let attributes = BTreeMap::from([
            ("objectGUID".to_owned(), vec![b"ABCDEFGHIJKLMNOP".to_vec()]),
            ("sn;lang-fr".to_owned(), vec!["Le Goff".into()]),
            ("employeeID".to_owned(), vec![vec![0xff, 0xfe]]),
        ]);
        let entry = Entry::from(outbound::ldap::Entry { dn: "CN=a".to_owned(), attributes });
        let mapping =
            Mapping::parse("[source]\nname='ad'\nkind='ldif'\npath='x'\n").expect("mapping");
        let line = Asked::new(&mapping).line(1, &entry);
        let expected = [
            ("distinguishedName", "CN=a"),
            ("employeeID", "fffe"),
            ("objectGUID", "4142434445464748494a4b4c4d4e4f50"),
            ("sn", "Le Goff"),
        ];
        let expected: BTreeMap<_, _> =
            expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        assert_eq!(line.columns, expected);
    }
}
