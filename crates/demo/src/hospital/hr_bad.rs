//! Bad payroll exports, each made from the second version by one fault.
use super::hr::{COLUMNS, encode};
use std::collections::BTreeMap;

const MATRICULE: usize = 0;
const BIRTH_NAME: &str = "NOM_NAISSANCE";
const BIRTH: usize = 7;
const MAIL: usize = 11;
const UNIT: usize = 14;

/// File names and contents.
pub fn deliveries(lines: &[String]) -> Vec<(&'static str, Vec<u8>)> {
    let good = encode(lines);
    let text = format!("{}\r\n{}\r\n", COLUMNS.join(";"), lines.join("\r\n"));
    let utf16: Vec<u8> =
        std::iter::once(0xFEFF_u16).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let renamed = text.replacen(BIRTH_NAME, "NOM_PATRONYMIQUE", 1);
    vec![
        ("truncated.csv", good[..good.len() * 6 / 10 - 7].to_vec()),
        ("wrong-encoding-utf8.csv", text.clone().into_bytes()),
        ("wrong-encoding-utf16.csv", utf16),
        ("renamed-column.csv", encoding_rs::WINDOWS_1252.encode(&renamed).0.into_owned()),
        ("missing-7-percent.csv", encode(&without_7_percent(lines))),
        ("future-date.csv", encode(&with_future_birth(lines))),
        ("swapped-mails.csv", encode(&with_swapped_mails(lines))),
        ("unit-loses-40-percent.csv", encode(&without_40_percent_of_a_unit(lines))),
    ]
}

fn without_7_percent(lines: &[String]) -> Vec<String> {
    let kept = |index: &usize| index % 100 >= 7;
    lines.iter().enumerate().filter(|(index, _)| kept(index)).map(|pair| pair.1.clone()).collect()
}

fn field(line: &str, column: usize) -> &str {
    line.split(';').nth(column).unwrap_or_default()
}

fn with_field(line: &str, column: usize, value: &str) -> String {
    let mut fields: Vec<&str> = line.split(';').collect();
    fields[column] = value;
    fields.join(";")
}

/// One person is born in some years from now.
fn with_future_birth(lines: &[String]) -> Vec<String> {
    let middle = lines.len() / 2;
    let matricule = field(&lines[middle], MATRICULE).to_owned();
    let mend = |line: &String| match field(line, MATRICULE) == matricule {
        true => with_field(line, BIRTH, "14/03/2062"),
        false => line.clone(),
    };
    lines.iter().map(mend).collect()
}

/// The first and the last person with an address swap them.
fn with_swapped_mails(lines: &[String]) -> Vec<String> {
    let with_mail: Vec<&String> =
        lines.iter().filter(|line| !field(line, MAIL).is_empty()).collect();
    let (Some(first), Some(last)) = (with_mail.first(), with_mail.last()) else {
        return lines.to_vec();
    };
    let [one, other] = [first, last].map(|line| (field(line, MATRICULE), field(line, MAIL)));
    let swap = |line: &String| match field(line, MATRICULE) {
        matricule if matricule == one.0 => with_field(line, MAIL, other.1),
        matricule if matricule == other.0 => with_field(line, MAIL, one.1),
        _ => line.clone(),
    };
    lines.iter().map(swap).collect()
}

/// The largest unit loses four of each ten of its lines.
fn without_40_percent_of_a_unit(lines: &[String]) -> Vec<String> {
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        *sizes.entry(field(line, UNIT)).or_default() += 1;
    }
    let largest = sizes.iter().max_by_key(|(_, size)| **size).map_or("", |(unit, _)| unit);
    let mut seen = 0;
    let mut kept = |line: &&String| {
        if field(line, UNIT) != largest {
            return true;
        }
        seen += 1;
        seen % 10 >= 4
    };
    lines.iter().filter(|line| kept(line)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_delivery_has_its_one_fault() {
        let line = |index: usize| {
            let mut fields = vec!["é".to_owned(); COLUMNS.len()];
            fields[MATRICULE] = format!("{index:06}");
            fields[MAIL] = format!("a{index}@b.test");
            fields[UNIT] = if index < 60 { "1101" } else { "2201" }.to_owned();
            fields.join(";")
        };
        let lines: Vec<String> = (0..100).map(line).collect();
        assert_eq!(without_7_percent(&lines).len(), 93);
        assert_eq!(without_40_percent_of_a_unit(&lines).len(), 76);
        assert_eq!(with_future_birth(&lines).iter().filter(|l| l.contains("2062")).count(), 1);
        let swapped = with_swapped_mails(&lines);
        assert_eq!(field(&swapped[0], MAIL), field(&lines[99], MAIL));
        assert_eq!(field(&swapped[99], MAIL), field(&lines[0], MAIL));
        let changed = swapped.iter().zip(&lines).filter(|(after, before)| after != before).count();
        assert_eq!(changed, 2);
        for (name, bytes) in deliveries(&lines) {
            assert_ne!(bytes, encode(&lines), "{name}");
        }
    }
}
