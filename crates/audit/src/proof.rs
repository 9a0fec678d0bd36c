//! Proofs of RFC 6962 §2.1, checked as RFC 9162 §2.1.3.2 and §2.1.4.2 say.
use crate::{Digest, Frontier, node_hash};
use std::ops::Range;

/// The proof does not lead to this root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to this root")]
pub struct InvalidProof;

/// The hashes that lead from leaf `index` to the root of the first `size` leaves; `None` when the leaf is outside.
/// `leaf` reads one stored leaf hash.
pub fn inclusion_proof<E>(
    index: u64,
    size: u64,
    leaf: &mut impl FnMut(u64) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if index >= size {
        return Ok(None);
    }
    let (mut inside, mut proof) = (0..size, Vec::new());
    while inside.end - inside.start > 1 {
        let (left, right) = halves(&inside);
        let (next, beside) = if left.contains(&index) { (left, right) } else { (right, left) };
        proof.push(subtree(beside, leaf)?);
        inside = next;
    }
    proof.reverse();
    Ok(Some(proof))
}

/// The hashes that show the first `old` leaves unchanged among the first `new`; `None` when `old` is larger.
pub fn consistency_proof<E>(
    old: u64,
    new: u64,
    leaf: &mut impl FnMut(u64) -> Result<Digest, E>,
) -> Result<Option<Vec<Digest>>, E> {
    if old > new {
        return Ok(None);
    }
    if old == 0 || old == new {
        return Ok(Some(Vec::new()));
    }
    let (mut inside, mut proof) = (0..new, Vec::new());
    while inside.end != old {
        let (left, right) = halves(&inside);
        if old <= left.end {
            proof.push(subtree(right, leaf)?);
            inside = left;
        } else {
            proof.push(subtree(left, leaf)?);
            inside = right;
        }
    }
    if inside.start > 0 {
        proof.push(subtree(inside, leaf)?); // the old tree is no whole subtree: its last one is told
    }
    proof.reverse();
    Ok(Some(proof))
}

/// Does `proof` lead from this leaf, at this place, to this root?
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), InvalidProof> {
    if index >= size {
        return Err(InvalidProof);
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return Err(InvalidProof);
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(beside, &hash);
            climb_while_even(&mut place, &mut last);
        } else {
            hash = node_hash(&hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root { Ok(()) } else { Err(InvalidProof) }
}

/// Does `proof` show that the tree of `old` leaves begins the tree of `new` leaves?
pub fn verify_consistency(
    (old, old_root): (u64, &Digest),
    (new, new_root): (u64, &Digest),
    proof: &[Digest],
) -> Result<(), InvalidProof> {
    if old == 0 || old == new {
        let same = old == 0 || old_root == new_root;
        return if same && proof.is_empty() { Ok(()) } else { Err(InvalidProof) };
    }
    let mut steps = proof.iter();
    let first = match old.is_power_of_two() {
        true => *old_root,
        false => *steps.next().ok_or(InvalidProof)?,
    };
    if old > new {
        return Err(InvalidProof);
    }
    let (mut place, mut last) = (old - 1, new - 1);
    while place & 1 == 1 {
        place >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for beside in steps {
        if last == 0 {
            return Err(InvalidProof);
        }
        if place & 1 == 1 || place == last {
            old_hash = node_hash(beside, &old_hash);
            new_hash = node_hash(beside, &new_hash);
            climb_while_even(&mut place, &mut last);
        } else {
            new_hash = node_hash(&new_hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    let holds = last == 0 && old_hash == *old_root && new_hash == *new_root;
    if holds { Ok(()) } else { Err(InvalidProof) }
}

/// A node without a right neighbour rises unchanged.
fn climb_while_even(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

/// The left half is the largest power of two smaller than the whole.
fn halves(inside: &Range<u64>) -> (Range<u64>, Range<u64>) {
    let width = inside.end - inside.start;
    let split = inside.start + (1 << (63 - (width - 1).leading_zeros()));
    (inside.start..split, split..inside.end)
}

fn subtree<E>(
    inside: Range<u64>,
    leaf: &mut impl FnMut(u64) -> Result<Digest, E>,
) -> Result<Digest, E> {
    let mut frontier = Frontier::new();
    for index in inside {
        frontier.append(leaf(index)?);
    }
    Ok(frontier.root())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf_hash;
    use std::convert::Infallible;

    fn log(size: u64) -> Vec<Digest> {
        (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }
    fn root(leaves: &[Digest]) -> Digest {
        leaves.iter().copied().collect::<Frontier>().root()
    }
    fn reader(leaves: &[Digest]) -> impl FnMut(u64) -> Result<Digest, Infallible> + '_ {
        |index| Ok(leaves[index as usize])
    }

    #[test]
    fn proofs_are_those_of_the_reference_tests_of_rfc_6962() {
        let leaves = crate::merkle::tests::leaves(8);
        let Ok(proof) = inclusion_proof(5, 8, &mut reader(&leaves));
        let told: Vec<_> = proof.expect("inside").iter().map(Digest::to_string).collect();
        assert_eq!(
            told,
            [
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
        let Ok(proof) = consistency_proof(6, 8, &mut reader(&leaves));
        let told: Vec<_> = proof.expect("smaller").iter().map(Digest::to_string).collect();
        assert_eq!(
            told,
            [
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ]
        );
    }

    #[test]
    fn every_leaf_of_every_small_log_is_proved_and_no_other() {
        for size in 1..=33 {
            let leaves = log(size);
            let root = root(&leaves);
            for index in 0..size {
                let Ok(proof) = inclusion_proof(index, size, &mut reader(&leaves));
                let mut proof = proof.expect("inside");
                let leaf = leaves[index as usize];
                assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
                let other = (index + 1) % size;
                let moved = verify_inclusion(&leaf, other, size, &proof, &root);
                assert_eq!(moved.is_ok(), other == index, "{index} at {other} of {size}");
                assert!(verify_inclusion(&leaf_hash(b"x"), index, size, &proof, &root).is_err());
                proof.push(leaf);
                assert!(verify_inclusion(&leaf, index, size, &proof, &root).is_err());
            }
        }
    }

    #[test]
    fn i_20_every_log_grows_from_every_smaller_one_and_no_fork_does() {
        for new in 1..=33u64 {
            let leaves = log(new);
            let new_root = root(&leaves);
            for old in 0..=new {
                let Ok(proof) = consistency_proof(old, new, &mut reader(&leaves));
                let proof = proof.expect("smaller");
                let old_root = root(&leaves[..old as usize]);
                let told = verify_consistency((old, &old_root), (new, &new_root), &proof);
                assert_eq!(told, Ok(()), "{old} to {new}");
                let fork = leaf_hash(b"fork");
                let forked = verify_consistency((old, &fork), (new, &new_root), &proof);
                assert_eq!(forked.is_ok(), old == 0, "fork at {old} of {new}");
            }
        }
        let Ok(larger) = consistency_proof(3, 2, &mut reader(&log(3)));
        assert_eq!(larger, None);
    }
}
