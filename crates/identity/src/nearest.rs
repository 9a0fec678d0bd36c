//! Which known word did the hand mean? For messages only, never for a decision.

/// The candidate nearest to `word`, when it is near enough to be worth naming.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word);
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let have = folded(candidate);
            let longest = wanted.chars().count().max(have.chars().count());
            let distance = distance(&wanted, &have);
            let shared_word = shares_a_word(&wanted, &have);
            (distance * 2 <= longest || shared_word).then_some((
                distance * 4 / longest.max(1),
                !shared_word,
                distance,
                candidate,
            ))
        })
        .min()
        .map(|(_, _, _, candidate)| candidate)
}

fn folded(word: &str) -> String {
    word.trim().chars().take(64).flat_map(char::to_uppercase).collect()
}

/// `DT_FIN` and `DATE_FIN` share `FIN`.
fn shares_a_word(left: &str, right: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| word.chars().count() >= 3)
            .map(str::to_owned)
            .collect()
    };
    let left = words(left);
    words(right).iter().any(|word| left.contains(word))
}

/// Levenshtein.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (done, letter) in left.chars().enumerate() {
        let mut corner = done;
        row[0] = done + 1;
        for place in 0..right.len() {
            let substitution = corner + usize::from(letter != right[place]);
            corner = row[place + 1];
            row[place + 1] = substitution.min(corner + 1).min(row[place] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_that_was_meant_is_named() {
        let header = ["MATRICULE", "NOM_NAISSANCE", "DATE_FIN", "DATE_DEBUT", "UF"];
        for (word, near) in [
            ("DT_FIN", Some("DATE_FIN")),
            ("DT_DEBUT", Some("DATE_DEBUT")),
            ("Matricule ", Some("MATRICULE")),
            ("NOM_NAISS", Some("NOM_NAISSANCE")),
            ("ZZZZZZ", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, header), near, "{word}");
        }
        assert_eq!(nearest("X", []), None);
    }
}
