//! How each source spells names: case, accents, hyphens, apostrophes, particles, ligatures, cuts.
use super::chance::{Chance, Share, WHOLE};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Upper,
    Title,
    /// In capitals for this share of the lines.
    Mixed(Share),
}

/// The habits of one source.
#[derive(Debug)]
pub struct Habits {
    surname_case: Case,
    first_name_case: Case,
    surname_accents_dropped: Share,
    first_name_accents_dropped: Share,
    ligature_kept: Share,
    /// Compound first names: with a hyphen, cut to the first element; else with a space.
    hyphen_kept: Share,
    first_element_only: Share,
    /// Particle written in one word with the name.
    particle_joined: Share,
    /// Apostrophe: as a space, left out, curly (U+2019); else straight.
    apostrophe: [Share; 3],
}

/// Professions with an Ordre.
pub const ORDER: Habits = Habits {
    surname_case: Case::Upper,
    first_name_case: Case::Mixed(70_000),
    surname_accents_dropped: 97_000,
    first_name_accents_dropped: 70_000,
    ligature_kept: 0,
    hyphen_kept: 85_000,
    first_element_only: 0,
    particle_joined: 0,
    apostrophe: [50_000, 0, 0],
};

/// Registered by the ARS, once in ADELI, or by a structure (RPPS+).
pub const AGENCY: Habits = Habits {
    surname_case: Case::Mixed(60_000),
    first_name_case: Case::Mixed(40_000),
    surname_accents_dropped: 40_000,
    first_name_accents_dropped: 40_000,
    ligature_kept: 10_000,
    hyphen_kept: 70_000,
    first_element_only: 0,
    particle_joined: 0,
    apostrophe: [0, 0, 0],
};

pub const PAYROLL: Habits = Habits {
    surname_case: Case::Upper,
    first_name_case: Case::Upper,
    surname_accents_dropped: 95_000,
    first_name_accents_dropped: 95_000,
    ligature_kept: 0,
    hyphen_kept: 25_000,
    first_element_only: 15_000,
    particle_joined: 20_000,
    apostrophe: [10_000, 30_000, 0],
};

pub const DIRECTORY: Habits = Habits {
    surname_case: Case::Title,
    first_name_case: Case::Title,
    surname_accents_dropped: 40_000,
    first_name_accents_dropped: 40_000,
    ligature_kept: 20_000,
    hyphen_kept: 80_000,
    first_element_only: 0,
    particle_joined: 0,
    apostrophe: [0, 0, 20_000],
};

impl Habits {
    pub fn surname(&self, name: &str, chance: &mut Chance) -> String {
        let mut text = name.to_owned();
        if chance.hits(self.surname_accents_dropped) {
            text = without_accents(&text);
        }
        if !chance.hits(self.ligature_kept) {
            text = without_ligatures(&text);
        }
        text = self.apostrophes(text, chance);
        if chance.hits(self.particle_joined) && has_particle(&text) {
            text.retain(|letter| letter != ' ');
        }
        in_case(&text, self.surname_case, chance)
    }

    pub fn first_name(&self, name: &str, chance: &mut Chance) -> String {
        let mut text = name.to_owned();
        if chance.hits(self.first_name_accents_dropped) {
            text = without_accents(&text);
        }
        let drawn = chance.below(u64::from(WHOLE));
        if drawn < u64::from(self.first_element_only) {
            text.truncate(text.find('-').unwrap_or(text.len()));
        } else if drawn >= u64::from(self.first_element_only + self.hyphen_kept) {
            text = text.replace('-', " ");
        }
        in_case(&text, self.first_name_case, chance)
    }

    fn apostrophes(&self, text: String, chance: &mut Chance) -> String {
        let [space, left_out, curly] = self.apostrophe.map(u64::from);
        let drawn = chance.below(u64::from(WHOLE));
        match drawn {
            _ if drawn < space => text.replace('\'', " "),
            _ if drawn < space + left_out => text.replace('\'', ""),
            _ if drawn < space + left_out + curly => text.replace('\'', "\u{2019}"),
            _ => text,
        }
    }
}

fn has_particle(text: &str) -> bool {
    const PARTICLES: [&str; 9] = ["de ", "du ", "des ", "le ", "la ", "da ", "dos ", "ben ", "el "];
    let lower = text.to_lowercase();
    PARTICLES.iter().any(|particle| lower.starts_with(particle))
}

fn in_case(text: &str, case: Case, chance: &mut Chance) -> String {
    match case {
        Case::Upper => text.to_uppercase(),
        Case::Title => text.to_owned(),
        Case::Mixed(upper) if chance.hits(upper) => text.to_uppercase(),
        Case::Mixed(_) => text.to_owned(),
    }
}

pub fn without_ligatures(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.replace('œ', "oe").replace('Œ', "OE").replace('æ', "ae").replace('Æ', "AE")
}

pub fn without_accents(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars().map(without_accent).collect()
}

fn without_accent(letter: char) -> char {
    const FAMILIES: [(&str, char); 22] = [
        ("àâäáãå", 'a'),
        ("ç", 'c'),
        ("éèêë", 'e'),
        ("íìîï", 'i'),
        ("ñ", 'n'),
        ("óòôöõ", 'o'),
        ("úùûü", 'u'),
        ("ýÿ", 'y'),
        ("š", 's'),
        ("ž", 'z'),
        ("ÀÂÄÁÃÅ", 'A'),
        ("Ç", 'C'),
        ("ÉÈÊË", 'E'),
        ("ÍÌÎÏ", 'I'),
        ("Ñ", 'N'),
        ("ÓÒÔÖÕ", 'O'),
        ("ÚÙÛÜ", 'U'),
        ("ÝŸ", 'Y'),
        ("Š", 'S'),
        ("Ž", 'Z'),
        ("\u{2019}", '\''),
        ("ø", 'o'),
    ];
    if letter.is_ascii() {
        return letter;
    }
    FAMILIES.iter().find(|family| family.0.contains(letter)).map_or(letter, |family| family.1)
}

/// Lower-case ASCII letters and digits only: logins and mail addresses.
pub fn slug(text: &str) -> String {
    let plain = without_ligatures(&without_accents(text)).to_lowercase();
    plain.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// One slip of the keyboard: two letters swapped, one doubled, one left out, or one changed.
pub fn misspelt(text: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if letters.len() < 4 {
        return text.to_owned();
    }
    let place = 1 + chance.index(letters.len() - 2);
    match chance.below(4) {
        0 => letters.swap(place, place + 1),
        1 => letters.insert(place, letters[place]),
        2 => drop(letters.remove(place)),
        _ => letters[place] = chance.pick(&['E', 'A', 'I', 'N', 'R', 'S', 'T', 'L']),
    }
    letters.into_iter().collect()
}

/// At most this many characters, as old payroll fields hold.
pub fn cut(text: &str, longest: usize) -> String {
    text.chars().take(longest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn spellings(habits: &Habits, surname: &str) -> BTreeSet<String> {
        (0..400).map(|index| habits.surname(surname, &mut Chance::of(1, "t", index))).collect()
    }

    #[test]
    fn each_source_has_its_own_spellings() {
        let all = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(spellings(&ORDER, "d'Hondt"), all(&["D HONDT", "D'HONDT"]));
        assert_eq!(spellings(&PAYROLL, "de La Tour"), all(&["DE LA TOUR", "DELATOUR"]));
        assert_eq!(spellings(&PAYROLL, "d'Hondt"), all(&["D HONDT", "D'HONDT", "DHONDT"]));
        assert_eq!(spellings(&DIRECTORY, "d'Hondt"), all(&["d'Hondt", "d\u{2019}Hondt"]));
        assert_eq!(spellings(&DIRECTORY, "Lœuil"), all(&["Loeuil", "Lœuil"]));
    }

    #[test]
    fn compound_first_names_lose_their_hyphen_or_their_end() {
        let payroll: BTreeSet<_> = (0..400)
            .map(|index| PAYROLL.first_name("Anne-Zoé", &mut Chance::of(1, "t", index)))
            .collect();
        for spelling in ["ANNE ZOE", "ANNE-ZOE", "ANNE"] {
            assert!(payroll.contains(spelling), "{spelling}: {payroll:?}");
        }
        assert_eq!(slug("d'Œuvray-Ñu"), "doeuvraynu");
    }
}
