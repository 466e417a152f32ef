//! The tree over a tenant's log (RFC 6962 §2.1): one root stands for all texts up to a size, so that two copies of a log can
//! be told apart by a few bytes.
//!
//! A leaf is the hash of an event text ([`EventHash`], its 32 bytes); the places of the log are the leaves in order.

use crate::{checklist::digest::hex, event::EventHash};
use sha2::{Digest as _, Sha256};

const HASH: usize = 32;

/// A log's tree, as far as is needed to go on: its size and the roots of the complete subtrees, largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    peaks: Vec<[u8; HASH]>,
}

impl Tree {
    /// How many texts it stands for.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next text of the log.
    pub fn append(&mut self, hash: &EventHash) {
        let mut node = hashed(0, &[&bytes(hash)]);
        // As many complete subtrees as the size has ones at its end become one.
        for _ in 0..self.size.trailing_ones() {
            let left = self.peaks.pop().expect("one subtree for each one bit");
            node = hashed(1, &[&left, &node]);
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// `MTH` of the whole log as 64 hex digits; of an empty one the hash of nothing.
    pub fn root(&self) -> String {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else {
            return hex(&Sha256::digest(b""));
        };
        hex(&peaks.fold(*last, |right, left| hashed(1, &[left, &right])))
    }

    /// The peaks in one piece, to be kept beside the size.
    pub fn peaks(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// A tree as [`Self::size`] and [`Self::peaks`] gave it; nothing when they do not fit each other.
    pub fn from_parts(size: u64, peaks: &[u8]) -> Option<Self> {
        let (whole, rest) = peaks.as_chunks::<HASH>();
        let fits = rest.is_empty() && whole.len() == size.count_ones() as usize;
        fits.then(|| Self {
            size,
            peaks: whole.to_vec(),
        })
    }
}

fn hashed(kind: u8, parts: &[&[u8]]) -> [u8; HASH] {
    let mut hash = Sha256::new_with_prefix([kind]);
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

fn bytes(hash: &EventHash) -> [u8; HASH] {
    let digits = hash.as_str().as_bytes();
    let value = |digit: u8| (digit as char).to_digit(16).unwrap_or(0) as u8;
    std::array::from_fn(|i| value(digits[2 * i]) << 4 | value(digits[2 * i + 1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // The definition of RFC 6962 §2.1, word for word.
    fn mth(leaves: &[EventHash]) -> [u8; HASH] {
        match leaves {
            [] => Sha256::digest(b"").into(),
            [one] => hashed(0, &[&bytes(one)]),
            many => {
                let k = many.len().next_power_of_two() / 2;
                hashed(1, &[&mth(&many[..k]), &mth(&many[k..])])
            }
        }
    }

    fn leaves(count: usize) -> Vec<EventHash> {
        (0..count).map(|n| EventHash::of(&n.to_string())).collect()
    }

    #[test]
    fn an_empty_log_has_the_hash_of_nothing() {
        assert_eq!(
            Tree::default().root(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    proptest! {
        #[test]
        fn the_root_is_that_of_the_rfc_and_a_kept_tree_goes_on(count in 0_usize..200, kept in 0_usize..200) {
            let leaves = leaves(count);
            let mut tree = Tree::default();
            for (at, leaf) in leaves.iter().enumerate() {
                if at == kept {
                    tree = Tree::from_parts(tree.size(), &tree.peaks()).expect("its own parts");
                }
                tree.append(leaf);
            }
            prop_assert_eq!(tree.root(), hex(&mth(&leaves)));
            prop_assert_eq!(tree.size(), count as u64);
        }

        #[test]
        fn parts_that_do_not_fit_are_none(size in 0_u64..64, length in 0_usize..300) {
            let fits = length == size.count_ones() as usize * HASH;
            prop_assert_eq!(Tree::from_parts(size, &vec![0; length]).is_some(), fits);
        }
    }
}
