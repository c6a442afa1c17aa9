//! Money for people.

/// `$12.34`, `1 200 JPY`.
pub(super) fn money(minor: i64, currency: &str) -> String {
    let decimals = match currency {
        "jpy" | "krw" | "vnd" | "clp" | "isk" | "ugx" | "xaf" | "xof" | "xpf" | "rwf" | "pyg" | "gnf" | "djf"
        | "kmf" | "mga" | "bif" | "vuv" => 0,
        "bhd" | "jod" | "kwd" | "omr" | "tnd" => 3,
        _ => 2,
    };
    let scale = 10_i64.pow(decimals);
    let (sign, minor) = if minor < 0 { ("-", -minor) } else { ("", minor) };
    let number = match usize::try_from(decimals) {
        Ok(width @ 1..) => format!("{}.{:0width$}", minor / scale, minor % scale),
        Ok(0) | Err(_) => minor.to_string(),
    };
    match currency {
        "usd" => format!("{sign}${number}"),
        "eur" => format!("{sign}€{number}"),
        "gbp" => format!("{sign}£{number}"),
        other => format!("{sign}{number} {}", other.to_uppercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn currencies_have_their_own_decimals() {
        assert_eq!(money(799, "usd"), "$7.99");
        assert_eq!(money(-5, "eur"), "-€0.05");
        assert_eq!(money(1200, "jpy"), "1200 JPY");
        assert_eq!(money(1500, "kwd"), "1.500 KWD");
    }
}
