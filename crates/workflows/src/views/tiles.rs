//! Proofs in a long journal: the tree is cut in tiles of 256 leaves whose roots are kept, so that a proof reads one tile
//! and not the whole log. The tree of the tiles' roots is the tree of the leaves, since 256 is a power of two (RFC 6962).
use crate::{SealError, Workflows};
use audit::{Digest, Frontier, inclusion_proof};
use store::views::audit_trail;

const TILE: u64 = 256;

/// Roots of the full tiles of the journal, from its beginning. Entries never change: what is known stays true, and a
/// journal that was altered gives a proof that does not hold.
#[derive(Debug, Default)]
pub(crate) struct Tiles(Vec<Digest>);

impl Workflows {
    /// The hashes that lead from the leaf `index` to the root of a tree of `size` leaves.
    pub(super) async fn prove_leaf(&self, index: u64, size: u64) -> Result<Vec<Digest>, SealError> {
        let full = size / TILE;
        let mut tiles = self.tile_roots(full).await?;
        if !size.is_multiple_of(TILE) {
            tiles.push(root(&self.leaves(full * TILE, size).await?));
        }
        let tile = index / TILE;
        let from = tile * TILE;
        let leaves = self.leaves(from, size.min(from + TILE)).await?;
        let mut hashes = path(&leaves, index - from);
        hashes.extend(path(&tiles, tile));
        Ok(hashes)
    }

    async fn leaves(&self, from: u64, to: u64) -> Result<Vec<Digest>, SealError> {
        Ok(audit_trail::leaf_hashes(&self.store().read(), from, to).await?)
    }

    async fn tile_roots(&self, full: u64) -> Result<Vec<Digest>, SealError> {
        const STEP: u64 = 64;
        let full = usize::try_from(full).unwrap_or(usize::MAX);
        let mut roots = self.0.tiles.lock().expect("no holder of this lock panics").0.clone();
        while roots.len() < full {
            let from = roots.len() as u64 * TILE;
            let to = (full as u64 * TILE).min(from + STEP * TILE);
            let leaves = self.leaves(from, to).await?;
            roots.extend(leaves.chunks_exact(TILE as usize).map(root));
            if leaves.len() as u64 != to - from {
                break; // entries are missing: the proof will say that it does not hold
            }
        }
        let mut kept = self.0.tiles.lock().expect("no holder of this lock panics");
        if roots.len() > kept.0.len() {
            kept.0.clone_from(&roots);
        }
        roots.truncate(full);
        Ok(roots)
    }
}

fn root(leaves: &[Digest]) -> Digest {
    let mut frontier = Frontier::new();
    for leaf in leaves {
        frontier.append(*leaf);
    }
    frontier.root()
}

/// Empty where a leaf is missing: what is asked for is then not proved.
fn path(nodes: &[Digest], index: u64) -> Vec<Digest> {
    let leaf = |index: u64| {
        usize::try_from(index).ok().and_then(|place| nodes.get(place)).copied().ok_or(())
    };
    let found = inclusion_proof(index, nodes.len() as u64, &mut { leaf });
    found.ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit::{leaf_hash, verify_inclusion};

    #[test]
    fn a_proof_by_tiles_is_the_proof_of_the_whole_tree() {
        for size in [1_usize, 2, 255, 256, 257, 512, 700, 1_024, 1_281] {
            let leaves: Vec<Digest> =
                (0..size).map(|n| leaf_hash(n.to_string().as_bytes())).collect();
            let whole = root(&leaves);
            let tiles: Vec<Digest> = leaves.chunks(TILE as usize).map(root).collect();
            for index in [0, size / 2, size - 1] {
                let tile = index / TILE as usize;
                let from = tile * TILE as usize;
                let inside = &leaves[from..size.min(from + TILE as usize)];
                let mut hashes = path(inside, (index - from) as u64);
                hashes.extend(path(&tiles, tile as u64));
                let (leaf, index, size) = (&leaves[index], index as u64, size as u64);
                let held = verify_inclusion(leaf, index, size, &hashes, &whole);
                assert!(held.is_ok(), "{index} of {size}");
                assert_eq!(hashes, path(&leaves, index), "{index} of {size}");
            }
        }
    }
}
