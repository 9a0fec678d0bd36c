//! Whose card it is, read from the bytes of the subject by their identifiers and never from a text of it (CP-03).
use crate::CardFault;
use crate::der::{Der, OID, PRINTABLE_STRING, SEQUENCE, SET, UTF8_STRING, Value, all, only};
use kernel::{IdNat, IdNatPrefix};

const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// `SN` here is the surname, not a serial number.
const SURNAME: &[u8] = &[0x55, 0x04, 0x04];
const GIVEN_NAME: &[u8] = &[0x55, 0x04, 0x2a];
const LONGEST: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    pub id_nat: IdNat,
    pub family: String,
    pub given: String,
}

impl Holder {
    /// Number, surname and given name stand once each, together in one part of the subject, in whatever order their bytes
    /// sort to.
    pub fn read(subject: &[u8]) -> Result<Self, CardFault> {
        let parts = only(subject, SEQUENCE).and_then(all).ok_or(CardFault::Unreadable)?;
        let mut named: Option<[Option<Value<'_>>; 3]> = None;
        for part in parts {
            let here = names_in(&part)?;
            if here.iter().all(Option::is_none) {
                continue;
            }
            if named.replace(here).is_some() {
                return Err(CardFault::NameUnreadable);
            }
        }
        let Some([Some(number), Some(family), Some(given)]) = named else {
            return Err(CardFault::NameUnreadable);
        };
        let id_nat = national_id(&text(&number)?)?;
        Ok(Self { id_nat, family: text(&family)?, given: text(&given)? })
    }
}

fn names_in<'a>(part: &Value<'a>) -> Result<[Option<Value<'a>>; 3], CardFault> {
    let attributes = (part.tag == SET).then(|| all(part.content)).flatten();
    let mut found = [None; 3];
    for attribute in attributes.ok_or(CardFault::Unreadable)? {
        let (oid, value) = attribute_of(&attribute).ok_or(CardFault::Unreadable)?;
        let place = [COMMON_NAME, SURNAME, GIVEN_NAME].iter().position(|name| *name == oid);
        if let Some(place) = place
            && found[place].replace(value).is_some()
        {
            return Err(CardFault::NameUnreadable);
        }
    }
    Ok(found)
}

fn attribute_of<'a>(attribute: &Value<'a>) -> Option<(&'a [u8], Value<'a>)> {
    let mut parts = Der::new((attribute.tag == SEQUENCE).then_some(attribute.content)?);
    let oid = parts.take_as(OID)?.content;
    let value = parts.take()?;
    parts.is_empty().then_some((oid, value))
}

/// Letters that show what they are. T61String and BMPString are none: what they spell depends on who reads them.
fn text(value: &Value<'_>) -> Result<String, CardFault> {
    let read = std::str::from_utf8(value.content).map_err(|_| CardFault::NameUnreadable)?;
    let of_its_kind = match value.tag {
        UTF8_STRING => true,
        PRINTABLE_STRING => read.chars().all(is_printable),
        _ => false,
    };
    let plain = of_its_kind
        && !read.trim().is_empty()
        && read.chars().count() <= LONGEST
        && !read.chars().any(|letter| letter.is_control() || is_unseen(letter));
    plain.then(|| read.to_owned()).ok_or(CardFault::NameUnreadable)
}

/// X.680 §41.4.
fn is_printable(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || " '()+,-./:=?".contains(letter)
}

/// Marks that turn the direction of a text or stand in it unseen.
fn is_unseen(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(letter, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A professional's own number: `8` and her RPPS, or `0` and the ADELI number of older cards. The numbers of a register of a
/// structure (`3…/…`, `5…`) name a post in it.
pub(crate) fn national_id(number: &str) -> Result<IdNat, CardFault> {
    if number.contains('/') {
        return Err(CardFault::OfNoPerson);
    }
    let id_nat: IdNat = number.parse().map_err(|_| CardFault::IdentityUnreadable)?;
    match id_nat.prefix() {
        IdNatPrefix::Rpps => Ok(id_nat),
        IdNatPrefix::Adeli if number.len() == 10 && number.bytes().all(is_adeli) => Ok(id_nat),
        IdNatPrefix::Adeli | IdNatPrefix::Other => Err(CardFault::IdentityUnreadable),
        IdNatPrefix::AdeliCabinet
        | IdNatPrefix::FinessRegister
        | IdNatPrefix::SirenRegister
        | IdNatPrefix::SiretRegister
        | IdNatPrefix::RppsCabinet => Err(CardFault::OfNoPerson),
    }
}

fn is_adeli(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_uppercase()
}
