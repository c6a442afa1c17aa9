//! Text that came from outside, made fit for messages and logs.

/// At most `limit` characters of `text`, without those that control a terminal or reorder what people read.
pub(crate) fn printable(text: &str, limit: usize) -> String {
    text.chars().filter(|c| !c.is_control() && !reorders_or_hides(*c)).take(limit).collect()
}

/// Line and paragraph separators, zero-width characters and bidirectional controls (Unicode, general category Cf).
fn reorders_or_hides(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_go_and_the_rest_is_cut_by_characters() {
        assert_eq!(printable("a\r\nb\u{1b}[31m\u{202e}č", 64), "ab[31mč");
        assert_eq!(printable("ččččč", 3), "ččč");
    }
}
