//! Which encoding is it? Read from the bytes, compared with what was declared.
use identity::SourceError;
use identity::mapping::Encoding;

/// How the bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Utf8,
    Windows1252,
}

impl Found {
    pub(super) fn decode(self, bytes: &[u8]) -> String {
        match self {
            // Checked over the whole file: nothing is lost.
            Self::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Self::Windows1252 => {
                encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned()
            }
        }
    }
}

const FALLBACK: &str =
    "lu en Windows-1252, faute d’être de l’UTF-8 : à déclarer dans la définition de la source";
/// Bytes that Windows-1252 leaves undefined: seen, the file is something else.
const UNDEFINED: [u8; 5] = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

/// The bytes without their mark, how to read them, and a warning.
pub(super) fn detect<'b>(
    file: &str,
    bytes: &'b [u8],
    declared: Encoding,
) -> Result<(&'b [u8], Found, Option<String>), SourceError> {
    let wrong = |expected: &str, found: String| SourceError::Malformed {
        place: file.to_owned(),
        expected: expected.to_owned(),
        found,
    };
    let either = "UTF-8 ou Windows-1252";
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(wrong(either, "UTF-16".to_owned()));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(SourceError::Malformed {
            place: format!("{file}, ligne {}", line_of(bytes, at)),
            expected: "du texte".to_owned(),
            found: "un octet nul".to_owned(),
        });
    }
    let (body, marked) = match bytes.strip_prefix(b"\xef\xbb\xbf") {
        Some(body) => (body, true),
        None => (bytes, false),
    };
    let first_high = body.iter().position(|byte| !byte.is_ascii());
    let not_utf8 = std::str::from_utf8(body).err().map(|error| error.valid_up_to());
    match (declared, not_utf8) {
        (Encoding::Windows1252, None) if marked || first_high.is_some() => {
            let line = line_of(body, first_high.unwrap_or_default());
            Err(wrong("Windows-1252, comme déclaré", format!("UTF-8 (ligne {line})")))
        }
        (Encoding::Auto | Encoding::Utf8 | Encoding::Windows1252, None) => {
            Ok((body, Found::Utf8, None))
        }
        (Encoding::Utf8, Some(at)) => {
            let found = format!("un autre encodage (ligne {})", line_of(body, at));
            Err(wrong("UTF-8, comme déclaré", found))
        }
        (Encoding::Auto, Some(at)) if marked => {
            let found = format!("sa marque, puis un autre encodage (ligne {})", line_of(body, at));
            Err(wrong("UTF-8", found))
        }
        (Encoding::Auto | Encoding::Windows1252, Some(_)) => {
            if let Some(at) = body.iter().position(|byte| UNDEFINED.contains(byte)) {
                let line = line_of(body, at);
                let found = format!("un octet qui n’est ni l’un ni l’autre (ligne {line})");
                return Err(wrong(either, found));
            }
            let warning = (declared == Encoding::Auto).then(|| FALLBACK.to_owned());
            Ok((body, Found::Windows1252, warning))
        }
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}
