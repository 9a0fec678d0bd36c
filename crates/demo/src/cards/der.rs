//! A writer of DER, as small as certificates and lists need it.
use chrono::{DateTime, Utc};

/// A value of this tag with these parts in a row.
pub fn value(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len();
    let mut written = vec![tag];
    if length < 0x80 {
        written.push(length.to_le_bytes()[0]);
    } else {
        let bytes: Vec<u8> =
            length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        written.push(0x80 | bytes.len().to_le_bytes()[0]);
        written.extend(bytes);
    }
    written.extend(content);
    written
}

pub fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    value(0x30, parts)
}

/// `[number]`, around what stands in it.
pub fn context(number: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    value(0xa0 | number, parts)
}

pub fn boolean(is: bool) -> Vec<u8> {
    value(0x01, &[vec![if is { 0xff } else { 0x00 }]])
}

/// Of bytes that are a number without sign, the highest first.
pub fn integer(bytes: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    value(0x02, &[content])
}

pub fn number(number: u64) -> Vec<u8> {
    integer(&number.to_be_bytes())
}

/// Whole bytes.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    value(0x03, &[vec![0], bytes.to_vec()])
}

pub fn octets(bytes: &[u8]) -> Vec<u8> {
    value(0x04, &[bytes.to_vec()])
}

pub fn utf8(text: &str) -> Vec<u8> {
    value(0x0c, &[text.as_bytes().to_vec()])
}

pub fn printable(text: &str) -> Vec<u8> {
    value(0x13, &[text.as_bytes().to_vec()])
}

/// `1.2.250.…`, each arc below 2^28.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u32> = dotted.split('.').map(|arc| arc.parse().expect("a dotted OID")).collect();
    let mut content = Vec::new();
    for arc in std::iter::once(arcs[0] * 40 + arcs[1]).chain(arcs[2..].iter().copied()) {
        let groups =
            [arc >> 21, arc >> 14, arc >> 7, arc].map(|group| (group & 0x7f).to_le_bytes()[0]);
        let first = groups.iter().position(|group| *group != 0).unwrap_or(3);
        content.extend(groups[first..3].iter().map(|group| group | 0x80));
        content.push(groups[3]);
    }
    value(0x06, &[content])
}

/// UTCTime until 2049, then GeneralizedTime (RFC 5280 §4.1.2.5).
pub fn time(at: DateTime<Utc>) -> Vec<u8> {
    let long = at.format("%Y%m%d%H%M%SZ").to_string();
    if long.as_str() < "2050" {
        return value(0x17, &[long.as_bytes()[2..].to_vec()]);
    }
    value(0x18, &[long.into_bytes()])
}

/// One extension.
pub fn extension(id: &str, critical: bool, content: &[u8]) -> Vec<u8> {
    let mut parts = vec![oid(id)];
    if critical {
        parts.push(boolean(true));
    }
    parts.push(octets(content));
    sequence(&parts)
}

/// A name of parts with one attribute each.
pub fn name(attributes: &[(&str, &str)]) -> Vec<u8> {
    let part = |(id, text): &(&str, &str)| value(0x31, &[attribute(id, &utf8(text))]);
    sequence(&attributes.iter().map(part).collect::<Vec<_>>())
}

pub fn attribute(id: &str, text: &[u8]) -> Vec<u8> {
    sequence(&[oid(id), text.to_vec()])
}
