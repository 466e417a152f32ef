//! Numbers that look random and are the same each time.

/// What has been drawn so far leads to what comes next.
pub struct Random(pub u64);

impl Random {
    /// The next number, smaller than `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let step = 6_364_136_223_846_793_005;
        self.0 = self.0.wrapping_mul(step).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}
