//! What is the same for all files of one hospital: the plan, the figures, the words, the sizes.
use super::chance::{Chance, WHOLE};
use super::figures::Figures;
use super::names::Lexicon;
use super::places::with_luhn_key;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    pub size: Size,
    /// With the dangers of a real hospital, all at once and more often.
    pub hard: bool,
    /// With a register that lags far behind the house (decision 0008).
    pub lagging: bool,
}

/// How many people: staff, and persons in the register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// 300 and 20 000.
    Small,
    /// 5 000 and 60 000.
    Default,
    /// 5 000 and 1.8 million.
    Full,
}

impl Size {
    pub fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Default => "default",
            Self::Full => "full",
        }
    }

    fn staff(self) -> u64 {
        match self {
            Self::Small => 300,
            Self::Default | Self::Full => 5_000,
        }
    }

    fn register(self) -> u64 {
        match self {
            Self::Small => 20_000,
            Self::Default => 60_000,
            Self::Full => 1_800_000,
        }
    }
}

/// Weekly versions of every file: 1, 2 and 3.
pub type Version = u8;
pub const VERSIONS: [Version; 3] = [1, 2, 3];
/// A version that never comes.
pub const NEVER: Version = 9;

pub struct World {
    pub plan: Plan,
    pub figures: Figures,
    pub lexicon: Lexicon,
    /// Staff present in the first version.
    pub staff: u64,
    /// Newcomers of each later week.
    pub arrivals: u64,
    /// Persons in the first version of the register.
    pub register: u64,
    /// New persons of each later week in the register.
    pub registrations: u64,
}

/// Whose record a place of the register holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// Member of staff by number, when registered.
    Staff(u64),
    /// Another person with the names and profession of that member of staff.
    NamesakeOf(u64),
    /// Somebody who left us and was never struck off; numbered as staff are.
    Former(u64),
    /// Anybody in the country.
    Stranger,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let mut figures = if plan.hard { Figures::hard() } else { Figures::normal() };
        if plan.lagging {
            figures.lag(plan.hard);
        }
        let weekly = |of: u64, share: u32| of * u64::from(share) / u64::from(WHOLE);
        let (staff, register) = (plan.size.staff(), plan.size.register());
        Self {
            arrivals: weekly(staff, figures.weekly_arrivals).max(2),
            registrations: weekly(register, figures.weekly_new),
            lexicon: Lexicon::new(),
            plan,
            figures,
            staff,
            register,
        }
    }

    pub fn chance(&self, topic: &str, index: u64) -> Chance {
        Chance::of(self.plan.seed, topic, index)
    }

    /// Everybody who is staff in one version or another.
    pub fn all_staff(&self) -> u64 {
        self.staff + 2 * self.arrivals
    }

    /// Places of the register up to this version.
    pub fn places(&self, version: Version) -> u64 {
        self.register + self.registrations * u64::from(version - 1)
    }

    /// Staff, their namesakes and former staff are strewn through the whole register: one block of
    /// places for each member of staff, at places that the seed decides.
    pub fn bearer(&self, place: u64) -> Bearer {
        let block = self.register / self.all_staff();
        let (number, within) = (place / block, place % block);
        if number >= self.all_staff() {
            return Bearer::Stranger;
        }
        match (within + self.turn(number, block)) % block {
            0 => Bearer::Staff(number),
            1 => Bearer::NamesakeOf(number),
            2 => Bearer::Former(number),
            _ => Bearer::Stranger,
        }
    }

    /// The place in the register of this bearer (strangers have no place of their own to ask for).
    pub fn place_of(&self, number: u64, nth: u64) -> u64 {
        let block = self.register / self.all_staff();
        number * block + (nth + block - self.turn(number, block)) % block
    }

    fn turn(&self, number: u64, block: u64) -> u64 {
        self.chance("turn", number).below(block)
    }

    /// RPPS number of a place: 9990 (up to 9992 for the full size), no two alike, Luhn key.
    pub fn rpps(&self, place: u64) -> String {
        let space = if self.plan.size == Size::Full { 3_000_000 } else { 1_000_000 };
        let start = self.chance("rpps", 0).below(space);
        // 617 473 has no factor in common with either space, so the turn meets each number once.
        let turned = (place * 617_473 + start) % space;
        with_luhn_key(&(9_990_000_000 + turned).to_string())
    }

    pub fn rpps_of_staff(&self, number: u64) -> String {
        self.rpps(self.place_of(number, 0))
    }

    pub fn rpps_of_namesake(&self, number: u64) -> String {
        self.rpps(self.place_of(number, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bearer_has_one_place_and_each_place_its_number() {
        let world = World::new(Plan { seed: 3, size: Size::Small, hard: false, lagging: false });
        for number in 0..world.all_staff() {
            assert_eq!(world.bearer(world.place_of(number, 0)), Bearer::Staff(number));
            assert_eq!(world.bearer(world.place_of(number, 1)), Bearer::NamesakeOf(number));
            assert_eq!(world.bearer(world.place_of(number, 2)), Bearer::Former(number));
        }
        let numbers: std::collections::HashSet<_> =
            (0..world.places(3)).map(|place| world.rpps(place)).collect();
        assert_eq!(numbers.len() as u64, world.places(3));
        assert!(numbers.iter().all(|rpps| rpps.starts_with("9990") && kernel::luhn_holds(rpps)));
    }
}
