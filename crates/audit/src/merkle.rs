//! RFC 6962 §2.1: leaves and inner nodes are hashed apart, so that neither can be read as the other.
use crate::Digest;
use sha2::{Digest as _, Sha256};

/// What is logged as a leaf.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0x00]);
    hasher.update(entry);
    Digest::from_bytes(hasher.finalize().into())
}

/// Two subtrees make one.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update([0x01]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    Digest::from_bytes(hasher.finalize().into())
}

/// The root of a log that holds nothing.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// What was read back is no frontier of a tree of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has {expected} full subtrees, found {found}")]
pub struct InvalidFrontier {
    pub size: u64,
    pub expected: u32,
    pub found: usize,
}

/// The right edge of a growing tree: the roots of its full subtrees, largest first. All that is needed to append
/// leaves and to tell the root, without reading the log again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Digest>,
}

impl Frontier {
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads back what [`Frontier::subtrees`] gave.
    pub fn from_parts(size: u64, subtrees: Vec<Digest>) -> Result<Self, InvalidFrontier> {
        if subtrees.len() != size.count_ones() as usize {
            let expected = size.count_ones();
            return Err(InvalidFrontier { size, expected, found: subtrees.len() });
        }
        Ok(Self { size, subtrees })
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    pub fn subtrees(&self) -> &[Digest] {
        &self.subtrees
    }

    pub fn append(&mut self, leaf: Digest) {
        let mut node = leaf;
        // Each trailing one of the size is a full subtree as large as the node: they close into one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.subtrees.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.subtrees.push(node);
        self.size += 1;
    }

    pub fn root(&self) -> Digest {
        let mut smallest_first = self.subtrees.iter().rev().copied();
        match smallest_first.next() {
            None => empty_root(),
            Some(last) => smallest_first.fold(last, |right, left| node_hash(&left, &right)),
        }
    }
}

impl FromIterator<Digest> for Frontier {
    fn from_iter<I: IntoIterator<Item = Digest>>(leaves: I) -> Self {
        let mut frontier = Self::new();
        leaves.into_iter().for_each(|leaf| frontier.append(leaf));
        frontier
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The eight inputs of the reference tests of Certificate Transparency (merkle_tree_test.cc).
    pub(crate) const INPUTS: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    pub(crate) fn leaves(count: usize) -> Vec<Digest> {
        let bytes = INPUTS.iter().map(|input| hex::decode(input).expect("hex"));
        bytes.map(|entry| leaf_hash(&entry)).take(count).collect()
    }

    #[test]
    fn roots_are_those_of_the_reference_tests_of_rfc_6962() {
        for (count, root) in ROOTS.iter().enumerate() {
            let frontier: Frontier = leaves(count).into_iter().collect();
            assert_eq!(frontier.root().to_string(), *root, "{count} leaves");
            let read = Frontier::from_parts(frontier.size(), frontier.subtrees().to_vec());
            assert_eq!(read, Ok(frontier));
        }
    }

    #[test]
    fn a_frontier_of_another_size_is_refused() {
        assert!(Frontier::from_parts(3, leaves(1)).is_err());
        assert!(Frontier::from_parts(0, leaves(1)).is_err());
    }
}
