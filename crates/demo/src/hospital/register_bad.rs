//! Bad deliveries of the register, each made from a good one by one fault.
use super::output::{DemoError, Output, failed};
use std::path::Path;

/// Reads `register/<good>` and writes `register/bad/`, a folder a fault: the register's moment stands at the end of the
/// name of a file, and one that bears none is refused for that alone.
pub fn write(folder: &Path, good: &str, stamp: &str) -> Result<(), DemoError> {
    let path = folder.join(good);
    let text = std::fs::read_to_string(&path).map_err(failed("read", &path))?;
    let bad = folder.join("bad");
    for (fault, bytes) in deliveries(&text) {
        let name = format!("PS_LibreAcces_Personne_activite_{stamp}.txt");
        Output::whole(&bad.join(fault).join(name), &bytes)?;
    }
    Ok(())
}

fn deliveries(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let fewer = text.lines().enumerate().filter(|(index, _)| *index == 0 || index % 100 >= 7);
    let fewer: String = fewer.flat_map(|(_, line)| [line, "\n"]).collect();
    let renamed = text.replacen("|Nom d'exercice|", "|Nom exercice PS|", 1);
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(text);
    // Cut in the middle of the last line's columns, as a broken download leaves it.
    let last = text.trim_end().rfind('\n').unwrap_or(0);
    let unclosed = last + (text.len() - last) / 2;
    let unclosed = (unclosed..text.len()).find(|place| text.is_char_boundary(*place));
    let unclosed = &text[..unclosed.unwrap_or(text.len())];
    vec![
        ("missing-7-percent", fewer.into_bytes()),
        ("renamed-column", renamed.into_bytes()),
        ("windows-1252", latin.into_owned()),
        ("unclosed-last-line", unclosed.as_bytes().to_vec()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_delivery_has_its_one_fault() {
        let mut text = "Identifiant PP|Nom d'exercice|Prénom d'exercice|\n".to_owned();
        for index in 1..=100 {
            text.push_str(&format!("{index}|LE GOFF|Zoé|\n"));
        }
        let made = deliveries(&text);
        let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(lines(&made[0].1), 101 - 7); // 1 to 6 and 100
        assert!(!String::from_utf8_lossy(&made[1].1).contains("Nom d'exercice"));
        assert!(std::str::from_utf8(&made[2].1).is_err());
        assert!(!made[3].1.ends_with(b"|\n") && lines(&made[3].1) == 100);
    }
}
