//! Attributes of many values: the directory gives the first ones and says so in the name (`member;range=0-1499`).
use identity::SourceError;
use outbound::OutboundError;
use outbound::ldap::{Entry, LdapConnection};

const MOST_VALUES: usize = 1_000_000;

/// What a name with a range says: the attribute, and the next value to ask for; `None` for the last range.
fn range_of(name: &str) -> Option<(&str, Option<usize>)> {
    let (attribute, range) = name.split_once(";range=")?;
    let (_first, last) = range.split_once('-')?;
    match last {
        "*" => Some((attribute, None)),
        last => Some((attribute, Some(last.parse::<usize>().ok()?.checked_add(1)?))),
    }
}

/// Asks for the ranges that are missing, until each attribute is whole.
pub(super) async fn complete(
    connection: &mut LdapConnection,
    entry: &mut Entry,
) -> Result<(), OutboundError> {
    let cut: Vec<String> =
        entry.attributes.keys().filter(|name| range_of(name).is_some()).cloned().collect();
    for name in cut {
        let Some((attribute, mut next)) = range_of(&name) else { continue };
        let attribute = attribute.to_owned();
        let mut values = entry.attributes.remove(&name).unwrap_or_default();
        while let Some(from) = next {
            // Each range must go on where the last ended, or a hostile directory could answer for ever.
            let wrong = |cause: &str| OutboundError::Malformed {
                place: connection.place().to_owned(),
                cause: cause.to_owned(),
            };
            if from < values.len() || values.len() > MOST_VALUES {
                return Err(wrong("ranges of values that do not follow each other"));
            }
            let asked = format!("{attribute};range={from}-*");
            let missing = wrong("a range of values that is missing");
            let more = connection.read(&entry.dn, &[&asked]).await?;
            let found =
                more.into_iter().flat_map(|more| more.attributes).find_map(|(name, got)| {
                    let (same, next) = range_of(&name)?;
                    same.eq_ignore_ascii_case(&attribute).then_some((next, got))
                });
            let Some((after, got)) = found.filter(|(_, got)| !got.is_empty()) else {
                return Err(missing);
            };
            values.extend(got);
            next = after;
        }
        entry.attributes.insert(attribute, values);
    }
    Ok(())
}

/// For a reading in progress.
pub(super) async fn completed(
    connection: &mut LdapConnection,
    mut entry: Entry,
    cut_short: impl Fn(OutboundError) -> SourceError,
) -> Result<Entry, SourceError> {
    complete(connection, &mut entry).await.map_err(cut_short)?;
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_range_says_what_is_missing() {
        for (name, read) in [
            ("member;range=0-1499", Some(("member", Some(1500)))),
            ("member;range=1500-*", Some(("member", None))),
            ("member", None),
            ("member;binary", None),
            ("member;range=0", None),
            ("member;range=0-x", None),
            ("member;range=0-18446744073709551615", None),
        ] {
            assert_eq!(range_of(name), read, "{name}");
        }
    }
}
