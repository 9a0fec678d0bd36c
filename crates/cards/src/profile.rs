//! What the extensions of the cards' own arc say (tables G01, G02 and G15 of the NOS).
use crate::der::{INTEGER, OCTET_STRING, PRINTABLE_STRING, only, unsigned};
use crate::extensions::{
    BASIC_CONSTRAINTS, DISTRIBUTION_POINTS, EXTENDED_KEY_USAGE, Extensions, KEY_USAGE, POLICIES,
};
use crate::{CardFault, CardKind, CardRules};

const KIND: &[u8] = &[0x2a, 0x81, 0x7a, 0x01, 0x47, 0x01, 0x02, 0x02];
const CARD_NUMBER: &[u8] = &[0x2a, 0x81, 0x7a, 0x01, 0x47, 0x01, 0x02, 0x03];
const CATEGORY: &[u8] = &[0x2a, 0x81, 0x7a, 0x01, 0x47, 0x01, 0x02, 0x05];
const PROFESSION: &[u8] = &[0x2a, 0x81, 0x7a, 0x01, 0x47, 0x01, 0x02, 0x07];

/// Those that may be critical, since they are read. Policies are not held against a card: those of production are not
/// published (`cps-igc-sante.md` §12).
pub(crate) const UNDERSTOOD: &[&[u8]] = &[
    KEY_USAGE,
    BASIC_CONSTRAINTS,
    DISTRIBUTION_POINTS,
    POLICIES,
    EXTENDED_KEY_USAGE,
    KIND,
    CARD_NUMBER,
    CATEGORY,
    PROFESSION,
];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub kind: CardKind,
    pub is_test: bool,
    pub card_number: String,
    pub profession: Option<u32>,
}

impl Profile {
    pub fn read(extensions: &Extensions<'_>, rules: &CardRules) -> Result<Self, CardFault> {
        let is_test = is_test(extensions)?;
        if is_test && !rules.test_cards {
            return Err(CardFault::Test);
        }
        Ok(Self {
            kind: kind(extensions)?,
            is_test,
            card_number: card_number(extensions)?,
            profession: profession(extensions)?,
        })
    }
}

/// The top bit of G01 marks what is for tests.
fn is_test(extensions: &Extensions<'_>) -> Result<bool, CardFault> {
    let value = extensions.find(CATEGORY).ok_or(CardFault::CategoryMissing)?;
    match only(value, OCTET_STRING) {
        Some([0x00]) => Ok(false),
        Some([0x80]) => Ok(true),
        Some([0x02 | 0x03 | 0x82 | 0x83]) => Err(CardFault::OfNoCard),
        _ => Err(CardFault::KindUnknown),
    }
}

/// 2 and 3 are the cards of staff: they name a post in a structure.
fn kind(extensions: &Extensions<'_>) -> Result<CardKind, CardFault> {
    let value = extensions.find(KIND).ok_or(CardFault::KindUnknown)?;
    match number(value) {
        Some(0) => Ok(CardKind::Cps),
        Some(1) => Ok(CardKind::Cpf),
        Some(_) => Err(CardFault::OfNoPerson),
        None => Err(CardFault::KindUnknown),
    }
}

/// Issuer and number of the card: `8025000001/` and ten digits.
fn card_number(extensions: &Extensions<'_>) -> Result<String, CardFault> {
    let value = extensions.find(CARD_NUMBER).and_then(|value| only(value, PRINTABLE_STRING));
    let text = value.and_then(|text| std::str::from_utf8(text).ok());
    let own = text.and_then(|text| text.strip_prefix("8025000001/"));
    let well_formed =
        own.is_some_and(|own| own.len() == 10 && own.bytes().all(|byte| byte.is_ascii_digit()));
    text.filter(|_| well_formed).map(str::to_owned).ok_or(CardFault::NumberUnreadable)
}

fn profession(extensions: &Extensions<'_>) -> Result<Option<u32>, CardFault> {
    let Some(value) = extensions.find(PROFESSION) else { return Ok(None) };
    number(value).map(Some).ok_or(CardFault::ProfessionUnreadable)
}

fn number(value: &[u8]) -> Option<u32> {
    let bytes = only(value, INTEGER).and_then(unsigned)?;
    let fits = bytes.len() <= size_of::<u32>();
    fits.then(|| bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)))
}
