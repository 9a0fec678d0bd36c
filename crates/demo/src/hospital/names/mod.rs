//! Surnames by the law of Zipf and Mandelbrot, first names by sex and decade of birth.
mod first_name_data;
mod surname_data;

use super::chance::Chance;
use std::collections::HashSet;

/// Distinct surnames, for every size of hospital: names repeat as they do in the whole country.
pub const SURNAMES: usize = 350_000;
/// Distinct first names of each sex.
pub const FIRST_NAMES: usize = 1_500;
const DECADES: usize = 7;
/// Weight of a name in its own decade and one, two, … decades away.
const FADING: [u64; DECADES] = [100, 42, 14, 5, 2, 1, 1];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    Woman,
    Man,
}

/// All names there are, with the weight of each.
pub struct Lexicon {
    surnames: Words,
    surname_weights: Vec<u64>,
    afar: Vec<&'static str>,
    afar_weights: Vec<u64>,
    first_names: [FirstNames; 2],
}

/// Many short texts in one allocation.
struct Words {
    text: String,
    ends: Vec<u32>,
}

struct FirstNames {
    words: Vec<String>,
    afar: Vec<&'static str>,
    /// Cumulated weights, one row a decade of birth.
    weights: [Vec<u64>; DECADES],
}

impl Lexicon {
    pub fn new() -> Self {
        let surnames = all_surnames();
        let afar: Vec<&str> = surname_data::FOREIGN.split('|').collect();
        Self {
            surname_weights: zipf_mandelbrot(surnames.ends.len()),
            afar_weights: zipf_mandelbrot(afar.len()),
            surnames,
            afar,
            first_names: [FirstNames::new(Sex::Woman), FirstNames::new(Sex::Man)],
        }
    }

    pub fn surname(&self, chance: &mut Chance) -> &str {
        self.surnames.at(chance.place_in(&self.surname_weights))
    }

    pub fn surname_from_afar(&self, chance: &mut Chance) -> &'static str {
        self.afar[chance.place_in(&self.afar_weights)]
    }

    pub fn first_name(&self, sex: Sex, birth_year: i32, chance: &mut Chance) -> &str {
        let names = &self.first_names[sex as usize];
        let decade = usize::try_from((birth_year - 1940).clamp(0, 69) / 10).expect("clamped");
        &names.words[chance.place_in(&names.weights[decade])]
    }

    pub fn first_name_from_afar(&self, sex: Sex, chance: &mut Chance) -> &'static str {
        chance.pick(&self.first_names[sex as usize].afar)
    }

    /// A first name that begins as this one does, as parents of twins like them.
    pub fn sibling_first_name(&self, sex: Sex, like: &str, chance: &mut Chance) -> &str {
        let words = &self.first_names[sex as usize].words;
        let start: String = like.chars().take(2).collect();
        let from = chance.index(words.len());
        let turned = words[from..].iter().chain(&words[..from]);
        turned
            .filter(|word| word.as_str() != like && word.starts_with(&start))
            .map(String::as_str)
            .next()
            .unwrap_or(&words[from])
    }

    /// How a clerk once turned this name into a French one, where one did.
    pub fn francised(&self, first_name: &str) -> Option<&'static str> {
        first_name_data::FRANCISED.iter().find(|(given, _)| *given == first_name).map(|pair| pair.1)
    }
}

impl Words {
    fn at(&self, index: usize) -> &str {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.text[start..self.ends[index] as usize]
    }

    fn push(&mut self, word: &str) {
        self.text.push_str(word);
        self.ends.push(u32::try_from(self.text.len()).expect("a few megabytes"));
    }
}

/// Weight of rank r: 1 / (r + 25)^(15/16), scaled and cumulated. Only + - * / and square roots, which
/// IEEE 754 rounds alike on every machine (`powf` is not so bound). On 350 000 forms the first has
/// 0.30 % of the bearers and the first thousand 32 %.
fn zipf_mandelbrot(forms: usize) -> Vec<u64> {
    let mut until = 0;
    (1..=forms)
        .map(|rank| {
            let shifted = rank as f64 + 25.0;
            let sixteenth_root = shifted.sqrt().sqrt().sqrt().sqrt();
            until += (1e12 * sixteenth_root / shifted) as u64;
            until
        })
        .collect()
}

fn all_surnames() -> Words {
    let mut words = Words { text: String::with_capacity(SURNAMES * 11), ends: Vec::new() };
    let mut seen = HashSet::new(); // asked only whether it holds a word: its order is never read
    for word in surname_data::COMMON.split_whitespace().chain(surname_data::FOREIGN.split('|')) {
        if seen.insert(word.to_owned()) {
            words.push(word);
        }
    }
    // The word stock is the same for every seed: a hospital's seed draws people, not the language.
    let mut chance = Chance::of(0, "surnames", 0);
    let pieces = Pieces::new();
    while words.ends.len() < SURNAMES {
        let word = pieces.compose(&mut chance, &words);
        if (3..=28).contains(&word.chars().count()) && seen.insert(word.clone()) {
            words.push(&word);
        }
    }
    words
}

struct Pieces {
    heads: Vec<&'static str>,
    middles: Vec<&'static str>,
    tails: Vec<&'static str>,
    breton: (Vec<&'static str>, Vec<&'static str>),
    afar: Vec<[Vec<&'static str>; 3]>,
}

impl Pieces {
    fn new() -> Self {
        let split = |text: &'static str| text.split_whitespace().collect::<Vec<_>>();
        Self {
            heads: split(surname_data::HEADS),
            middles: split(surname_data::MIDDLES),
            tails: split(surname_data::TAILS),
            breton: (split(surname_data::BRETON_HEADS), split(surname_data::BRETON_TAILS)),
            afar: surname_data::AFAR.iter().map(|family| family.map(split)).collect(),
        }
    }

    fn compose(&self, chance: &mut Chance, known: &Words) -> String {
        match chance.below(100) {
            0..=55 => self.plain(chance),
            56..=61 => {
                let (particle, name) = (chance.pick(surname_data::PARTICLES), self.plain(chance));
                let vowel = name.starts_with(['A', 'E', 'É', 'I', 'O', 'U', 'H']);
                match particle {
                    "d'" | "L'" if !vowel => format!("Le {name}"),
                    "de " | "de La " if vowel => format!("d'{name}"),
                    _ => format!("{particle}{name}"),
                }
            }
            62..=66 => {
                let (heads, tails) = &self.breton;
                format!("{}{}", chance.pick(heads), chance.pick(tails))
            }
            67..=80 => {
                let [heads, links, tails] = &self.afar[chance.index(self.afar.len())];
                let (head, link) = (chance.pick(heads), chance.pick(links));
                let name = format!("{head}{link}{}", chance.pick(tails));
                name.replace("--", "-").replacen("-", " ", 1)
            }
            _ => {
                let (first, second) =
                    (chance.index(known.ends.len()), chance.index(known.ends.len()));
                format!("{}-{}", known.at(first), known.at(second))
            }
        }
    }

    fn plain(&self, chance: &mut Chance) -> String {
        let (head, tail) = (chance.pick(&self.heads), chance.pick(&self.tails));
        match chance.below(3) {
            0 => format!("{head}{}{tail}", chance.pick(&self.middles)),
            1 => {
                format!("{head}{}{}{tail}", chance.pick(&self.middles), chance.pick(&self.middles))
            }
            _ => format!("{head}{tail}"),
        }
    }
}

impl FirstNames {
    fn new(sex: Sex) -> Self {
        use first_name_data::{MEN, MEN_AFAR, WOMEN, WOMEN_AFAR};
        let (by_decade, afar, joins) = match sex {
            Sex::Woman => (&WOMEN, WOMEN_AFAR, ["Marie", "Anne", "Rose"]),
            Sex::Man => (&MEN, MEN_AFAR, ["Jean", "Pierre", "Paul"]),
        };
        let afar: Vec<&str> = afar.split_whitespace().collect();
        let mut words: Vec<String> = Vec::new();
        let mut base: Vec<(usize, u64)> = Vec::new(); // peak decade, weight there
        let mut add = |word: String, decade: usize, weight: u64| {
            if words.len() < FIRST_NAMES && !words.contains(&word) {
                words.push(word);
                base.push((decade, weight));
            }
        };
        for (decade, list) in by_decade.iter().enumerate() {
            for (rank, word) in list.split_whitespace().enumerate() {
                add(word.to_owned(), decade, 24_000 / (rank as u64 + 9));
            }
        }
        for word in &afar {
            add((*word).to_owned(), 4, 90);
        }
        for (decade, list) in by_decade.iter().enumerate() {
            for second in list.split_whitespace().filter(|word| !word.contains('-')) {
                for first in joins.iter().filter(|first| **first != second) {
                    add(format!("{first}-{second}"), decade, 40);
                }
            }
        }
        let mut chance = Chance::of(0, "first names", sex as u64);
        let tails = match sex {
            Sex::Woman => first_name_data::RARE_WOMEN_TAILS,
            Sex::Man => first_name_data::RARE_MEN_TAILS,
        };
        for head in first_name_data::RARE_HEADS.split_whitespace() {
            for tail in tails.split_whitespace() {
                for middle in ["", "li", "na"] {
                    add(format!("{head}{middle}{tail}"), chance.index(DECADES), 12);
                }
            }
        }
        let weights = std::array::from_fn(|born| {
            let mut until = 0;
            let weigh = |&(peak, weight): &(usize, u64)| {
                until += weight * FADING[peak.abs_diff(born)];
                until
            };
            base.iter().map(weigh).collect()
        });
        Self { words, afar, weights }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_of_names_is_that_of_the_country() {
        let lexicon = Lexicon::new();
        let total = *lexicon.surname_weights.last().expect("names");
        let share = |rank: usize| lexicon.surname_weights[rank - 1] * 100_000 / total;
        assert!((270..=350).contains(&share(1)), "{}", share(1));
        assert!((27_000..=34_000).contains(&share(1_000)), "{}", share(1_000));
        assert_eq!(lexicon.surnames.ends.len(), SURNAMES);
        assert_eq!(lexicon.surnames.at(0), "Martin");
        for names in &lexicon.first_names {
            assert_eq!(names.words.len(), FIRST_NAMES);
            for row in &names.weights {
                let heaviest = row.windows(2).map(|pair| pair[1] - pair[0]).max().expect("names");
                let top = heaviest * 1_000 / row.last().expect("names");
                assert!((15..=45).contains(&top), "top first name has {top} per mille");
            }
        }
    }

    #[test]
    fn surnames_bear_what_trips_matchers_up() {
        let lexicon = Lexicon::new();
        let all: Vec<&str> = (0..SURNAMES).map(|rank| lexicon.surnames.at(rank)).collect();
        for mark in ["'", "-", " ", "œ", "é", "de La ", "Le ", "Da ", "El "] {
            let bearers = all.iter().filter(|name| name.contains(mark)).count();
            assert!(bearers > 0, "no surname with {mark:?}");
        }
        for name in all {
            let (_, _, lossy) = encoding_rs::WINDOWS_1252.encode(name);
            assert!(!lossy, "{name} cannot stand in a Windows-1252 file");
        }
    }
}
