//! Decimal strings: numbers that are kept as they were written, never as floats.

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{cmp::Ordering, fmt, str::FromStr};

/// A decimal number as text: optional minus, 1–15 digits, optionally a point and 1–9 digits.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Decimal(String);

/// The text is not a decimal number of the allowed form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a decimal number")]
pub struct BadDecimal(pub String);

impl Decimal {
    /// Digits after the point.
    pub fn decimals(&self) -> usize {
        self.0.split_once('.').map_or(0, |(_, f)| f.len())
    }

    /// Compares by value: `1.0` equals `1`.
    pub fn compare(&self, other: &Self) -> Ordering {
        self.scaled().cmp(&other.scaled())
    }

    // 15 + 9 digits fit an i128 with room to spare.
    fn scaled(&self) -> i128 {
        let (negative, digits) = self
            .0
            .strip_prefix('-')
            .map_or((false, self.0.as_str()), |d| (true, d));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let value = whole
            .bytes()
            .chain(fraction.bytes().chain(std::iter::repeat(b'0')).take(9))
            .fold(0_i128, |n, b| n * 10 + i128::from(b - b'0'));
        if negative { -value } else { value }
    }
}

impl FromStr for Decimal {
    type Err = BadDecimal;
    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        let digits = |s: &str, most: usize| {
            (1..=most).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit())
        };
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let good = match unsigned.split_once('.') {
            Some((whole, fraction)) => digits(whole, 15) && digits(fraction, 9),
            None => digits(unsigned, 15),
        };
        if good {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadDecimal(text.to_owned()))
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compares_by_value_and_keeps_the_text() {
        let d = |s: &str| s.parse::<Decimal>().expect("a decimal");
        assert_eq!(d("0.80").to_string(), "0.80");
        assert!(d("0.80").compare(&d("0.8")).is_eq());
        assert!(d("-2").compare(&d("-1.5")).is_lt());
        assert!(d("999999999999999").compare(&d("0.000000001")).is_gt());
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "1e3",
            "+1",
            "１",
            "--1",
            "1234567890123456",
            "NaN",
        ] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn order_agrees_with_integers(a in -1_000_000_i64..1_000_000, b in -1_000_000_i64..1_000_000) {
            let (x, y): (Decimal, Decimal) = (a.to_string().parse().unwrap(), b.to_string().parse().unwrap());
            prop_assert_eq!(x.compare(&y), a.cmp(&b));
        }
    }
}
