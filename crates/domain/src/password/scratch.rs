//! Memory for argon2 that is used again and again.

use std::fmt;

use argon2::Block;
use zeroize::Zeroize as _;

use super::algorithms::argon2::MEMORY_LIMIT_KIB;

/// The memory of one hashing thread.
///
/// Argon2 fills megabytes for every hash. Fresh memory costs a page fault for each page, about a
/// quarter of the whole time, so each thread keeps its own. It is wiped after every use.
pub struct Scratch {
    blocks: Vec<Block>,
    keep: usize,
}

impl Scratch {
    /// Allocates `memory_kib` KiB (at most 1 GiB) and keeps as much between uses. A hash that
    /// needs more gets it for that one use only, so that a few imported hashes with large work
    /// factors do not blow up every thread for good.
    #[must_use]
    pub fn with_capacity(memory_kib: u32) -> Self {
        // One block is 1 KiB.
        let keep = usize::try_from(memory_kib.min(MEMORY_LIMIT_KIB)).unwrap_or(0);
        Self { blocks: vec![Block::default(); keep], keep }
    }

    /// How much memory is held right now, in KiB.
    #[must_use]
    pub fn held_kib(&self) -> usize {
        self.blocks.capacity()
    }

    /// Lends `count` zeroed blocks and wipes them afterwards.
    pub(crate) fn lend<T>(&mut self, count: usize, work: impl FnOnce(&mut [Block]) -> T) -> T {
        if self.blocks.len() < count {
            // Freed first: both at once would be the peak that the bound is there to avoid.
            self.blocks = Vec::new();
            self.blocks = vec![Block::default(); count];
        }
        let lent = &mut self.blocks[..count];
        let result = work(lent);
        lent.iter_mut().zeroize();
        if self.blocks.len() > self.keep {
            self.blocks.truncate(self.keep);
            self.blocks.shrink_to_fit();
        }
        result
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // After a panic inside a hash the blocks are not wiped yet.
        self.blocks.zeroize();
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scratch({} KiB)", self.held_kib())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lends_wiped_blocks_and_gives_back_what_it_does_not_keep() {
        let mut scratch = Scratch::with_capacity(16);
        for count in [16, 64, 8, 16] {
            scratch.lend(count, |blocks| {
                assert_eq!(blocks.len(), count);
                assert!(blocks.iter().all(|b| b.as_ref().iter().all(|word| *word == 0)));
                for block in blocks {
                    block.as_mut().fill(u64::MAX);
                }
            });
            assert!(scratch.held_kib() <= 16);
            assert!(scratch.blocks.iter().all(|b| b.as_ref().iter().all(|word| *word == 0)));
        }
    }
}
