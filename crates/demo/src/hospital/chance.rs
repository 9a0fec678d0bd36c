//! Chance that any machine repeats: integers only, one independent stream for each topic and index.

/// A stream of SplitMix64. Foreseeable by design; never for a secret.
#[derive(Debug, Clone)]
pub struct Chance(u64);

/// Shares are written in 100 000: 1 000 is 1 %.
pub type Share = u32;
pub const WHOLE: Share = 100_000;

impl Chance {
    /// The stream of one thing (`index`) in one respect (`topic`): drawing more for one person never
    /// shifts what is drawn for another.
    pub fn of(seed: u64, topic: &str, index: u64) -> Self {
        let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        for byte in topic.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        let mut chance = Self(state ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03));
        chance.next();
        chance
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 to `bound - 1`.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound.max(1));
        u64::try_from(wide >> 64).expect("the high half of a product of two u64")
    }

    /// `from` to `to`, both included.
    pub fn between(&mut self, from: i32, to: i32) -> i32 {
        let width = u64::from(to.abs_diff(from)) + 1;
        from + i32::try_from(self.below(width)).expect("narrower than the two i32")
    }

    pub fn hits(&mut self, share: Share) -> bool {
        self.below(u64::from(WHOLE)) < u64::from(share)
    }

    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    pub fn index(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).expect("below a length")
    }

    /// An index, each as likely as its weight.
    pub fn weigh(&mut self, weights: impl Iterator<Item = Share> + Clone) -> usize {
        let total: u64 = weights.clone().map(u64::from).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.enumerate() {
            match left.checked_sub(u64::from(weight)) {
                Some(rest) => left = rest,
                None => return index,
            }
        }
        0
    }

    /// The place of a draw in cumulated weights.
    pub fn place_in(&mut self, cumulated: &[u64]) -> usize {
        let total = cumulated.last().copied().unwrap_or(1);
        let drawn = self.below(total);
        cumulated.partition_point(|&until| until <= drawn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_repeat_and_differ_by_topic_index_and_seed() {
        let draw = |seed, topic, index| Chance::of(seed, topic, index).next();
        assert_eq!(draw(1, "a", 2), draw(1, "a", 2));
        for other in [draw(2, "a", 2), draw(1, "b", 2), draw(1, "a", 3)] {
            assert_ne!(draw(1, "a", 2), other);
        }
    }

    #[test]
    fn shares_come_out_as_asked() {
        let mut chance = Chance::of(7, "shares", 0);
        let hits = (0..100_000).filter(|_| chance.hits(30_000)).count();
        assert!((29_000..31_000).contains(&hits), "{hits}");
        let heavy = (0..10_000).filter(|_| chance.weigh([1, 9].into_iter()) == 1).count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
        assert_eq!(chance.place_in(&[0, 0, 5]), 2);
    }
}
