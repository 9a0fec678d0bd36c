//! What a directory sends is weighed before it is read: the reader below descends by recursion and keeps all in memory,
//! so that a message too deep, too long or with children longer than their parent must never reach it.

const DEEPEST: usize = 24;
const LONGEST: usize = 16 * 1024 * 1024;
const MOST_ELEMENTS: usize = 250_000;
const SEQUENCE: u8 = 0x30;
const CONSTRUCTED: u8 = 0x20;
const LONG_TAG: u8 = 0x1f;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BerFault {
    #[error("not an LDAP message")]
    NotAMessage,
    #[error("a length that is not of LDAP")]
    Length,
    #[error("a message of more than 16 MiB")]
    TooLong,
    #[error("elements too deep")]
    TooDeep,
    #[error("too many elements")]
    TooMany,
    #[error("an element longer than what holds it")]
    Overflow,
}

/// Length of the message that begins here, header included; `None` until enough of it has come.
pub fn message_length(bytes: &[u8]) -> Result<Option<usize>, BerFault> {
    match bytes.first() {
        None => return Ok(None),
        Some(&SEQUENCE) => (),
        Some(_) => return Err(BerFault::NotAMessage),
    }
    let Some((header, length)) = header(bytes)? else { return Ok(None) };
    match header.checked_add(length) {
        Some(whole) if whole <= LONGEST => Ok(Some(whole)),
        _ => Err(BerFault::TooLong),
    }
}

/// Whether one whole element (a message, or the value of a control) is safe to read.
pub fn check_message(bytes: &[u8]) -> Result<(), BerFault> {
    if bytes.len() > LONGEST {
        return Err(BerFault::TooLong);
    }
    let mut ends = vec![bytes.len()];
    let (mut at, mut elements) = (0, 0);
    while let Some(&end) = ends.last() {
        if at == end {
            ends.pop();
            continue;
        }
        elements += 1;
        if elements > MOST_ELEMENTS {
            return Err(BerFault::TooMany);
        }
        let rest = bytes.get(at..end).ok_or(BerFault::Overflow)?;
        let (header, length) = header(rest)?.ok_or(BerFault::Overflow)?;
        let whole = header.checked_add(length).filter(|whole| *whole <= rest.len());
        let whole = whole.ok_or(BerFault::Overflow)?;
        if rest[0] & CONSTRUCTED == 0 {
            at += whole;
            continue;
        }
        if ends.len() > DEEPEST {
            return Err(BerFault::TooDeep);
        }
        ends.push(at + whole);
        at += header;
    }
    Ok(())
}

/// Length of the header and of the content; `None` when the header is not whole.
fn header(bytes: &[u8]) -> Result<Option<(usize, usize)>, BerFault> {
    let [tag, first, rest @ ..] = bytes else { return Ok(None) };
    if tag & LONG_TAG == LONG_TAG {
        return Err(BerFault::NotAMessage);
    }
    if *first < 0x80 {
        return Ok(Some((2, usize::from(*first))));
    }
    let octets = usize::from(first & 0x7f);
    if !(1..=4).contains(&octets) {
        return Err(BerFault::Length);
    }
    let Some(octets_of_length) = rest.get(..octets) else { return Ok(None) };
    let length = octets_of_length.iter().fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
    Ok(Some((2 + octets, length)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Definite length, as short as can be.
    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = content.len();
        let mut bytes = match length {
            0..0x80 => vec![tag, length.to_le_bytes()[0]],
            0x80..0x1_0000 => vec![tag, 0x82, length.to_be_bytes()[6], length.to_be_bytes()[7]],
            _ => [&[tag, 0x84][..], &length.to_be_bytes()[4..]].concat(),
        };
        bytes.extend_from_slice(content);
        bytes
    }

    #[test]
    fn hostile_messages_never_reach_the_reader() {
        let fine = wrap(SEQUENCE, &[2, 1, 1, 0x64, 0]);
        assert_eq!(message_length(&fine), Ok(Some(fine.len())));
        assert_eq!(check_message(&fine), Ok(()));
        let deep = (0..5000).fold(Vec::new(), |inside, _| wrap(SEQUENCE, &inside));
        assert_eq!(check_message(&deep), Err(BerFault::TooDeep));
        let many = wrap(SEQUENCE, &[2, 0].repeat(MOST_ELEMENTS + 1));
        assert_eq!(check_message(&many), Err(BerFault::TooMany));
        assert_eq!(check_message(&[SEQUENCE, 2, 2, 9]), Err(BerFault::Overflow));
        assert_eq!(check_message(&[SEQUENCE, 9, 2, 0]), Err(BerFault::Overflow));
        for (bytes, length) in [
            (&b""[..], Ok(None)),
            (b"\x30", Ok(None)),
            (b"\x30\x84\x01", Ok(None)),
            (b"\x30\x84\x7f\xff\xff\xff", Err(BerFault::TooLong)),
            (b"\x30\x80", Err(BerFault::Length)),
            (b"\x30\x88\0\0\0\0\0\0\0\x01", Err(BerFault::Length)),
            (b"HTTP/1.1 400", Err(BerFault::NotAMessage)),
        ] {
            assert_eq!(message_length(bytes), length, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_what_it_accepts_can_be_read(
            bytes in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            let _length = message_length(&bytes);
            if !bytes.is_empty() && check_message(&bytes).is_ok() {
                prop_assert!(ldap3::asn1::parse_tag(&bytes).is_ok());
            }
        }
    }
}
