//! From the text of a column to a value of the trade. Pure: what "today" is, is told.
use crate::fault::Expected;
use crate::mapping::{Target, Transform};
use crate::{ProfessionCode, Sex};
use chrono::{Datelike, Duration, NaiveDate};
use kernel::{Finess, Rpps};

const LONGEST_TEXT: usize = 256;
const OLDEST_AGE: i32 = 110;
const YOUNGEST_AGE: i32 = 14;
/// Payrolls write « no end » as 31/12/2099, 2999 or 9999.
const NO_END_FROM: i32 = 2099;

/// A value read, and what an operator should know about it though it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noted<T> {
    pub value: Option<T>,
    pub warning: Option<Expected>,
}

impl<T> Noted<T> {
    fn plain(value: Option<T>) -> Self {
        Self { value, warning: None }
    }
    fn warned(value: Option<T>, warning: Expected) -> Self {
        Self { value, warning: Some(warning) }
    }
}

/// Characters that a reader does not see, and that make two names look the same: controls, zero-width, soft hyphen,
/// direction marks.
pub(crate) fn is_hidden(letter: char) -> bool {
    (letter.is_control() && letter != '\t')
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fffd}')
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// Outer spaces off, inner runs to one.
pub(crate) fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !cleaned.is_empty() {
            cleaned.push(' ');
        }
        cleaned.push_str(word);
    }
    cleaned
}

pub(crate) fn upper(text: &str) -> String {
    clean(text).to_uppercase()
}

/// The text after its transform, or nothing when the source said nothing.
pub(crate) fn words(raw: &str, transform: &Transform) -> Result<Option<String>, Expected> {
    if raw.chars().any(is_hidden) {
        return Err(Expected::VisibleText);
    }
    let text = match transform {
        Transform::UpperTrim => upper(raw),
        Transform::SplitFirst => clean(raw).split(' ').next().unwrap_or_default().to_owned(),
        Transform::Table(table) => table.get(&upper(raw)).cloned().unwrap_or_default(),
        Transform::Text
        | Transform::DateFr
        | Transform::DateIso
        | Transform::DateAny
        | Transform::SexMf
        | Transform::Rpps
        | Transform::Finess
        | Transform::ProfessionCode
        | Transform::Mail => clean(raw),
    };
    if text.chars().count() > LONGEST_TEXT {
        return Err(Expected::ShortText);
    }
    Ok((!text.is_empty()).then_some(text))
}

pub(crate) fn sex(text: &str) -> Noted<Sex> {
    match upper(text).trim_end_matches('.') {
        "F" | "2" | "FEMME" | "FEMININ" | "FÉMININ" | "MME" | "MLLE" | "MADAME" => {
            Noted::plain(Some(Sex::Female))
        }
        "M" | "H" | "1" | "HOMME" | "MASCULIN" | "MR" | "MONSIEUR" => Noted::plain(Some(Sex::Male)),
        _ => Noted::warned(None, Expected::Sex),
    }
}

/// Payrolls also hold the ADELI number here, or the RPPS with its type prefix `8`.
pub(crate) fn rpps(text: &str) -> Noted<Rpps> {
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let local = match digits.strip_prefix('8') {
        Some(local) if digits.len() == 12 => local,
        _ => &digits,
    };
    match local.parse::<Rpps>() {
        Ok(rpps) if rpps.has_luhn_key() => Noted::plain(Some(rpps)),
        Ok(rpps) => Noted::warned(Some(rpps), Expected::RppsKey),
        Err(_) => Noted::warned(None, Expected::Rpps),
    }
}

pub(crate) fn finess(text: &str) -> Noted<Finess> {
    match upper(text).replace(' ', "").parse() {
        Ok(finess) => Noted::plain(Some(finess)),
        Err(_) => Noted::warned(None, Expected::Finess),
    }
}

pub(crate) fn profession(text: &str) -> Noted<ProfessionCode> {
    let code = upper(text);
    let good =
        (1..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match good {
        true => Noted::plain(Some(ProfessionCode(code))),
        false => Noted::warned(None, Expected::Profession),
    }
}

/// Lower-cased. ASCII only: a look-alike letter in an address is a trap, not a name.
pub(crate) fn mail(text: &str) -> Noted<String> {
    let mail = text.trim().to_ascii_lowercase();
    let good = mail.len() <= 254
        && mail.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"(),:;<>[\\]".contains(&byte))
        && mail.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && domain.split('.').all(|label| !label.is_empty())
        });
    match good {
        true => Noted::plain(Some(mail)),
        false => Noted::warned(None, Expected::Mail),
    }
}

/// A date of birth, start or end. All zeros is no date; an end in 2099 or later is no end; a birth without its day, or
/// on a day that stands for none, is not known.
pub(crate) fn date(
    text: &str,
    transform: &Transform,
    target: Target,
    today: NaiveDate,
) -> Result<Noted<NaiveDate>, Expected> {
    let text = text.trim();
    if text.bytes().all(|byte| matches!(byte, b'0' | b'/' | b'-' | b'.')) {
        return Ok(Noted::plain(None));
    }
    let day = day_of(text);
    if target == Target::BirthDate && is_without_a_day(day) {
        return Ok(Noted::plain(None));
    }
    let read = match transform {
        Transform::DateFr => french(day).map(|date| (date, false)),
        Transform::DateIso => iso(day).map(|date| (date, false)),
        _ => any(day, target, today),
    };
    let (date, guessed) = read.ok_or(Expected::Date)?;
    match target {
        Target::BirthDate if stands_for_none(date) => return Ok(Noted::plain(None)),
        Target::BirthDate if date > today => return Err(Expected::PastBirth),
        Target::BirthDate if !is_plausible_birth(date, today) => {
            return Err(Expected::PlausibleBirth);
        }
        Target::StartsOn if date.year() < 1940 || date > today + Duration::days(731) => {
            return Err(Expected::NearStart);
        }
        Target::EndsOn if date.year() >= NO_END_FROM => return Ok(Noted::plain(None)),
        Target::EndsOn if date.year() < 1940 => return Err(Expected::Date),
        _ => (),
    }
    Ok(Noted { value: Some(date), warning: guessed.then_some(Expected::FullYear) })
}

fn is_plausible_birth(date: NaiveDate, today: NaiveDate) -> bool {
    let years =
        today.years_since(date).map_or(-1, |years| i32::try_from(years).unwrap_or(i32::MAX));
    (YOUNGEST_AGE..=OLDEST_AGE).contains(&years)
}

/// `00/00/1975`: civil status knows the year alone.
fn is_without_a_day(text: &str) -> bool {
    let unknown = |[first, month, last]: [&str; 3]| {
        first == "00" || month == "00" || (first.len() == 4 && last == "00")
    };
    parts(text, &['/', '.', '-']).is_some_and(unknown)
}

/// What a form fills in where nobody knew: 1 January 1900, or the zero of a spreadsheet.
fn stands_for_none(date: NaiveDate) -> bool {
    (date.ordinal() == 1 && date.year() <= 1901)
        || (date.year() == 1899 && date.month() == 12 && date.day() >= 30)
}

/// The day of a date that a time may follow (`2024-03-01T00:00:00`, `01/03/2024 00:00`).
fn day_of(text: &str) -> &str {
    match text.find(['T', ' ']) {
        Some(end)
            if text[end + 1..]
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b":.Z+-".contains(&byte)) =>
        {
            &text[..end]
        }
        _ => text,
    }
}

fn parts<'a>(text: &'a str, marks: &[char]) -> Option<[&'a str; 3]> {
    let mut parts = text.split(marks);
    let three = [parts.next()?, parts.next()?, parts.next()?];
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.next().is_none() && three.iter().all(|part| digits(part))).then_some(three)
}

fn french(text: &str) -> Option<NaiveDate> {
    let [day, month, year] = parts(text, &['/', '.', '-'])?;
    (day.len() <= 2 && month.len() <= 2 && year.len() == 4).then(|| ymd(year, month, day)).flatten()
}

fn iso(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = parts(text, &['-', '/'])?;
    (day.len() <= 2 && month.len() <= 2 && year.len() == 4).then(|| ymd(year, month, day)).flatten()
}

fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The date, and whether its century was guessed.
fn any(text: &str, target: Target, today: NaiveDate) -> Option<(NaiveDate, bool)> {
    if let Some(date) = french(text).or_else(|| iso(text)) {
        return Some((date, false));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return match text.len() {
            8 => ymd(&text[..4], &text[4..6], &text[6..]).map(|date| (date, false)),
            4 | 5 => spreadsheet_day(text.parse().ok()?).map(|date| (date, false)),
            _ => None,
        };
    }
    let [day, month, year] = parts(text, &['/', '.', '-'])?;
    if day.len() > 2 || month.len() > 2 || year.len() != 2 {
        return None;
    }
    let short: i32 = year.parse().ok()?;
    let century = |century: i32| {
        NaiveDate::from_ymd_opt(century + short, month.parse().ok()?, day.parse().ok()?)
    };
    // A guessed birth is that of somebody of an age to work; a post began or ends near now.
    let date = match target {
        Target::BirthDate => {
            let works = |date: &NaiveDate| {
                today.years_since(*date).is_some_and(|years| (14..80).contains(&years))
            };
            century(2000).filter(works).or_else(|| century(1900).filter(works))
        }
        _ if short < 70 => century(2000),
        _ => century(1900),
    };
    date.map(|date| (date, true))
}

/// Serial day of a spreadsheet, 1 January 1900 being 1 (and 1900 taken for a leap year, hence 30 December 1899).
fn spreadsheet_day(serial: i64) -> Option<NaiveDate> {
    let origin = NaiveDate::from_ymd_opt(1899, 12, 30)?;
    (serial > 60).then(|| origin.checked_add_signed(Duration::days(serial))).flatten()
}

/// Why a value written in a mapping's table would never be a value of that field.
pub(crate) fn table_value_fault(to: Target, text: &str) -> Option<&'static str> {
    match to {
        Target::Sex => sex(text).value.is_none().then_some("F ou M"),
        Target::Profession => {
            profession(text).value.is_none().then_some("un code de profession, par exemple 10")
        }
        Target::FinessEj | Target::FinessEt => {
            finess(text).value.is_none().then_some("un numéro FINESS de 9 caractères")
        }
        _ => words(text, &Transform::Text).is_err().then_some("un texte sans caractère invisible"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("test date")
    }

    #[test]
    fn dates_in_every_habit_of_payrolls() {
        let today = day("2026-11-22");
        let birth = Target::BirthDate;
        for (text, transform, target, read) in [
            ("07/03/1980", Transform::DateFr, birth, Ok(Some("1980-03-07"))),
            ("7/3/1980", Transform::DateFr, birth, Ok(Some("1980-03-07"))),
            ("07.03.1980 00:00:00", Transform::DateFr, birth, Ok(Some("1980-03-07"))),
            ("1980-03-07", Transform::DateFr, birth, Err(Expected::Date)),
            ("1980-03-07T00:00:00Z", Transform::DateIso, birth, Ok(Some("1980-03-07"))),
            ("07/03/1980", Transform::DateIso, birth, Err(Expected::Date)),
            ("19800307", Transform::DateAny, birth, Ok(Some("1980-03-07"))),
            ("29287", Transform::DateAny, birth, Ok(Some("1980-03-07"))),
            ("07/03/80", Transform::DateAny, birth, Ok(Some("1980-03-07"))),
            ("07/03/05", Transform::DateAny, birth, Ok(Some("2005-03-07"))),
            ("07/03/20", Transform::DateAny, birth, Err(Expected::Date)),
            ("07/03/20", Transform::DateAny, Target::StartsOn, Ok(Some("2020-03-07"))),
            ("00/00/0000", Transform::DateFr, birth, Ok(None)),
            ("00/00/1975", Transform::DateFr, birth, Ok(None)),
            ("00/05/1975", Transform::DateAny, birth, Ok(None)),
            ("1975-00-00", Transform::DateIso, birth, Ok(None)),
            ("00/05/2024", Transform::DateAny, Target::StartsOn, Err(Expected::Date)),
            ("01/01/1900", Transform::DateAny, birth, Ok(None)),
            ("1900-01-01T00:00:00", Transform::DateAny, birth, Ok(None)),
            ("30/12/1899", Transform::DateFr, birth, Ok(None)),
            ("01/01/1975", Transform::DateFr, birth, Ok(Some("1975-01-01"))),
            ("07/03/00", Transform::DateAny, birth, Ok(Some("2000-03-07"))),
            ("", Transform::DateFr, birth, Ok(None)),
            ("31/02/1980", Transform::DateAny, birth, Err(Expected::Date)),
            ("29/02/1980", Transform::DateAny, birth, Ok(Some("1980-02-29"))),
            ("07/03/2062", Transform::DateAny, birth, Err(Expected::PastBirth)),
            ("07/03/2020", Transform::DateAny, birth, Err(Expected::PlausibleBirth)),
            ("07/03/1880", Transform::DateAny, birth, Err(Expected::PlausibleBirth)),
            ("31/12/9999", Transform::DateFr, Target::EndsOn, Ok(None)),
            ("31/12/2027", Transform::DateFr, Target::EndsOn, Ok(Some("2027-12-31"))),
            ("01/01/2062", Transform::DateFr, Target::StartsOn, Err(Expected::NearStart)),
            ("٠٧/٠٣/١٩٨٠", Transform::DateAny, birth, Err(Expected::Date)),
            ("hier", Transform::DateAny, birth, Err(Expected::Date)),
            ("99999999999999", Transform::DateAny, birth, Err(Expected::Date)),
        ] {
            let expected = read.map(|date: Option<&str>| date.map(day));
            let found = date(text, &transform, target, today).map(|noted| noted.value);
            assert_eq!(found, expected, "{text:?} {transform:?}");
        }
        let guessed = date("07/03/80", &Transform::DateAny, birth, today).expect("read");
        assert_eq!(guessed.warning, Some(Expected::FullYear));
    }

    #[test]
    fn numbers_and_words_in_every_habit_of_payrolls() {
        for (text, value, warning) in [
            ("99900001233", Some("99900001233"), None),
            ("899900001233", Some("99900001233"), None),
            ("9990 0001 233", Some("99900001233"), None),
            ("99900001234", Some("99900001234"), Some(Expected::RppsKey)),
            ("691234567", None, Some(Expected::Rpps)),
        ] {
            let read = rpps(text);
            assert_eq!(read.value.as_ref().map(Rpps::as_str), value, "{text}");
            assert_eq!(read.warning, warning, "{text}");
        }
        for (text, value) in [
            (" Marie.MARTIN@hopital.test ", Some("marie.martin@hopital.test")),
            ("marie.martin", None),
            ("a@b@c.fr", None),
            ("marie@hopital", None),
            ("marìe@hopital.test", None),
            ("a@b..c", None),
        ] {
            assert_eq!(mail(text).value.as_deref(), value, "{text}");
        }
        for (text, value) in [
            ("Mme", Some(Sex::Female)),
            ("1", Some(Sex::Male)),
            ("M.", Some(Sex::Male)),
            ("X", None),
        ] {
            assert_eq!(sex(text).value, value, "{text}");
        }
        for (raw, transform, value) in [
            ("  de  la\u{a0}Tour ", Transform::Text, Ok(Some("de la Tour"))),
            ("œuvrard", Transform::UpperTrim, Ok(Some("ŒUVRARD"))),
            ("Marie Claude", Transform::SplitFirst, Ok(Some("Marie"))),
            ("   ", Transform::Text, Ok(None)),
            ("Mar\u{200b}tin", Transform::Text, Err(Expected::VisibleText)),
            ("Mar\u{202e}tin", Transform::Text, Err(Expected::VisibleText)),
            ("Mar\0tin", Transform::Text, Err(Expected::VisibleText)),
        ] {
            let value = value.map(|value: Option<&str>| value.map(str::to_owned));
            assert_eq!(words(raw, &transform), value, "{raw:?}");
        }
        assert_eq!(words(&"x".repeat(257), &Transform::Text), Err(Expected::ShortText));
    }
}
