//! The extensions of a certificate, found by their identifiers and read byte by byte.
use crate::der::{BIT_STRING, BOOLEAN, OID, SEQUENCE, all, context, only};
use x509_parser::extensions::X509Extension;

pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
pub(crate) const DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
pub(crate) const POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
const CLIENT_AUTH: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02];

/// What a key may do: bits of the first byte of `keyUsage`.
pub(crate) const DIGITAL_SIGNATURE: u8 = 0x80;
pub(crate) const KEY_CERT_SIGN: u8 = 0x04;
pub(crate) const CRL_SIGN: u8 = 0x02;

/// An extension, or what it says, cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable;

pub(crate) struct Extensions<'a>(Vec<(&'a [u8], bool, &'a [u8])>);

impl<'a> Extensions<'a> {
    /// None may stand twice: which one would count?
    pub fn read(read: &'a [X509Extension<'a>]) -> Result<Self, Unreadable> {
        let mut found: Vec<(&[u8], bool, &[u8])> = Vec::with_capacity(read.len());
        for extension in read {
            let oid = extension.oid.as_bytes();
            if found.iter().any(|(known, ..)| *known == oid) {
                return Err(Unreadable);
            }
            found.push((oid, extension.critical, extension.value));
        }
        Ok(Self(found))
    }

    pub fn find(&self, oid: &[u8]) -> Option<&'a [u8]> {
        self.0.iter().find(|(known, ..)| *known == oid).map(|(.., value)| *value)
    }

    /// Whether each one that must be understood is among these.
    pub fn are_understood(&self, known: &[&[u8]]) -> bool {
        self.0.iter().all(|(oid, critical, _)| !critical || known.contains(oid))
    }

    pub fn is_authority(&self) -> Result<bool, Unreadable> {
        let Some(value) = self.find(BASIC_CONSTRAINTS) else { return Ok(false) };
        let parts = only(value, SEQUENCE).and_then(all).ok_or(Unreadable)?;
        match parts.first() {
            None => Ok(false),
            Some(first) if first.tag == BOOLEAN && first.content == [0x00] => Ok(false),
            Some(first) if first.tag == BOOLEAN && first.content == [0xff] => Ok(true),
            Some(_) => Err(Unreadable),
        }
    }

    /// The first byte of `keyUsage`; without it a key may do nothing here, whatever RFC 5280 lets it.
    pub fn key_usage(&self) -> Result<u8, Unreadable> {
        let Some(value) = self.find(KEY_USAGE) else { return Ok(0) };
        match only(value, BIT_STRING) {
            Some([unused @ 0..=7, first]) => Ok(first & (0xff << unused)),
            Some([0..=7, first, _]) => Ok(*first),
            _ => Err(Unreadable),
        }
    }

    /// Whether the key may log in to a server. `anyExtendedKeyUsage` does not count.
    pub fn has_client_auth(&self) -> Result<bool, Unreadable> {
        let Some(value) = self.find(EXTENDED_KEY_USAGE) else { return Ok(false) };
        let uses = only(value, SEQUENCE).and_then(all).ok_or(Unreadable)?;
        if uses.iter().any(|one| one.tag != OID) {
            return Err(Unreadable);
        }
        Ok(uses.iter().any(|one| one.content == CLIENT_AUTH))
    }

    /// The names of the places where the lists of this certificate's own authority are put.
    pub fn distribution_points(&self) -> Result<Vec<&'a [u8]>, Unreadable> {
        let Some(value) = self.find(DISTRIBUTION_POINTS) else { return Ok(Vec::new()) };
        let points = only(value, SEQUENCE).and_then(all).ok_or(Unreadable)?;
        let mut names = Vec::new();
        for point in points {
            let parts = all(point.content).ok_or(Unreadable)?;
            // A list there is signed by somebody else.
            let by_another = parts.iter().any(|part| part.tag == context(2));
            let place = parts.iter().find(|part| part.tag == context(0));
            if let (false, Some(place)) = (by_another, place) {
                names.extend(point_names(place.content).ok_or(Unreadable)?);
            }
        }
        Ok(names)
    }
}

/// The full names in a `DistributionPointName`; one that is relative to its issuer has none.
pub(crate) fn point_names(choice: &[u8]) -> Option<Vec<&[u8]>> {
    let choices = all(choice)?;
    let [choice] = choices.as_slice() else { return None };
    if choice.tag != context(0) {
        return Some(Vec::new());
    }
    Some(all(choice.content)?.into_iter().map(|name| name.whole).collect())
}
