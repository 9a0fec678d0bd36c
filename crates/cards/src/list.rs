//! A list of revoked cards (RFC 5280 §5), believed once its authority is known to have signed it.
use crate::CardAuthorities;
use crate::authority::Authority;
use crate::der::{
    BOOLEAN, Der, INTEGER, OCTET_STRING, OID, SEQUENCE, Value, all, context, only, unsigned,
};
use crate::extensions::point_names;
use crate::signed::{SignatureFault, Signed};
use chrono::{DateTime, Duration, Utc};
use sha2::{Digest, Sha256};
use x509_parser::pem::Pem;

/// Cards in use are below a million, those revoked a part of them.
const MOST_BYTES: usize = 64 * 1024 * 1024;
const MOST_ENTRIES: usize = 2_000_000;
/// Clocks differ by so much.
const AHEAD: Duration = Duration::minutes(5);

const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 0x23];
const LIST_NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
const DELTA: &[u8] = &[0x55, 0x1d, 0x1b];
const ISSUING_POINT: &[u8] = &[0x55, 0x1d, 0x1c];

/// Why a list is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ListFault {
    #[error("it is larger than a list of cards can be")]
    TooLarge,
    #[error("it is no list of revoked certificates")]
    Unreadable,
    #[error("none of the pinned authorities issued it")]
    AuthorityUnknown,
    #[error("its authority may not sign lists")]
    AuthorityMayNot,
    #[error("its signature is made in a way that is not believed any more")]
    SignatureWeak,
    #[error("its authority did not sign it")]
    SignatureWrong,
    #[error("it tells only what changed since another list")]
    Delta,
    #[error("it leaves out certificates of cards, or some reasons, or speaks for others")]
    Partial,
    #[error("it bears an extension that must be understood and is not")]
    ExtensionUnknown,
    #[error("it bears no number")]
    NumberMissing,
    #[error("it does not say when the next one comes")]
    NextUpdateMissing,
    #[error("it is of a time to come, or ends before it begins")]
    Dates,
    #[error("a newer one is held or was seen")]
    Older,
}

impl ListFault {
    /// Its word in the journal, which stays.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "list_too_large",
            Self::Unreadable => "list_unreadable",
            Self::AuthorityUnknown => "list_authority_unknown",
            Self::AuthorityMayNot => "list_authority_may_not",
            Self::SignatureWeak => "list_signature_weak",
            Self::SignatureWrong => "list_signature_wrong",
            Self::Delta => "list_delta",
            Self::Partial => "list_partial",
            Self::ExtensionUnknown => "list_extension_unknown",
            Self::NumberMissing => "list_number_missing",
            Self::NextUpdateMissing => "list_next_update_missing",
            Self::Dates => "list_dates",
            Self::Older => "list_older",
        }
    }
}

/// The number of a certificate: RFC 5280 gives it twenty bytes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Serial([u8; 20]);

impl Serial {
    pub fn read(content: &[u8]) -> Option<Self> {
        let bytes = unsigned(content)?;
        let mut padded = [0; 20];
        padded.get_mut(20usize.checked_sub(bytes.len())?..)?.copy_from_slice(bytes);
        Some(Self(padded))
    }
}

/// A list whose signature by one of the pinned authorities was verified, indexed by serial.
#[derive(Clone)]
pub struct RevocationList {
    authority: String,
    scope: Option<Scope>,
    number: String,
    this_update: DateTime<Utc>,
    next_update: DateTime<Utc>,
    /// In order.
    serials: Vec<Serial>,
}

/// The list speaks for the certificates that name one of these places.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    mark: String,
    names: Vec<Vec<u8>>,
}

impl RevocationList {
    /// DER or PEM. Before the signature is known to be good nothing is read but the frame and the name of the issuer (CP-07).
    pub fn read(
        bytes: &[u8],
        authorities: &CardAuthorities,
        now: DateTime<Utc>,
    ) -> Result<Self, ListFault> {
        if bytes.len() > MOST_BYTES {
            return Err(ListFault::TooLarge);
        }
        if !bytes.starts_with(b"-----BEGIN ") {
            return read(bytes, authorities, now);
        }
        let (block, _) =
            Pem::read(std::io::Cursor::new(bytes)).map_err(|_| ListFault::Unreadable)?;
        if block.label != "X509 CRL" {
            return Err(ListFault::Unreadable);
        }
        read(&block.contents, authorities, now)
    }

    /// The authority that signed it: its fingerprint, as [`crate::AuthorityLine`] has it.
    pub fn authority(&self) -> &str {
        &self.authority
    }
    /// Present when the list speaks only for certificates that name its place: SHA-256 of that place, in hexadecimal. Numbers
    /// are compared among lists of one authority and one scope.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_ref().map(|scope| scope.mark.as_str())
    }
    /// In hexadecimal, lower case, without zeros before it. Compared by `is_older_than`, never as text.
    pub fn number(&self) -> &str {
        &self.number
    }
    pub fn this_update(&self) -> DateTime<Utc> {
        self.this_update
    }
    pub fn next_update(&self) -> DateTime<Utc> {
        self.next_update
    }
    pub fn len(&self) -> usize {
        self.serials.len()
    }
    pub fn is_empty(&self) -> bool {
        self.serials.is_empty()
    }

    /// Whether its number is lower than this one, which is written as `number` writes it.
    pub fn is_older_than(&self, number: &str) -> bool {
        let number = number.trim_start_matches('0');
        let own = self.number.trim_start_matches('0');
        (own.len(), own) < (number.len(), number)
    }

    pub(crate) fn names(&self, serial: &Serial) -> bool {
        self.serials.binary_search(serial).is_ok()
    }

    /// Whether it speaks for a certificate that names these places.
    pub(crate) fn covers(&self, points: &[&[u8]]) -> bool {
        let Some(scope) = &self.scope else { return true };
        scope.names.iter().any(|name| points.contains(&name.as_slice()))
    }
}

impl std::fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RevocationList")
            .field("authority", &self.authority)
            .field("number", &self.number)
            .field("next_update", &self.next_update)
            .field("len", &self.serials.len())
            .finish_non_exhaustive()
    }
}

fn read(
    der: &[u8],
    authorities: &CardAuthorities,
    now: DateTime<Utc>,
) -> Result<RevocationList, ListFault> {
    let signed = Signed::read(der).ok_or(ListFault::Unreadable)?;
    let mut parts = Der::new(only(signed.body, SEQUENCE).ok_or(ListFault::Unreadable)?);
    let second_version = parts.take_if(INTEGER).is_some_and(|version| version.content == [1]);
    let algorithm = parts.take_as(SEQUENCE).ok_or(ListFault::Unreadable)?.whole;
    let name = parts.take_as(SEQUENCE).ok_or(ListFault::Unreadable)?.whole;
    let authority = signer(&signed, algorithm, name, authorities)?;
    // A list of the first version has no number.
    if !second_version {
        return Err(ListFault::NumberMissing);
    }
    let this_update = parts.take_time().ok_or(ListFault::Unreadable)?;
    let next_update = parts.clone().take_time().ok_or(ListFault::NextUpdateMissing)?;
    parts.take();
    if this_update > now + AHEAD || next_update <= this_update {
        return Err(ListFault::Dates);
    }
    let entries = parts.take_if(SEQUENCE);
    let extensions = parts.take_if(context(0));
    if !parts.is_empty() {
        return Err(ListFault::Unreadable);
    }
    let said = read_extensions(extensions)?;
    Ok(RevocationList {
        authority: authority.line.fingerprint.clone(),
        scope: said.scope,
        number: said.number,
        this_update,
        next_update,
        serials: read_entries(entries.map_or(&[], |entries| entries.content))?,
    })
}

fn signer<'a>(
    signed: &Signed<'_>,
    algorithm: &[u8],
    name: &[u8],
    authorities: &'a CardAuthorities,
) -> Result<&'a Authority, ListFault> {
    let mut fault = ListFault::AuthorityUnknown;
    for authority in authorities.named(name) {
        match signed.verify(algorithm, &authority.key) {
            Ok(()) if authority.signs_lists => return Ok(authority),
            Ok(()) => fault = ListFault::AuthorityMayNot,
            Err(SignatureFault::Weak) => fault = ListFault::SignatureWeak,
            Err(SignatureFault::Wrong) => fault = ListFault::SignatureWrong,
        }
    }
    Err(fault)
}

/// Whoever is named is revoked, for whatever reason: a list that is no delta takes nobody off.
fn read_entries(content: &[u8]) -> Result<Vec<Serial>, ListFault> {
    let mut entries = Der::new(content);
    let mut serials = Vec::new();
    while !entries.is_empty() {
        if serials.len() >= MOST_ENTRIES {
            return Err(ListFault::TooLarge);
        }
        let entry = entries.take_as(SEQUENCE).ok_or(ListFault::Unreadable)?;
        let mut parts = Der::new(entry.content);
        let serial = parts.take_as(INTEGER).ok_or(ListFault::Unreadable)?;
        parts.take().ok_or(ListFault::Unreadable)?; // when: it is revoked now
        if let Some(extensions) = parts.take_if(SEQUENCE) {
            for (_, critical, _) in extensions_of(extensions.content)? {
                // One of them says that the entry is of another authority.
                if critical {
                    return Err(ListFault::ExtensionUnknown);
                }
            }
        }
        if !parts.is_empty() {
            return Err(ListFault::Unreadable);
        }
        serials.push(Serial::read(serial.content).ok_or(ListFault::Unreadable)?);
    }
    serials.sort_unstable();
    serials.dedup();
    Ok(serials)
}

struct Said {
    number: String,
    scope: Option<Scope>,
}

fn read_extensions(outer: Option<Value<'_>>) -> Result<Said, ListFault> {
    let inner = outer.map(|outer| only(outer.content, SEQUENCE).ok_or(ListFault::Unreadable));
    let (mut number, mut scope, mut seen) = (None, None, Vec::new());
    for (oid, critical, value) in extensions_of(inner.transpose()?.unwrap_or_default())? {
        if seen.contains(&oid) {
            return Err(ListFault::Unreadable);
        }
        seen.push(oid);
        match oid {
            LIST_NUMBER => number = Some(read_number(value).ok_or(ListFault::Unreadable)?),
            DELTA => return Err(ListFault::Delta),
            ISSUING_POINT => scope = read_scope(value)?,
            AUTHORITY_KEY => {}
            _ if critical => return Err(ListFault::ExtensionUnknown),
            _ => {}
        }
    }
    Ok(Said { number: number.ok_or(ListFault::NumberMissing)?, scope })
}

type Extension<'a> = (&'a [u8], bool, &'a [u8]);

fn extensions_of<'a>(content: &'a [u8]) -> Result<Vec<Extension<'a>>, ListFault> {
    let read = |one: Value<'a>| {
        let mut parts = Der::new((one.tag == SEQUENCE).then_some(one.content)?);
        let oid = parts.take_as(OID)?.content;
        let critical = parts.take_if(BOOLEAN).is_some_and(|critical| critical.content != [0]);
        let value = parts.take_as(OCTET_STRING)?.content;
        parts.is_empty().then_some((oid, critical, value))
    };
    let all = all(content).ok_or(ListFault::Unreadable)?;
    all.into_iter().map(read).collect::<Option<Vec<_>>>().ok_or(ListFault::Unreadable)
}

fn read_number(value: &[u8]) -> Option<String> {
    let bytes = only(value, INTEGER).and_then(unsigned).filter(|bytes| bytes.len() <= 20)?;
    let text = hex::encode(bytes);
    let text = text.trim_start_matches('0');
    Some(if text.is_empty() { "0".to_owned() } else { text.to_owned() })
}

/// The place alone may be said, and that it is for users' certificates: anything else leaves cards or reasons out.
fn read_scope(value: &[u8]) -> Result<Option<Scope>, ListFault> {
    let parts = only(value, SEQUENCE).and_then(all).ok_or(ListFault::Unreadable)?;
    let mut scope = None;
    for part in parts {
        match part.tag {
            0xa0 if scope.is_none() => scope = Some(read_place(&part)?),
            0xa0 => return Err(ListFault::Unreadable),
            0x81 => {}
            _ => return Err(ListFault::Partial),
        }
    }
    Ok(scope)
}

fn read_place(place: &Value<'_>) -> Result<Scope, ListFault> {
    let names = point_names(place.content).ok_or(ListFault::Unreadable)?;
    if names.is_empty() {
        return Err(ListFault::Partial);
    }
    let mark = hex::encode(Sha256::digest(place.whole));
    Ok(Scope { mark, names: names.into_iter().map(<[u8]>::to_vec).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use demo::cards::der::{integer, sequence, value};

    #[test]
    fn cp_07_more_entries_than_there_are_cards_are_refused() {
        let entry = sequence(&[integer(&[1]), value(0x17, &[b"261124070000Z".to_vec()])]);
        let most = entry.repeat(MOST_ENTRIES);
        assert_eq!(read_entries(&most).map(|serials| serials.len()), Ok(1));
        let more = entry.repeat(MOST_ENTRIES + 1);
        assert_eq!(read_entries(&more).err(), Some(ListFault::TooLarge));
    }
}
