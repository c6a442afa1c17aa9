//! How often a price is due.

use std::{fmt, str::FromStr};

/// The period that a price covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum BillingCycle {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every six months.
    Semiannual,
    /// Every year.
    Yearly,
    /// Every two years.
    Biennial,
    /// Every three years, the longest that Stripe bills.
    Triennial,
    /// Paid once; nothing renews.
    OneTime,
}

/// The unit in which a gateway counts periods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// A word that names no billing cycle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown billing cycle '{0}'; expected monthly, quarterly, semiannual, yearly, biennial, triennial or one_time"
)]
pub struct UnknownCycle(pub String);

impl BillingCycle {
    /// All of them, shortest first.
    pub const ALL: [Self; 7] = [
        Self::Monthly,
        Self::Quarterly,
        Self::Semiannual,
        Self::Yearly,
        Self::Biennial,
        Self::Triennial,
        Self::OneTime,
    ];

    /// The stable word, as stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::Semiannual => "semiannual",
            Self::Yearly => "yearly",
            Self::Biennial => "biennial",
            Self::Triennial => "triennial",
            Self::OneTime => "one_time",
        }
    }

    /// Length in months; `None` for a one-time price.
    pub const fn months(self) -> Option<u32> {
        match self {
            Self::Monthly => Some(1),
            Self::Quarterly => Some(3),
            Self::Semiannual => Some(6),
            Self::Yearly => Some(12),
            Self::Biennial => Some(24),
            Self::Triennial => Some(36),
            Self::OneTime => None,
        }
    }

    /// Unit and count for the gateway: whole years are counted in years, the rest in months.
    pub const fn interval(self) -> Option<(Interval, u32)> {
        match self.months() {
            Some(months) if months.is_multiple_of(12) => Some((Interval::Year, months / 12)),
            Some(months) => Some((Interval::Month, months)),
            None => None,
        }
    }
}

impl FromStr for BillingCycle {
    type Err = UnknownCycle;

    /// Takes the stable words, and those that the existing front ends send.
    fn from_str(text: &str) -> Result<Self, UnknownCycle> {
        Ok(match text.to_ascii_lowercase().as_str() {
            "monthly" => Self::Monthly,
            "quarterly" => Self::Quarterly,
            "semiannual" | "semiannually" => Self::Semiannual,
            "yearly" | "annual" | "annually" => Self::Yearly,
            "biennial" | "biennially" => Self::Biennial,
            "triennial" | "triennially" => Self::Triennial,
            "one_time" | "onetime" => Self::OneTime,
            _ => return Err(UnknownCycle(text.chars().take(40).collect())),
        })
    }
}

impl fmt::Display for BillingCycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for BillingCycle {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cycle_reads_back_and_front_end_words_are_accepted() {
        for cycle in BillingCycle::ALL {
            assert_eq!(cycle.as_str().parse(), Ok(cycle));
        }
        assert_eq!("annually".parse(), Ok(BillingCycle::Yearly));
        assert_eq!("biennially".parse(), Ok(BillingCycle::Biennial));
        assert_eq!("triennially".parse(), Ok(BillingCycle::Triennial));
    }

    #[test]
    fn intervals_stay_within_what_stripe_bills() {
        assert_eq!(BillingCycle::Triennial.interval(), Some((Interval::Year, 3)));
        assert_eq!(BillingCycle::Semiannual.interval(), Some((Interval::Month, 6)));
        assert_eq!(BillingCycle::OneTime.interval(), None);
    }
}
