//! How near two names are: the best pair among all the writings of both sides.
use crate::outline::letters;
use crate::register::NameForms;
use identity::names::{FamilyKey, GivenKey, is_cut, is_slip, phonetic, similarity};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FamilyLevel {
    Different,
    Missing,
    Sound,
    Near,
    Cut,
    Part,
    Reordered,
    Exact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GivenLevel {
    Different,
    Missing,
    Near,
    /// Another civil first name than the first.
    Other,
    /// The first names agree, one side has more.
    First,
    Exact,
}

/// The best pair of writings, as they stand or swapped: (levels, agreeing words, swapped).
pub(crate) fn name_levels<'name>(
    (ours, ours_swapped): (&'name NameForms, &'name NameForms),
    theirs: &'name NameForms,
) -> (FamilyLevel, GivenLevel, &'name str, &'name str, bool) {
    let (family, family_term) = best_family(&ours.families, &theirs.families);
    let (given, given_term) = best_given(&ours.givens, &theirs.givens);
    let sounds = family > FamilyLevel::Missing && given >= GivenLevel::Other;
    if family >= FamilyLevel::Near || sounds {
        return (family, given, family_term, given_term, false);
    }
    // Swapped columns: both must then agree to the letter, the surname at least in part.
    let (crossed, crossed_given) = best_given(&ours_swapped.givens, &theirs.givens);
    if crossed >= GivenLevel::First {
        let (level, crossed_family) = best_family(&ours_swapped.families, &theirs.families);
        if level >= FamilyLevel::Part {
            return (level, crossed, crossed_family, crossed_given, true);
        }
    }
    (family, given, family_term, given_term, false)
}

pub(crate) fn best_family<'name>(
    ours: &'name [FamilyKey],
    theirs: &'name [FamilyKey],
) -> (FamilyLevel, &'name str) {
    let mut best = (FamilyLevel::Missing, "");
    let mut compared = false;
    for left in ours {
        for right in theirs {
            let found = family_level(left, right);
            if !compared || found.0 > best.0 {
                best = found;
            }
            compared = true;
        }
    }
    best
}

fn family_level<'name>(
    left: &'name FamilyKey,
    right: &'name FamilyKey,
) -> (FamilyLevel, &'name str) {
    if left.whole == right.whole {
        return (FamilyLevel::Exact, &left.whole);
    }
    if left.is_double() || right.is_double() {
        let common: Vec<&String> =
            left.parts.iter().filter(|part| part.len() > 2 && right.parts.contains(part)).collect();
        if common.len() == left.parts.len() && common.len() == right.parts.len() {
            return (FamilyLevel::Reordered, &left.whole);
        }
        if let Some(longest) = common.into_iter().max_by_key(|part| part.len()) {
            return (FamilyLevel::Part, longest);
        }
    }
    let level = if is_cut(&left.whole, &right.whole) {
        FamilyLevel::Cut
    } else if is_slip(&left.whole, &right.whole) {
        FamilyLevel::Near
    } else if left.whole.len() > 3 && phonetic(&left.whole) == phonetic(&right.whole) {
        FamilyLevel::Sound
    } else {
        FamilyLevel::Different
    };
    (level, &right.whole)
}

pub(crate) fn best_given<'name>(
    ours: &'name [GivenKey],
    theirs: &'name [GivenKey],
) -> (GivenLevel, &'name str) {
    let mut best = (GivenLevel::Missing, "");
    let mut compared = false;
    for left in ours {
        for right in theirs {
            let found = given_level(left, right);
            if !compared || found.0 > best.0 {
                best = found;
            }
            compared = true;
        }
    }
    best
}

fn given_level<'name>(left: &'name GivenKey, right: &'name GivenKey) -> (GivenLevel, &'name str) {
    if left.whole == right.whole {
        return (GivenLevel::Exact, &left.whole);
    }
    if left.first() == right.first() {
        // `Marie` and `Marie Claire` may be one person, `Marie-Claire` and `Marie-Anne` hardly.
        let starts = left.parts.iter().zip(&right.parts).all(|(one, other)| one == other);
        let shorter = if left.parts.len() < right.parts.len() { left } else { right };
        return match starts {
            // All that they share says how rare the agreement is: `Rose-Solange`, not `Rose`.
            true => (GivenLevel::First, shorter.whole.as_str()),
            false => (GivenLevel::Near, left.first()),
        };
    }
    let other = |one: &GivenKey, first: &str| {
        first.len() > 2 && one.parts.iter().skip(1).any(|part| part == first)
    };
    if other(left, right.first()) {
        return (GivenLevel::Other, right.first());
    }
    if other(right, left.first()) {
        return (GivenLevel::Other, left.first());
    }
    let near = is_slip(left.first(), right.first())
        || is_cut(&left.whole, &right.whole)
        || may_be_similar(&left.whole, &right.whole)
            && similarity(&left.whole, &right.whole) > SIMILAR;
    let level = if near { GivenLevel::Near } else { GivenLevel::Different };
    (level, right.first())
}

const SIMILAR: f64 = 0.95;

/// By their lengths and letters alone. Jaro is at most (m / left + m / right + 1) / 3, m being the letters of one that the
/// other may have too, and Winkler adds at most four tenths of what lacks: the two shares must make 1.75.
fn may_be_similar(left: &str, right: &str) -> bool {
    let (ours, theirs) = (letters(left), letters(right));
    let count = |name: &str, lacking: u32| {
        let all = name.chars().count();
        (all, all.saturating_sub(lacking.count_ones() as usize))
    };
    let ((left, ours), (right, theirs)) =
        (count(left, ours & !theirs), count(right, theirs & !ours));
    4 * ours.min(theirs) * (left + right) >= 7 * left * right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn family_names_by_their_nearest_writings() {
        use FamilyLevel::*;
        for (ours, theirs, level) in [
            ("DE LA TOUR", "Delatour", Exact),
            ("Le Goff-Martin", "MARTIN LE GOFF", Reordered),
            ("Martin", "LE GOFF-MARTIN", Part),
            ("VANDERBERGDEL", "VAN DER BERG DE LA TOUR", Cut),
            ("RANDRIANARIVO", "RANDRIANARIVONY", Cut),
            ("RANDRIANARIVO", "RANDRIANIRAVO", Near),
            ("Durand", "Durant", Near),
            ("Moreau", "Moro", Sound),
            ("Durand", "Martin", Different),
        ] {
            let (ours, theirs) = ([FamilyKey::of(ours)], [FamilyKey::of(theirs)]);
            let (found, _) = best_family(&ours, &theirs);
            assert_eq!(found, level, "{ours:?} / {theirs:?}");
        }
    }

    /// Agreeing on `Rose-Solange` is worth more than agreeing on `Rose`.
    #[test]
    fn what_agrees_of_first_names_is_all_that_they_share() {
        for (ours, theirs, term) in [
            ("ROSE SOLANGE ELODIE", "ROSE-SOLANGE", "rosesolange"),
            ("Rose", "ROSE-SOLANGE", "rose"),
            ("Marie Claire", "MARIE ANNE", "marie"),
            ("Nina Salomé", "SALOME", "salome"),
        ] {
            let (ours, theirs) = ([GivenKey::of(ours)], [GivenKey::of(theirs)]);
            let (_, found) = best_given(&ours, &theirs);
            assert_eq!(found, term, "{ours:?} / {theirs:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn none_that_is_similar_is_passed_over_by_its_letters(
            left in "[a-cé]{0,12}", right in "[a-cé]{0,12}",
        ) {
            let similar = similarity(&left, &right) > SIMILAR;
            proptest::prop_assert!(!similar || may_be_similar(&left, &right), "{left} {right}");
        }
    }

    #[test]
    fn given_names_by_their_nearest_writings() {
        use GivenLevel::*;
        for (ours, theirs, level) in [
            ("Anne-Sophie", "ANNE SOPHIE", Exact),
            ("MARIE", "MARIE-CLAIRE", First),
            ("Marie Claire", "Marie Anne", Near),
            ("Nina Salome", "Salomé", Other),
            ("Sophie", "Sofie", Different),
            ("Nathalie", "Natalie", Near),
            ("Luc", "Léa", Different),
        ] {
            let (ours, theirs) = ([GivenKey::of(ours)], [GivenKey::of(theirs)]);
            let (found, _) = best_given(&ours, &theirs);
            assert_eq!(found, level, "{ours:?} / {theirs:?}");
        }
    }
}
