//! What an agreement weighs: `log2(m / u)` after Fellegi and Sunter, `m` being how often a pair of one
//! person agrees so far, `u` how often chance does. `u` of names comes from the register itself, where
//! agreeing on a rare name is worth more; the rest is learnt by expectation–maximisation on the
//! hospital's own pairs, from starting points that weigh as much as `PSEUDO` members of staff.
use crate::compare::{Agreement, BirthLevel, Comparison};
use crate::grades::Kind;
use crate::levels::{FamilyLevel, GivenLevel};
use crate::search::{Pair, Searched};
use crate::why::Field;

/// How many members of staff the starting points are worth.
const PSEUDO: f64 = 200.0;
const ROUNDS: usize = 12;

/// Shares of the pairs of one person at each level, in the order of the level's type.
#[derive(Debug, Clone, PartialEq)]
struct Shares<const N: usize>([f64; N]);

impl<const N: usize> Shares<N> {
    fn learn(start: [f64; N], counted: &[f64; N]) -> Self {
        let all = PSEUDO + counted.iter().sum::<f64>();
        let mut learnt = start;
        for (share, seen) in learnt.iter_mut().zip(counted) {
            *share = (*share * PSEUDO + seen) / all;
        }
        Self(learnt)
    }
}

// Starting points: the habits of payroll and register that the specification of the extracts lists.
/// Different, Missing, Sound, Near, Cut, Part, Reordered, Exact.
const FAMILY: [f64; 8] = [0.025, 0.005, 0.01, 0.02, 0.01, 0.06, 0.02, 0.85];
/// Different, Missing, Near, Other, First, Exact.
const GIVEN: [f64; 6] = [0.01, 0.01, 0.03, 0.04, 0.31, 0.6];
/// Missing (not counted), Different, Default, OneDigit, Inverted, Exact.
const BIRTH: [f64; 6] = [0.0, 0.006, 0.005, 0.006, 0.004, 0.979];
/// Missing (not counted but for the structure), Different, Near, Same.
const PLACE: [f64; 4] = [0.0, 0.08, 0.0, 0.92];
const PROFESSION: [f64; 4] = [0.0, 0.01, 0.04, 0.95];
const STRUCTURE: [f64; 4] = [0.05, 0.12, 0.0, 0.83];
const DECLARED: [f64; 4] = [0.0, 0.035, 0.015, 0.95];
/// Profession, role, student, no care, unclear: who of them is in the register.
const REGISTERED: [f64; Kind::COUNT] = [0.95, 0.3, 0.2, 0.02, 0.6];
/// Bearers of one name: how often HR took the number of the wrong one, until seen otherwise.
const COPIED: (f64, f64) = (2.0, 32.0);

/// One hospital's weights.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Model {
    persons: f64,
    family: Shares<8>,
    given: Shares<6>,
    birth: Shares<6>,
    place: Shares<4>,
    profession: Shares<4>,
    structure: Shares<4>,
    declared: Shares<4>,
    registered: [f64; Kind::COUNT],
    copied: f64,
    left: Left,
}

/// Register persons who practise here and whom no member of staff explains yet: among them alone can
/// chance find a namesake here.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Left {
    all: f64,
    /// By the trade of each, numbered as `trades` numbers them.
    by_trade: Vec<f64>,
    trades: Vec<u16>,
}

impl Left {
    /// `trades`: of each person here; `taken`: already held by somebody.
    pub fn new(trades: Vec<u16>, taken: &[bool]) -> Self {
        let mut left = Self { all: 0.0, by_trade: Vec::new(), trades };
        let explained: Vec<f64> = taken.iter().map(|taken| f64::from(u8::from(*taken))).collect();
        left.count(&explained);
        left
    }

    fn count(&mut self, explained: &[f64]) {
        let kinds = self.trades.iter().max().map_or(0, |most| usize::from(*most) + 1);
        // Someone left us of whom nothing tells: a fortieth of a trade, and half a person more.
        let mut here = vec![0.0; kinds];
        self.by_trade = vec![0.5; kinds];
        for (trade, explained) in self.trades.iter().zip(explained) {
            here[usize::from(*trade)] += 1.0;
            self.by_trade[usize::from(*trade)] += 1.0 - explained.min(1.0);
        }
        for (left, here) in self.by_trade.iter_mut().zip(&here) {
            *left = left.max(here / 40.0);
        }
        self.all = self.by_trade.iter().sum::<f64>().max(1.0);
    }

    fn of_trade(&self, here: u32) -> f64 {
        let trade = self.trades.get(here as usize).map_or(0, |trade| usize::from(*trade));
        self.by_trade.get(trade).copied().unwrap_or(1.0)
    }
}

impl Model {
    pub fn start(persons: u64, left: Left) -> Self {
        let none = Counts::default();
        Self::of(&none, persons as f64, left)
    }

    /// Learns from all pairs of the hospital.
    pub fn learn(mut self, searched: &[Searched], taken: &[bool]) -> Self {
        for _ in 0..ROUNDS {
            let mut counts = Counts::new(taken);
            for one in searched {
                counts.add(&self, one);
            }
            let mut left = std::mem::take(&mut self.left);
            left.count(&counts.explained);
            self = Self::of(&counts, self.persons, left);
        }
        self
    }

    fn of(counts: &Counts, persons: f64, left: Left) -> Self {
        let registered = std::array::from_fn(|kind| {
            let [hits, all] = counts.registered[kind];
            ((REGISTERED[kind] * 20.0 + hits) / (20.0 + all)).clamp(0.005, 0.995)
        });
        let [same, all] = counts.copied;
        Self {
            persons: persons.max(2.0),
            family: Shares::learn(FAMILY, &counts.family),
            given: Shares::learn(GIVEN, &counts.given),
            birth: Shares::learn(BIRTH, &counts.birth),
            place: Shares::learn(PLACE, &counts.place),
            profession: Shares::learn(PROFESSION, &counts.profession),
            structure: Shares::learn(STRUCTURE, &counts.structure),
            declared: Shares::learn(DECLARED, &counts.declared),
            registered,
            copied: (COPIED.0 + same) / (COPIED.1 + all),
            left,
        }
    }

    /// Odds before comparing: one register person among all, and how often such staff are registered.
    pub fn prior(&self, kind: Kind) -> f64 {
        let registered = self.registered[kind as usize];
        (registered / (1.0 - registered)).log2() - self.persons.log2()
    }

    /// Staff whom the register shows elsewhere or nowhere, for one whom it shows here.
    pub fn elsewhere_for_one_here(&self) -> f64 {
        let [missing, different, _, same] = self.structure.0;
        (missing + different) / same.max(1e-3)
    }

    /// Bits: log2 of the odds that the pair is one person, nobody else being compared.
    pub fn score(&self, pair: &Comparison) -> f64 {
        self.prior(pair.kind)
            + Field::COMPARED.into_iter().map(|field| self.weight(field, pair)).sum::<f64>()
    }

    /// The share at which the same surname weighs as much as one of `share` that agrees whole, in part or in another
    /// order, at the most.
    pub fn best_family(&self, share: f64) -> f64 {
        let [.., part, reordered, exact] = self.family.0;
        share * exact / exact.max(reordered).max(part)
    }

    /// The same of one with a slip, whose share is of the other side's writing.
    pub fn slip_family(&self) -> f64 {
        let [_, _, _, near, .., exact] = self.family.0;
        exact * 5e-4 / near
    }

    /// Of one that only sounds the same.
    pub fn sound_family(&self) -> f64 {
        let [_, _, sound, .., exact] = self.family.0;
        exact * 1e-3 / sound
    }

    /// Of another name.
    pub fn other_family(&self) -> f64 {
        let [different, .., exact] = self.family.0;
        exact / different.clamp(f64::exp2(-8.0), f64::exp2(-3.0))
    }

    /// Of one that a side lacks.
    pub fn missing_family(&self) -> f64 {
        let [.., exact] = self.family.0;
        exact
    }

    /// Of one cut short, which nobody else may bear so.
    pub fn cut_family(&self) -> f64 {
        let [_, _, _, _, cut, .., exact] = self.family.0;
        exact / self.persons / cut
    }

    /// The same of first names of which the first agrees.
    pub fn best_given(&self, share: f64) -> f64 {
        let [.., other, first, exact] = self.given.0;
        share * exact / exact.max(first).max(other / 3.0)
    }

    /// Of which another agrees.
    pub fn best_other_given(&self, share: f64) -> f64 {
        let [.., other, _, exact] = self.given.0;
        share * 3.0 * exact / other
    }

    pub fn near_given(&self) -> f64 {
        let [_, _, near, .., exact] = self.given.0;
        exact * 2e-3 / near
    }

    pub fn missing_given(&self) -> f64 {
        let [.., exact] = self.given.0;
        exact
    }

    /// Bits that one field weighs.
    pub fn weight(&self, field: Field, pair: &Comparison) -> f64 {
        match field {
            Field::FamilyName => self.family_weight(pair),
            Field::GivenNames => self.given_weight(pair),
            // The first name already tells the sex: agreeing adds little.
            Field::Sex => match pair.sex {
                Agreement::Same => 0.2,
                Agreement::Different => -6.0,
                Agreement::Near | Agreement::Missing => 0.0,
            },
            Field::BirthDate => self.birth_weight(pair),
            Field::BirthPlace => match pair.place {
                Agreement::Same if pair.commune => {
                    bits(self.place.0[3], pair.chance.place).clamp(0.0, 9.0)
                }
                Agreement::Same => bits(self.place.0[3], pair.chance.place).clamp(0.0, 6.0),
                Agreement::Different => self.place.0[1].log2().clamp(-5.0, -2.0),
                Agreement::Near | Agreement::Missing => 0.0,
            },
            Field::Profession => self.profession_weight(pair),
            Field::Structure => self.structure_weight(pair),
            Field::DeclaredRpps => self.declared_weight(pair),
            Field::Prior => self.prior(pair.kind),
            Field::Matricule | Field::Mail => 0.0,
        }
    }

    fn family_weight(&self, pair: &Comparison) -> f64 {
        let (agrees, share) = (self.family.0[pair.family as usize], pair.chance.family);
        let weight = match pair.family {
            FamilyLevel::Missing => 0.0,
            FamilyLevel::Different => agrees.log2().clamp(-8.0, -3.0),
            FamilyLevel::Exact | FamilyLevel::Reordered | FamilyLevel::Part => bits(agrees, share),
            FamilyLevel::Cut => bits(agrees, share * 2.0),
            FamilyLevel::Near => bits(agrees, (share * 10.0).max(5e-4)),
            FamilyLevel::Sound => bits(agrees, (share * 10.0).max(1e-3)),
        };
        // Columns are swapped once in a hundred.
        if pair.swapped { weight - 6.0 } else { weight }
    }

    fn given_weight(&self, pair: &Comparison) -> f64 {
        let (agrees, share) = (self.given.0[pair.given as usize], pair.chance.given);
        match pair.given {
            GivenLevel::Missing => 0.0,
            GivenLevel::Different => agrees.log2().clamp(-9.0, -4.0),
            // HR lists every civil first name, the register shows one: nearly as good as the same.
            GivenLevel::Exact | GivenLevel::First => bits(agrees, share),
            GivenLevel::Other => bits(agrees, share * 3.0),
            GivenLevel::Near => bits(agrees, (share * 6.0).max(2e-3)),
        }
    }

    fn birth_weight(&self, pair: &Comparison) -> f64 {
        let agrees = self.birth.0[pair.birth as usize];
        match pair.birth {
            BirthLevel::Missing => 0.0,
            BirthLevel::Different => agrees.log2().clamp(-12.0, -7.0),
            // The year agrees, the rest was never known: one person in forty.
            BirthLevel::Default => 4.0,
            BirthLevel::OneDigit => bits(agrees, 0.002).clamp(0.0, 2.0),
            BirthLevel::Inverted => bits(agrees, 3e-5).clamp(2.0, 5.0),
            // Immigrants without papers are born on 1 January: a year, hardly more.
            BirthLevel::Exact if pair.january => 8.0,
            BirthLevel::Exact => bits(agrees, 7e-5),
        }
    }

    fn profession_weight(&self, pair: &Comparison) -> f64 {
        match (pair.profession, pair.here) {
            (Agreement::Same, Some(here)) => {
                let left = self.left.of_trade(here) / self.left.all;
                let chance = if pair.open_trade { left.max(pair.chance.profession) } else { left };
                bits(self.profession.0[3], chance).clamp(0.0, 8.0)
            }
            (Agreement::Same, None) => {
                bits(self.profession.0[3], pair.chance.profession).clamp(0.0, 8.0)
            }
            (Agreement::Different, _) => self.profession.0[1].log2().clamp(-9.0, -5.0),
            (Agreement::Near | Agreement::Missing, _) => 0.0,
        }
    }

    /// Standing in our structure is worth more when nearly everyone who stands there is explained by a
    /// member of staff: what is left for chance is only who is left.
    fn structure_weight(&self, pair: &Comparison) -> f64 {
        let agrees = self.structure.0[pair.structure as usize];
        match pair.structure {
            Agreement::Same => bits(agrees, self.left.all / self.persons).clamp(0.0, 16.0),
            Agreement::Different => bits(agrees, 0.85).clamp(-6.0, 0.0),
            Agreement::Near | Agreement::Missing => bits(agrees, 0.15).clamp(-4.0, 0.0),
        }
    }

    fn declared_weight(&self, pair: &Comparison) -> f64 {
        match pair.declared {
            // Under another family name it was not copied from the directory by looking the name up.
            Agreement::Same if pair.family == FamilyLevel::Different => 12.0,
            // A number can be copied from the public directory, a namesake's included.
            Agreement::Same => bits(self.declared.0[3], self.copied).clamp(1.0, 9.0),
            Agreement::Near => 3.0,
            Agreement::Different => self.declared.0[1].log2().clamp(-6.0, -3.0),
            Agreement::Missing => 0.0,
        }
    }
}

/// `log2(m / u)`, kept within what data of this kind can ever prove.
fn bits(agreeing: f64, by_chance: f64) -> f64 {
    (agreeing / by_chance.max(1e-7)).log2().clamp(-12.0, 18.0)
}

/// Expected counts of one round.
#[derive(Default)]
struct Counts {
    family: [f64; 8],
    given: [f64; 6],
    birth: [f64; 6],
    place: [f64; 4],
    profession: [f64; 4],
    structure: [f64; 4],
    declared: [f64; 4],
    /// Hits and staff, by kind.
    registered: [[f64; 2]; Kind::COUNT],
    /// Of namesakes who are somebody else: whose number HR gives, and all.
    copied: [f64; 2],
    /// How surely each person here is a member of staff.
    explained: Vec<f64>,
}

impl Counts {
    fn new(taken: &[bool]) -> Self {
        let explained = taken.iter().map(|taken| f64::from(u8::from(*taken))).collect();
        Self { explained, ..Self::default() }
    }

    /// Shares one member of staff out among the candidates and nobody.
    fn add(&mut self, model: &Model, one: &Searched) {
        let score = |pair: &Pair| model.score(&pair.comparison).exp2();
        let odds: Vec<f64> = one.pairs.iter().map(score).collect();
        let all = 1.0 + odds.iter().sum::<f64>();
        for (pair, odds) in one.pairs.iter().zip(odds) {
            self.add_pair(&pair.comparison, odds / all);
        }
        let [hits, staff] = &mut self.registered[one.kind as usize];
        *hits += 1.0 - 1.0 / all;
        *staff += 1.0;
    }

    fn add_pair(&mut self, pair: &Comparison, likely: f64) {
        self.family[pair.family as usize] += likely;
        self.given[pair.given as usize] += likely;
        self.structure[pair.structure as usize] += likely;
        if pair.birth != BirthLevel::Missing {
            self.birth[pair.birth as usize] += likely;
        }
        let told = [
            (&mut self.place, pair.place),
            (&mut self.profession, pair.profession),
            (&mut self.declared, pair.declared),
        ];
        for (counted, agreement) in told {
            if agreement != Agreement::Missing {
                counted[agreement as usize] += likely;
            }
        }
        if pair.declared != Agreement::Missing && pair.names_agree() {
            self.copied[0] += if pair.declared == Agreement::Same { 1.0 - likely } else { 0.0 };
            self.copied[1] += 1.0 - likely;
        }
        if let Some(explained) = pair.here.and_then(|here| self.explained.get_mut(here as usize)) {
            *explained += likely;
        }
    }
}
