//! Money: decimals without floats, discounts, and how a discount is spread over the lines.

/// One, in the fixed-point form of [`decimal`] (twelve decimals).
pub(crate) const DECIMAL_ONE: i128 = 1_000_000_000_000;

/// Reads a decimal with at most twelve decimals and nine digits before them.
pub(crate) fn decimal(text: &str) -> Option<i128> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let bad = whole.is_empty() || whole.len() > 9 || fraction.len() > 12 || digits.ends_with('.');
    if bad || !plain(whole) || !plain(fraction) {
        return None;
    }
    let value = whole.parse::<i128>().ok()? * DECIMAL_ONE + format!("{fraction:0<12}").parse::<i128>().ok()?;
    Some(if negative { -value } else { value })
}

/// `amount × percent / 100`, halves rounded up; the percentage in the form of [`decimal`].
pub(crate) fn percent_of(amount: i64, percent: i128) -> i64 {
    let scale = DECIMAL_ONE * 100;
    i64::try_from((i128::from(amount) * percent + scale / 2) / scale).unwrap_or(i64::MAX)
}

/// A decimal unit amount times a quantity, halves rounded up.
pub(crate) fn times(unit: i128, quantity: i64) -> i64 {
    i64::try_from((unit * i128::from(quantity) + DECIMAL_ONE / 2) / DECIMAL_ONE).unwrap_or(i64::MAX)
}

/// Spreads `discount` over the lines in proportion; the parts sum to the whole and none exceeds its line.
pub(crate) fn spread(discount: i64, lines: &[i64]) -> Vec<i64> {
    let mut left = i128::from(discount);
    let mut base: i128 = lines.iter().map(|line| i128::from(*line)).sum();
    lines
        .iter()
        .map(|line| {
            let line = i128::from(*line);
            let part = if base == 0 { 0 } else { (left * line + base / 2) / base };
            let part = part.min(left).min(line);
            left -= part;
            base -= line;
            i64::try_from(part).unwrap_or_default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{DECIMAL_ONE, decimal, percent_of, spread, times};

    #[test]
    fn decimals_are_exact() {
        assert_eq!(decimal("12.5"), Some(12 * DECIMAL_ONE + DECIMAL_ONE / 2));
        assert_eq!(decimal("-1"), Some(-DECIMAL_ONE));
        for text in ["", "1.", ".5", "1e3", "1.1234567890123", "1 ", "abc", "+1"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn percentages_round_halves_up() {
        assert_eq!(percent_of(11_988, 20 * DECIMAL_ONE), 2_398);
        assert_eq!(percent_of(5, 10 * DECIMAL_ONE), 1);
        assert_eq!(percent_of(4, 10 * DECIMAL_ONE), 0);
        assert_eq!(percent_of(799, 100 * DECIMAL_ONE), 799);
        assert_eq!(times(DECIMAL_ONE / 2, 3), 2);
    }

    #[test]
    fn the_parts_of_a_discount_sum_to_it() {
        for (discount, lines) in
            [(100, vec![33, 33, 34]), (1, vec![10, 10, 10]), (7, vec![0, 7]), (0, vec![1]), (30, vec![10, 10, 10])]
        {
            let parts = spread(discount, &lines);
            assert_eq!(parts.iter().sum::<i64>(), discount);
            assert!(parts.iter().zip(&lines).all(|(part, line)| *part >= 0 && part <= line));
        }
    }
}
