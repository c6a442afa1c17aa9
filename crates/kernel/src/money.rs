//! Money: integer minor units with their currency. No floats; rounded once, half away from zero, by [`Percent::of`].

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that Stripe can charge, in capitals.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Currencies without a minor unit (docs.stripe.com/currencies#zero-decimal).
const ZERO_DECIMAL: [&str; 15] =
    ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"];
/// Currencies with three decimals (docs.stripe.com/currencies#three-decimal).
const THREE_DECIMAL: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

impl Currency {
    /// US dollars.
    pub const USD: Self = Self(*b"USD");
    /// Euros.
    pub const EUR: Self = Self(*b"EUR");

    /// The three capital letters.
    pub fn code(&self) -> &str {
        // Only ASCII capitals are ever stored, so the fallback is unreachable.
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// How many decimals an amount is written with: 0, 2 or 3.
    pub fn decimals(&self) -> u32 {
        if ZERO_DECIMAL.contains(&self.code()) {
            0
        } else if THREE_DECIMAL.contains(&self.code()) {
            3
        } else {
            2
        }
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let upper = text.to_ascii_uppercase();
        match upper.as_bytes() {
            [a, b, c] if upper.bytes().all(|byte| byte.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(MoneyError::UnknownCurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units (cents for USD, yen for JPY) of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be made or combined.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not three letters.
    #[error("'{0}' is not a currency; expected three letters such as USD")]
    UnknownCurrency(String),
    /// Amounts of two currencies do not add up.
    #[error("cannot combine {0} with {1}")]
    CurrencyMismatch(Currency, Currency),
    /// Beyond what 64 bits hold.
    #[error("amount out of range")]
    Overflow,
    /// A percentage outside 0..=100.
    #[error("{0} is not a percentage in basis points; expected 0 to 10000")]
    InvalidPercent(u32),
}

/// A text that is not an amount as people write it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount like {0}")]
pub struct NotAnAmount(&'static str);

impl Money {
    /// `minor` minor units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// An amount as people write it, with a point or a comma before its decimals: `3`, `3.5`, `3,50`. Nothing is rounded:
    /// more decimals than the currency has are refused.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, NotAnAmount> {
        let wrong = || NotAnAmount(if currency.decimals() == 0 { "350" } else { "3.50" });
        let (whole, part) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
        let decimals = usize::try_from(currency.decimals()).unwrap_or(0);
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > decimals {
            return Err(wrong());
        }
        let minor = format!("{whole}{part:0<decimals$}").parse().map_err(|_| wrong())?;
        Ok(Self::new(minor, currency))
    }

    /// Nothing, in this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether nothing is to be paid.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch(self.currency, other.currency))
        }
    }

    /// The sum; refuses another currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The difference; refuses another currency.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        let minor = self.minor.checked_sub(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self::new(minor, self.currency))
    }

    /// The smaller of two amounts of one currency.
    pub fn min(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(if other.minor < self.minor { other } else { self })
    }

    /// Splits into `parts` amounts that differ by at most one minor unit and sum to the whole.
    pub fn allocate(self, parts: u32) -> Vec<Self> {
        let count = i64::from(parts);
        if count == 0 {
            return Vec::new();
        }
        let (share, rest) = (self.minor.div_euclid(count), self.minor.rem_euclid(count));
        (0..count).map(|index| Self::new(share + i64::from(index < rest), self.currency)).collect()
    }
}

impl fmt::Display for Money {
    /// `7.99 USD`, `1200 JPY`, `-0.500 KWD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = self.currency.decimals();
        let unit = 10_u64.pow(decimals);
        let magnitude = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        if decimals == 0 {
            return write!(f, "{sign}{magnitude} {}", self.currency);
        }
        let (major, rest) = (magnitude / unit, magnitude % unit);
        write!(f, "{sign}{major}.{rest:0width$} {}", self.currency, width = decimals as usize)
    }
}

/// A share in basis points (hundredths of a per cent), 0..=10000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(u32);

impl Percent {
    /// From basis points: 1000 is 10 %.
    pub const fn from_basis_points(points: u32) -> Result<Self, MoneyError> {
        if points <= 10_000 { Ok(Self(points)) } else { Err(MoneyError::InvalidPercent(points)) }
    }

    /// Basis points.
    pub const fn basis_points(self) -> u32 {
        self.0
    }

    /// This share of `amount`, rounded half away from zero to a whole minor unit.
    pub fn of(self, amount: Money) -> Result<Money, MoneyError> {
        let product = i128::from(amount.minor) * i128::from(self.0);
        let rounded = (product.abs() + 5_000) / 10_000 * product.signum();
        let minor = i64::try_from(rounded).map_err(|_| MoneyError::Overflow)?;
        Ok(Money::new(minor, amount.currency))
    }
}

impl fmt::Display for Percent {
    /// `10 %`, `12.5 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole} %"),
            _ if rest % 10 == 0 => write!(f, "{whole}.{} %", rest / 10),
            _ => write!(f, "{whole}.{rest:02} %"),
        }
    }
}
