//! RFC 2849, content records only: a record of changes, or a value kept in another file, is refused.
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const LONGEST_VALUE: usize = 1024 * 1024;
const MOST_ATTRIBUTES: usize = 20_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdifEntry {
    /// 1-based line of its `dn`.
    pub line: u64,
    pub dn: String,
    /// In the order of the file, names as written.
    pub attributes: Vec<(String, Vec<u8>)>,
}

/// Why the text cannot be believed. After one, nothing more comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LdifFault {
    pub line: u64,
    /// French.
    pub expected: &'static str,
    /// French, never a value.
    pub found: &'static str,
}

/// Entries of an LDIF text, one by one. Never panics, whatever the bytes.
pub fn parse_ldif(bytes: &[u8]) -> impl Iterator<Item = Result<LdifEntry, LdifFault>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut entries = Entries { lines: Lines { rest: bytes, number: 0 }, ended: false };
    std::iter::from_fn(move || {
        if entries.ended {
            return None;
        }
        let next = entries.next_entry().transpose();
        entries.ended = !matches!(next, Some(Ok(_)));
        next
    })
}

struct Entries<'b> {
    lines: Lines<'b>,
    ended: bool,
}

impl Entries<'_> {
    fn next_entry(&mut self) -> Result<Option<LdifEntry>, LdifFault> {
        loop {
            let Some(first) = self.first_line()? else { return Ok(None) };
            let (name, value) = pair(&first)?;
            match name.to_ascii_lowercase().as_str() {
                "dn" => return self.rest_of(&first, value).map(Some),
                // What ldapsearch writes around the entries.
                "version" if value == b"1" => (),
                "search" | "ref" => self.skip_record()?,
                _ => return Err(first.fault("« dn: » au début d’une entrée", "autre chose")),
            }
        }
    }

    fn first_line(&mut self) -> Result<Option<Logical>, LdifFault> {
        loop {
            match self.lines.next_logical()? {
                Some(line) if line.text.is_empty() => (),
                other => return Ok(other),
            }
        }
    }

    fn skip_record(&mut self) -> Result<(), LdifFault> {
        while let Some(line) = self.lines.next_logical()? {
            if line.text.is_empty() {
                break;
            }
        }
        Ok(())
    }

    fn rest_of(&mut self, first: &Logical, dn: Vec<u8>) -> Result<LdifEntry, LdifFault> {
        let dn = String::from_utf8(dn)
            .map_err(|_| first.fault("un nom distinctif en UTF-8", "d’autres octets"))?;
        let mut attributes = Vec::new();
        loop {
            // An entry ends with an empty line: without it, the rest of the entry may be cut off.
            let line = self.lines.next_logical()?.ok_or(LdifFault {
                line: self.lines.number,
                expected: "une ligne vide après la dernière entrée",
                found: "la fin du fichier : l’export est incomplet",
            })?;
            if line.text.is_empty() {
                return Ok(LdifEntry { line: first.number, dn, attributes });
            }
            let (name, value) = pair(&line)?;
            match name.to_ascii_lowercase().as_str() {
                "dn" => return Err(line.fault("une ligne vide entre deux entrées", "« dn: »")),
                "changetype" | "control" => {
                    return Err(line.fault("des entrées", "un enregistrement de modifications"));
                }
                _ => attributes.push((name, value)),
            }
            if attributes.len() > MOST_ATTRIBUTES {
                return Err(line.fault("une entrée de taille raisonnable", "trop de valeurs"));
            }
        }
    }
}

/// A line with its continuations, comments left out.
struct Logical {
    number: u64,
    text: Vec<u8>,
}

impl Logical {
    fn fault(&self, expected: &'static str, found: &'static str) -> LdifFault {
        LdifFault { line: self.number, expected, found }
    }
}

struct Lines<'b> {
    rest: &'b [u8],
    number: u64,
}

impl<'b> Lines<'b> {
    /// The next line of the file without its end; a last line without end is a cut.
    fn next_physical(&mut self) -> Result<Option<&'b [u8]>, LdifFault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or(LdifFault {
            line: self.number,
            expected: "une dernière ligne terminée",
            found: "une coupure : l’export est incomplet",
        })?;
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
    }

    fn next_logical(&mut self) -> Result<Option<Logical>, LdifFault> {
        loop {
            let Some(line) = self.next_physical()? else { return Ok(None) };
            let mut logical = Logical { number: self.number, text: line.to_vec() };
            if line.starts_with(b" ") {
                return Err(logical.fault("le début d’une ligne", "une suite de rien"));
            }
            while self.rest.starts_with(b" ") {
                let more = self.next_physical()?.unwrap_or_default();
                logical.text.extend_from_slice(&more[1..]);
                if logical.text.len() > LONGEST_VALUE {
                    return Err(logical.fault("une valeur de moins de 1 Mio", "une plus longue"));
                }
            }
            if logical.text.len() > LONGEST_VALUE {
                return Err(logical.fault("une valeur de moins de 1 Mio", "une plus longue"));
            }
            if logical.text.contains(&0) {
                return Err(logical.fault("du texte", "un octet nul"));
            }
            if !logical.text.starts_with(b"#") {
                return Ok(Some(logical));
            }
        }
    }
}

/// `name: value`, `name:: base64`.
fn pair(line: &Logical) -> Result<(String, Vec<u8>), LdifFault> {
    let colon = line.text.iter().position(|byte| *byte == b':');
    let colon = colon.ok_or_else(|| line.fault("« attribut: valeur »", "autre chose"))?;
    let (name, rest) = line.text.split_at(colon);
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-;.=*".contains(byte);
    if name.is_empty() || name.len() > 256 || !name.iter().all(allowed) {
        return Err(line.fault("un nom d’attribut", "autre chose"));
    }
    let name = String::from_utf8_lossy(name).into_owned();
    let value = match &rest[1..] {
        [b':', encoded @ ..] => STANDARD
            .decode(encoded.trim_ascii())
            .map_err(|_| line.fault("du base64 après « :: »", "d’autres octets"))?,
        [b'<', ..] => return Err(line.fault("une valeur", "un renvoi vers un autre fichier")),
        plain => plain.trim_ascii_start().to_vec(),
    };
    Ok((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn outcome(text: &str) -> Result<Vec<LdifEntry>, LdifFault> {
        parse_ldif(text.as_bytes()).collect()
    }

    #[test]
    fn entries_are_read_in_every_form_of_the_rfc() {
        let text = "version: 1\r\n\r\n# a comment\r\n #that goes on\r\n".replace(" #", "  ");
        let text = text
            + "dn: cn=a,\r\n dc=b\r\ncn: a\r\ndescription:: w6k=\r\nnote:  deux espaces\r\nempty:\r\n\r\n\r\nDN: cn=b\r\n\r\n";
        let entries = outcome(&text).expect("entries");
        assert_eq!(entries.len(), 2);
        assert_eq!((entries[0].line, entries[0].dn.as_str()), (5, "cn=a,dc=b"));
        let values: Vec<_> = entries[0]
            .attributes
            .iter()
            .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value).into_owned()))
            .collect();
        let expected = [("cn", "a"), ("description", "é"), ("note", "deux espaces"), ("empty", "")];
        assert_eq!(values, expected.map(|(name, value)| (name, value.to_owned())));
        assert!(entries[1].attributes.is_empty());
        assert_eq!(outcome(""), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_a_whole_export_is_told_with_its_line() {
        for (text, line, found) in [
            ("cn: a\n\n", 1, "autre chose"),
            ("dn: cn=a\nchangetype: delete\n\n", 2, "un enregistrement de modifications"),
            ("dn: cn=a\njpegPhoto:< file:///etc/passwd\n\n", 2, "un renvoi vers un autre fichier"),
            ("dn: cn=a\ncn:: ***\n\n", 2, "d’autres octets"),
            ("dn: cn=a\ncn: a\ndn: cn=b\n\n", 3, "« dn: »"),
            ("dn: cn=a\ncn: a\n", 2, "la fin du fichier : l’export est incomplet"),
            ("dn: cn=a\ncn: a\n\ndn: cn=b", 4, "une coupure : l’export est incomplet"),
            ("dn: cn=a\ncn a\n\n", 2, "autre chose"),
            (" dn: cn=a\n\n", 1, "une suite de rien"),
            ("dn: cn=a\0\n\n", 1, "un octet nul"),
            ("version: 2\n", 1, "autre chose"),
        ] {
            let fault = outcome(text).expect_err(text);
            assert_eq!((fault.line, fault.found), (line, found), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(
            prop_oneof![Just(b'\n'), Just(b':'), Just(b' '), Just(b'd'), Just(b'n'), any::<u8>()], 0..300
        )) {
            let _entries = parse_ldif(&bytes).count();
        }

        #[test]
        fn values_come_back_as_they_were(values in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 0..200), 0..10
        )) {
            let mut text = String::from("dn: cn=a\n");
            for value in &values {
                let line = format!("v:: {}", STANDARD.encode(value));
                let (head, tail) = line.split_at(line.len().min(30));
                text.push_str(&format!("{head}\n {tail}\n"));
            }
            text.push('\n');
            let entries = outcome(&text).expect("entries");
            let back: Vec<_> = entries[0].attributes.iter().map(|(_, value)| value.clone()).collect();
            prop_assert_eq!(back, values);
        }
    }
}
