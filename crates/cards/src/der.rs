//! A reader of DER that allocates nothing and knows one form of each length: what it cannot read is absent.
//!
//! Lists of revoked cards hold hundreds of thousands of entries and reach us before their signature is known to be good
//! (CP-07), so the reader is small enough to be seen through.
use chrono::{DateTime, Utc};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// Constructed and of the context: `[number]`.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub tag: u8,
    pub content: &'a [u8],
    /// With tag and length.
    pub whole: &'a [u8],
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn take(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // Tags of several bytes stand in nothing that is read here.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
                let shortest = bytes[0] != 0 && length >= 0x80;
                (shortest.then_some(length)?, rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Some(Value { tag, content, whole })
    }

    /// The next value, which must bear this tag.
    pub fn take_as(&mut self, tag: u8) -> Option<Value<'a>> {
        self.take().filter(|value| value.tag == tag)
    }

    /// The next value, if it bears this tag; else it stays.
    pub fn take_if(&mut self, tag: u8) -> Option<Value<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.take()).flatten()
    }

    pub fn take_time(&mut self) -> Option<DateTime<Utc>> {
        time(&self.take()?)
    }
}

/// The content of the one value that these bytes are, with nothing behind it.
pub(crate) fn only(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Der::new(bytes);
    let value = reader.take_as(tag)?;
    reader.is_empty().then_some(value.content)
}

/// The values in a row that these bytes are; `None` when one of them cannot be read.
pub(crate) fn all(bytes: &[u8]) -> Option<Vec<Value<'_>>> {
    let mut reader = Der::new(bytes);
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.take()?);
    }
    Some(found)
}

/// A whole number that is not negative, without the zeros before it; zero is empty.
pub(crate) fn unsigned(content: &[u8]) -> Option<&[u8]> {
    let positive = content.first().is_some_and(|first| first & 0x80 == 0);
    let zeros = content.iter().take_while(|byte| **byte == 0).count();
    positive.then(|| &content[zeros..])
}

fn time(value: &Value<'_>) -> Option<DateTime<Utc>> {
    let (rest, time) = ASN1Time::from_der(value.whole).ok()?;
    DateTime::from_timestamp(time.timestamp(), 0).filter(|_| rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_length_has_one_form() {
        let long = [&[0x04, 0x81, 0x80][..], &[7; 128]].concat();
        assert_eq!(only(&long, OCTET_STRING), Some(&[7; 128][..]));
        for bad in [
            &[0x04][..],
            &[0x04, 0x80, 0x00, 0x00],
            &[0x04, 0x81, 0x01, 0x07],
            &[0x04, 0x82, 0x00, 0x01, 0x07],
            &[0x04, 0x85, 0, 0, 0, 0, 1, 7],
            &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff],
            &[0x1f, 0x01, 0x00],
            &[0x04, 0x02, 0x07],
            &[0x04, 0x01, 0x07, 0x00],
        ] {
            assert_eq!(only(bad, bad[0]), None, "{bad:02x?}");
        }
    }

    #[test]
    fn numbers_have_no_sign_and_no_zeros_before_them() {
        for (content, expected) in [
            (&[][..], None),
            (&[0x80], None),
            (&[0x00], Some(&[][..])),
            (&[0x00, 0x80], Some(&[0x80])),
            (&[0x01, 0x00], Some(&[0x01, 0x00])),
        ] {
            assert_eq!(unsigned(content), expected, "{content:02x?}");
        }
    }
}
