//! One entry of a directory: every value as bytes, since what is text is for the reader to say.
use ldap3::asn1::{PL, StructureTag};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub dn: String,
    /// Names as the directory wrote them, options (`;range=0-1499`) included.
    pub attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl Entry {
    /// `SearchResultEntry ::= SEQUENCE { objectName, SEQUENCE OF SEQUENCE { type, SET OF value } }` (RFC 4511 §4.5.2).
    pub(super) fn read(tag: StructureTag) -> Option<Self> {
        let mut parts = children(tag)?.into_iter();
        let (dn, list) = (parts.next()?, parts.next()?);
        let dn = String::from_utf8(value(dn)?).ok()?;
        let mut attributes = BTreeMap::new();
        for attribute in children(list)? {
            let mut parts = children(attribute)?.into_iter();
            let (name, set) = (parts.next()?, parts.next()?);
            let name = String::from_utf8(value(name)?).ok()?;
            let values = children(set)?.into_iter().map(value).collect::<Option<Vec<_>>>()?;
            let before: &mut Vec<Vec<u8>> = attributes.entry(name).or_default();
            before.extend(values);
        }
        Some(Self { dn, attributes })
    }

    /// Values of an attribute, whatever the case its name was written in.
    pub fn values(&self, name: &str) -> &[Vec<u8>] {
        let mut same = self.attributes.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        same.next().map_or(&[], |(_, values)| values)
    }
}

fn children(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(children) => Some(children),
        PL::P(_) => None,
    }
}

fn value(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}
