//! Which column stands where: by name, to the letter and then without accents and case.
use identity::names::name_key;
use identity::register::{Column, ExtractKind, RegisterFault};
use std::path::Path;

/// Where the kept columns stand in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub kind: ExtractKind,
    /// Named columns, the empty one after a trailing `|` apart.
    pub columns: usize,
    pub trailing: bool,
    /// The columns of ours that the file has, in their order in a row.
    pub kept: Vec<Column>,
    /// For each place of a line, the place in `kept` of the column that stands there.
    pub slots: Vec<Option<u8>>,
    pub warnings: Vec<String>,
}

/// Named columns of the extracts known so far (2021 to 2026).
fn known_widths(kind: ExtractKind) -> &'static [usize] {
    match kind {
        ExtractKind::Open => &[52, 56],
        ExtractKind::Restricted => &[49, 50, 51],
        ExtractKind::Skills | ExtractKind::Diplomas => &[13],
        ExtractKind::Mailboxes => &[31],
    }
}

impl Header {
    pub fn read(line: &str, path: &Path) -> Result<Self, RegisterFault> {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line).trim_end_matches(['\r', '\n']);
        let mut names: Vec<&str> = line.split('|').map(str::trim).collect();
        let trailing = names.last().is_some_and(|last| last.is_empty());
        if trailing {
            names.pop();
        }
        let place_of = |column: Column| {
            let exact = names.iter().position(|name| *name == column.header());
            exact.or_else(|| {
                let key = name_key(column.header());
                names.iter().position(|name| name_key(name) == key)
            })
        };
        let kind = ExtractKind::of(|column| place_of(column).is_some());
        let (mut kept, mut slots) = (Vec::new(), vec![None; names.len()]);
        for column in Column::ALL {
            match place_of(column) {
                Some(place) => {
                    slots[place] = u8::try_from(kept.len()).ok();
                    kept.push(column);
                }
                None if kind.mandatory().contains(&column) => {
                    return Err(RegisterFault::MissingColumn {
                        path: path.to_owned(),
                        column: column.header(),
                        found: nearest(column.header(), &names),
                    });
                }
                None => {}
            }
        }
        let mut warnings = Vec::new();
        if !known_widths(kind).contains(&names.len()) {
            warnings.push(format!("{} colonnes : une forme nouvelle de l’extraction", names.len()));
        }
        Ok(Self { kind, columns: names.len(), trailing, kept, slots, warnings })
    }
}

/// What the operator should look at: the column renamed, most often.
fn nearest(wanted: &str, names: &[&str]) -> String {
    let key = name_key(wanted);
    let near = |name: &&&str| (identity::names::similarity(&name_key(name), &key) * 1e6) as u64;
    match names.iter().filter(|name| !name.is_empty()).max_by_key(near) {
        Some(name) => format!("« {name} »"),
        None => "no column at all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "Type d'identifiant PP|Identification nationale PP|Code civilité|Nom d'exercice|Prénom d'exercice|\
        Code profession|Code catégorie professionnelle|Numéro FINESS site|Numéro FINESS établissement juridique";

    #[test]
    fn columns_are_found_by_name_wherever_they_stand() {
        let path = Path::new("f");
        let header = Header::read(&format!("{OPEN}|\r\n"), path).expect("header");
        assert!(header.trailing && header.columns == 9 && header.kind == ExtractKind::Open);
        assert_eq!((header.slots[1], header.kept[0]), (Some(0), Column::IdNat));
        assert_eq!(header.slots[0], None);
        let shouted = OPEN.to_uppercase().replace('É', "E").replace('\'', "’");
        let folded = Header::read(&shouted, path).expect("header");
        assert_eq!((&folded.kept, &folded.slots), (&header.kept, &header.slots));
        assert!(!folded.trailing);
        let restricted = format!("Nom de famille|Prénoms|Date de naissance|{OPEN}");
        assert_eq!(Header::read(&restricted, path).expect("header").kind, ExtractKind::Restricted);
    }

    #[test]
    fn a_renamed_column_is_named_with_what_looks_like_it() {
        let renamed = OPEN.replace("Nom d'exercice", "Nom exercice pro");
        let fault = Header::read(&renamed, Path::new("f.txt")).expect_err("missing");
        let text = fault.to_string();
        assert!(
            text.contains("« Nom d'exercice »") && text.contains("« Nom exercice pro »"),
            "{text}"
        );
    }
}
