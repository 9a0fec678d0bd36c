//! Which place holds which mapped column.
use identity::SourceError;
use identity::nearest::nearest;
use std::collections::BTreeSet;

/// Places of the mapped columns, in the order of the file. A missing one refuses the whole file, naming the nearest.
pub(super) fn places(
    file: &str,
    header: &[String],
    columns: &BTreeSet<String>,
) -> Result<Vec<(usize, String)>, SourceError> {
    let wrong = |expected: String, found: String| SourceError::Malformed {
        place: format!("{file}, en-tête"),
        expected,
        found,
    };
    let missing: Vec<&str> = columns
        .iter()
        .map(String::as_str)
        .filter(|name| !header.iter().any(|head| head == name))
        .collect();
    if !missing.is_empty() {
        let free: Vec<&str> =
            header.iter().map(String::as_str).filter(|name| !columns.contains(*name)).collect();
        return Err(wrong(expected(&missing), found(&missing, &free)));
    }
    let mut places = Vec::new();
    for (place, name) in header.iter().enumerate() {
        if !columns.contains(name) {
            continue;
        }
        let times = header.iter().filter(|other| *other == name).count();
        if times > 1 {
            return Err(wrong(format!("une seule colonne « {name} »"), times.to_string()));
        }
        places.push((place, name.clone()));
    }
    Ok(places)
}

fn quoted(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(20).map(|name| format!("« {name} »")).collect();
    shown.join(", ")
}

fn expected(missing: &[&str]) -> String {
    match missing {
        [one] => format!("la colonne « {one} »"),
        many => format!("les colonnes {}", quoted(many)),
    }
}

fn found(missing: &[&str], free: &[&str]) -> String {
    let near: Vec<String> = missing
        .iter()
        .filter_map(|name| {
            let near = nearest(name, free.iter().copied())?;
            Some(match missing.len() {
                1 => format!("aucune ; la plus proche : « {near} »"),
                _ => format!("« {near} » pour « {name} »"),
            })
        })
        .collect();
    match (near.is_empty(), free.is_empty()) {
        (false, _) => near.join(", "),
        (true, true) => "aucune autre colonne".to_owned(),
        (true, false) => quoted(free),
    }
}
