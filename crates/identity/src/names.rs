//! Comparison keys of French names: accents, ligatures, particles, hyphens, apostrophes of every
//! shape, compound first names. Keys are computed, never kept in place of what the source wrote.
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Raised whenever a key of this module changes: whatever was indexed with another one is stale.
pub const NAMES_VERSION: u32 = 1;

/// Words that lean on the next one: `DE LA TOUR` is one name, `LE GOFF MARTIN` is two. In order.
const PARTICLES: &[&str] = &[
    "abd", "abdel", "abou", "abu", "ait", "al", "ben", "bin", "bou", "d", "da", "dalla", "das",
    "de", "del", "della", "dello", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "ibn",
    "l", "la", "le", "les", "lo", "m", "mac", "mc", "n", "o", "ould", "saint", "sainte", "san",
    "sant", "santa", "st", "ste", "ten", "ter", "van", "vande", "vander", "von", "y", "zu",
];

fn is_particle(word: &str) -> bool {
    PARTICLES.binary_search(&word).is_ok()
}

/// Lower case without marks or ligatures; what is neither letter nor digit becomes one space.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    let mut push = |character: char| {
        // Modifier letters (ʼ, ʻ, ꞌ) are apostrophes to whoever typed them.
        let letter = character.is_alphanumeric()
            && !matches!(character, '\u{2b0}'..='\u{2ff}' | '\u{a78b}' | '\u{a78c}');
        if letter {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(character);
        } else {
            gap = true;
        }
    };
    if text.is_ascii() {
        text.chars().for_each(|character| push(character.to_ascii_lowercase()));
        return folded;
    }
    // Twice: a few capitals decompose only once lowered (İ), and folding must be idempotent.
    let lowered = text.nfkd().flat_map(char::to_lowercase).collect::<String>();
    for character in lowered.nfkd().filter(|character| !is_combining_mark(*character)) {
        match character {
            'œ' => "oe".chars().for_each(&mut push),
            'æ' => "ae".chars().for_each(&mut push),
            'ß' => "ss".chars().for_each(&mut push),
            'þ' => "th".chars().for_each(&mut push),
            'ł' => push('l'),
            'ø' => push('o'),
            'đ' | 'ð' => push('d'),
            'ı' => push('i'),
            other => push(other),
        }
    }
    folded
}

/// The words of a name, folded: `d’Hondt-Łukasz` → `d`, `hondt`, `lukasz`.
pub fn tokens(text: &str) -> Vec<String> {
    fold(text).split(' ').filter(|token| !token.is_empty()).map(str::to_owned).collect()
}

/// The whole name as one word: `DE LA TOUR`, `Delatour` and `de-la-Tour` are the same.
/// Never empty for a text that is not blank (a name in signs alone keeps its signs).
pub fn name_key(text: &str) -> String {
    let mut key = fold(text);
    key.retain(|character| character != ' ');
    if key.is_empty() {
        key = text.split_whitespace().collect::<String>().to_lowercase();
    }
    key
}

/// Order of lists: family then given, neither accent, apostrophe, hyphen nor space counting.
pub fn sort_key(family: &str, given: &str) -> String {
    format!("{} {}", name_key(family), name_key(given))
}

/// A family name taken apart for comparison.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamilyKey {
    /// [`name_key`] of the whole.
    pub whole: String,
    /// The names of a double name, particles kept on the name they belong to; one when it is simple.
    pub parts: Vec<String>,
}

impl FamilyKey {
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        if !folded.is_empty() && !folded.contains(' ') {
            return Self { parts: vec![folded.clone()], whole: folded };
        }
        let (mut parts, mut leaning) = (Vec::new(), String::new());
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        for (place, word) in words.iter().enumerate() {
            let particle = is_particle(word);
            leaning.push_str(match *word {
                "st" if place + 1 < words.len() => "saint",
                "ste" if place + 1 < words.len() => "sainte",
                other => other,
            });
            if !particle || place + 1 == words.len() {
                parts.push(std::mem::take(&mut leaning));
            }
        }
        let whole = if parts.is_empty() { name_key(text) } else { parts.concat() };
        if parts.is_empty() && !whole.is_empty() {
            parts.push(whole.clone());
        }
        Self { whole, parts }
    }
    pub fn is_double(&self) -> bool {
        self.parts.len() > 1
    }
}

/// First names taken apart: `Marie-Claire Océane` → whole `marieclaireoceane`, three parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GivenKey {
    pub whole: String,
    pub parts: Vec<String>,
}

impl GivenKey {
    pub fn of(text: &str) -> Self {
        let folded = fold(text);
        if folded.is_empty() {
            return Self { whole: name_key(text), parts: Vec::new() };
        }
        if !folded.contains(' ') {
            return Self { parts: vec![folded.clone()], whole: folded };
        }
        let parts: Vec<String> = folded.split(' ').map(str::to_owned).collect();
        Self { whole: parts.concat(), parts }
    }
    pub fn first(&self) -> &str {
        self.parts.first().map_or(self.whole.as_str(), String::as_str)
    }
}

/// How near two keys are, 0 to 1 (Jaro–Winkler: the head of a name weighs more).
pub fn similarity(left: &str, right: &str) -> f64 {
    strsim::jaro_winkler(left, right)
}

/// One slip of the keyboard apart (two for long names): a letter more, less, changed, or two swapped.
pub fn is_slip(left: &str, right: &str) -> bool {
    if left.len().abs_diff(right.len()) > 4 {
        return false;
    }
    let shortest = left.chars().count().min(right.chars().count());
    let allowed = match shortest {
        0..4 => return false,
        4..9 => 1,
        _ => 2,
    };
    let (ours, theirs) = (letters(left), letters(right));
    // Each slip takes one letter away at most, and brings one: most pairs are told apart by that alone.
    let lacking = (ours & !theirs).count_ones().max((theirs & !ours).count_ones());
    left.len().abs_diff(right.len()) <= 2 * allowed
        && lacking as usize <= allowed
        && strsim::osa_distance(left, right) <= allowed
}

/// The letters of a key, a bit each; far ones share one.
fn letters(key: &str) -> u32 {
    key.chars().fold(0, |all, letter| all | 1 << (u32::from(letter) & 31))
}

/// Bytes that are left of a name cut short, at the least.
pub const CUT_FROM: usize = 8;

/// One is the other cut short by a narrow column.
pub fn is_cut(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    short.len() >= CUT_FROM && short.len() < long.len() && long.starts_with(short)
}

/// What French ears take for the same name: an index key, never a proof.
pub fn phonetic(key: &str) -> String {
    let mut sound = String::with_capacity(key.len());
    if key.is_ascii() {
        let letters = key.as_bytes();
        sound_into(&mut sound, |place| letters.get(place).copied().map(char::from));
    } else {
        let letters: Vec<char> = key.chars().collect();
        sound_into(&mut sound, |place| letters.get(place).copied());
    }
    sound
}

fn sound_into(sound: &mut String, letter: impl Fn(usize) -> Option<char>) {
    let mut place = 0;
    while let Some(now) = letter(place) {
        let next = letter(place + 1).unwrap_or(' ');
        let (code, taken): (&str, usize) = match (now, next) {
            ('p', 'h') => ("f", 2),
            ('q', 'u') | ('c', 'k') | ('k', 'h') => ("k", 2),
            ('c', 'h') | ('s', 'h') => ("x", 2),
            ('g', 'u') => ("g", 2),
            ('g', 'e' | 'i' | 'y') => ("j", 1),
            ('c', 'e' | 'i' | 'y') => ("s", 1),
            ('e', 'a') | ('a', 'u') => ("o", if letter(place + 2) == Some('u') { 3 } else { 2 }),
            ('a' | 'e', 'i' | 'y') => ("e", 2),
            ('o', 'u') => ("u", 2),
            ('h', _) => ("", 1),
            ('c' | 'q', _) => ("k", 1),
            ('y', _) => ("i", 1),
            ('z' | 'ç', _) => ("s", 1),
            ('w', _) => ("v", 1),
            ('m', _) => ("n", 1),
            // Mute at the end of a name.
            ('e' | 's' | 't' | 'd' | 'x', ' ') if sound.len() > 2 => ("", 1),
            (other, _) => {
                push_once(sound, other);
                place += 1;
                continue;
            }
        };
        code.chars().for_each(|character| push_once(sound, character));
        place += taken;
    }
}

fn push_once(sound: &mut String, character: char) {
    if !sound.ends_with(character) {
        sound.push(character);
    }
}

/// A reason to trust a name less: letters that look like others, or that cannot be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameOddity {
    /// Zero-width, direction or control characters: refused in any name.
    Invisible,
    /// Latin letters beside Cyrillic or Greek ones: a look-alike.
    MixedScripts,
}

pub fn oddity(text: &str) -> Option<NameOddity> {
    if text.is_ascii() {
        return text.chars().any(|c| c.is_ascii_control()).then_some(NameOddity::Invisible);
    }
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if text.chars().any(invisible) {
        return Some(NameOddity::Invisible);
    }
    let latin =
        text.chars().any(|c| c.is_ascii_alphabetic() || ('\u{c0}'..='\u{24f}').contains(&c));
    let other = text.chars().any(|c| ('\u{370}'..='\u{52f}').contains(&c));
    (latin && other).then_some(NameOddity::MixedScripts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particles_are_in_order() {
        assert!(PARTICLES.is_sorted() && PARTICLES.iter().all(|word| is_particle(word)));
    }

    #[test]
    fn writings_of_one_name_share_their_key() {
        for (one, other) in [
            ("DE LA TOUR", "Delatour"),
            ("de la Tour", "DE-LA-TOUR"),
            ("D HONDT", "d’Hondt"),
            ("D'HONDT", "DHONDT"),
            ("D´HONDT", "Dʼhondt"),
            ("L`HÔTE", "Lhote"),
            ("ŒUVRARD", "Oeuvrard"),
            ("LÆTITIA", "Laetitia"),
            ("Étienne", "ETIENNE"),
            ("E\u{301}tienne", "étienne"),
            ("STRAẞE", "Strasse"),
            ("Łukasz", "LUKASZ"),
            ("SØRENSEN", "Sorensen"),
            ("ĐẶNG", "Dang"),
            ("MARIE-CLAIRE", "Marie  Claire"),
            ("İpek", "IPEK"),
            ("N’GUESSAN", "N'Guessan"),
            ("N＇Guessan", "NGUESSAN"),
            ("O′Connor", "O‘CONNOR"),
            ("L‛Hostis", "LHOSTIS"),
            ("Le\u{a0}Goff", "LE  GOFF"),
            ("LE\u{2011}GOFF", "Le–Goff"),
            ("Mac Mahon", "MACMAHON"),
            ("Ybañez", "YBANEZ"),
            ("Čapek", "Capek"),
            ("Gœthals", "GOETHALS"),
            ("Noëlle", "NOELLE"),
            ("Garçon", "GARCON"),
            ("ＭＡＲＴＩＮ", "Martin"),
        ] {
            assert_eq!(name_key(one), name_key(other), "{one} / {other}");
        }
        for (one, other) in [("MARTIN", "MARTINE"), ("DUPONT", "DUPOND"), ("LE ROY", "LEROI")] {
            assert_ne!(name_key(one), name_key(other), "{one} / {other}");
        }
    }

    #[test]
    fn a_double_name_is_two_and_a_particle_leans() {
        let cases: &[(&str, &[&str])] = &[
            ("LE GOFF-MARTIN", &["legoff", "martin"]),
            ("MARTIN LE GOFF", &["martin", "legoff"]),
            ("DE LA TOUR", &["delatour"]),
            ("D'ALMEIDA", &["dalmeida"]),
            ("VAN DER BERG", &["vanderberg"]),
            ("ST MARTIN", &["saintmartin"]),
            ("SAINT-MARTIN", &["saintmartin"]),
            ("M’BAREK", &["mbarek"]),
            ("BEN ALI", &["benali"]),
            ("DUPONT", &["dupont"]),
            ("LE", &["le"]),
            ("  ", &[]),
        ];
        for (text, parts) in cases {
            assert_eq!(FamilyKey::of(text).parts, *parts, "{text}");
        }
        assert_eq!(GivenKey::of("MARIE'CLAIRE'").parts, ["marie", "claire"]);
    }

    #[test]
    fn keys_are_idempotent_and_never_empty_da_13() {
        for text in [
            "L'Hôte",
            "’",
            "--",
            "N'DIAYE",
            "Œ",
            "ǅ",
            "李",
            "Ἀθηνᾶ",
            "ﬁ",
            "ß",
            "İ",
            "ŉ",
            "½",
            "d’",
            "ⅷ",
        ] {
            let key = name_key(text);
            assert!(!key.is_empty(), "{text}");
            assert_eq!(name_key(&key), key, "{text}");
            assert_eq!(fold(&fold(text)), fold(text), "{text}");
        }
    }

    /// Hard names in the order that the console's collator gives too.
    #[test]
    fn lists_are_in_the_order_of_a_french_reader() {
        let ordered = [
            ("Abd El Kader", "Nour"),
            ("d'Almeida", "Zoé"),
            ("Dalmeida", "Zoé-Lou"),
            ("de La Tour", "Anne"),
            ("Etienne", "Luc"),
            ("Étienne", "Marc"),
            ("Le Goff", "Yann"),
            ("Legoff", "Yannick"),
            ("Lhoste", "Paul"),
            ("L'Hôte", "Jean"),
            ("Martin", "Marie"),
            ("Martin", "Marie-Claude"),
            ("Œuvrard", "Luc"),
            ("Saint-Martin", "Eve"),
        ];
        let keys: Vec<String> =
            ordered.iter().map(|(family, given)| sort_key(family, given)).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted);
    }

    #[test]
    fn slips_and_cuts() {
        for (one, other, slip) in [
            ("martin", "matrin", true),
            ("martin", "marti", true),
            ("martin", "martinez", false),
            ("bernardeau", "bernradaeu", true),
            ("li", "lo", false),
            ("marie", "maria", true),
        ] {
            assert_eq!(is_slip(one, other), slip, "{one} {other}");
        }
        assert!(is_cut("vanderbergdel", "vanderbergdelatour") && !is_cut("mar", "martin"));
        assert!(!is_cut("martinez", "martinez"));
    }

    /// `name` with one slip of each kind at each place.
    fn slips(name: &str) -> Vec<String> {
        let letters: Vec<char> = name.chars().collect();
        let mut all = Vec::new();
        for place in 0..=letters.len() {
            let (head, tail) = letters.split_at(place);
            let join = |middle: &[char], tail: &[char]| -> String {
                head.iter().chain(middle).chain(tail).collect()
            };
            for letter in ['a', 'z', 'đ'] {
                all.push(join(&[letter], tail));
                all.extend(tail.split_first().map(|(_, tail)| join(&[letter], tail)));
            }
            all.extend(tail.split_first().map(|(_, tail)| join(&[], tail)));
            if let [one, two, tail @ ..] = tail {
                all.push(join(&[*two, *one], tail));
            }
        }
        all
    }

    #[test]
    fn a_look_at_the_letters_tells_no_slip_apart() {
        let apart = |one: &str, other: &str| strsim::osa_distance(one, other);
        for one in slips("durand") {
            assert_eq!(is_slip("durand", &one), apart("durand", &one) <= 1, "{one}");
        }
        for one in slips("vandenberghe").iter().flat_map(|one| slips(one)) {
            assert_eq!(is_slip("vandenberghe", &one), apart("vandenberghe", &one) <= 2, "{one}");
        }
    }

    #[test]
    fn sounds_alike() {
        for (one, other) in [
            ("philippe", "filipe"),
            ("dupont", "dupond"),
            ("moreau", "moro"),
            ("mathieu", "mattieu"),
            ("renault", "renaud"),
            ("catherine", "katerine"),
        ] {
            let close = (phonetic(one), phonetic(other));
            if (one, other) == ("renault", "renaud") {
                // The mute `l` is beyond this key: a known loss of the index.
                assert_ne!(close.0, close.1);
            } else {
                assert_eq!(close.0, close.1, "{one} {other}");
            }
        }
    }

    #[test]
    fn look_alikes_are_seen_da_11() {
        for (text, expected) in [
            ("MARTIN", None),
            ("Łukasz É", None),
            ("М\u{410}RTIN", Some(NameOddity::MixedScripts)),
            ("MAR\u{200b}TIN", Some(NameOddity::Invisible)),
            ("\u{202e}NITRAM", Some(NameOddity::Invisible)),
            ("MAR\u{0}", Some(NameOddity::Invisible)),
            ("Иванов", None),
        ] {
            assert_eq!(oddity(text), expected, "{text:?}");
        }
    }
}
