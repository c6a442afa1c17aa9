//! The shop's own colour, in the two themes, as a mail's button and links wear it; checked so that everybody can read it.

use std::{fmt, str::FromStr};

use serde::Serialize;

/// Least contrast of a text with what is beneath it (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// A colour, `#1c55c9`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// A text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a colour such as #1c55c9")]
pub struct NoColour;

/// A colour that cannot be read where it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is hard to read as text on {1}; {2} is near it and can be read")]
pub struct Unreadable(Colour, Colour, Colour);

impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii()).ok_or(NoColour)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| NoColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Serialize for Colour {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

const WHITE: Colour = Colour([255; 3]);
const INK: Colour = Colour([0x0d, 0x14, 0x20]);
/// Cards in the dark.
const DARK: Colour = Colour([0x1a, 0x20, 0x2b]);

#[allow(clippy::float_arithmetic, reason = "a measure of light, not of money")]
impl Colour {
    /// Relative luminance, as WCAG defines it.
    fn light(self) -> f64 {
        let part = |value: u8| {
            let share = f64::from(value) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let Self([red, green, blue]) = self;
        0.2126f64.mul_add(part(red), 0.7152f64.mul_add(part(green), 0.0722 * part(blue)))
    }

    /// From 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.light(), other.light());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

impl Colour {
    /// This colour with some per cent of another.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let part = |own: u8, other: u8| {
            let sum = u16::from(own)
                .saturating_mul(100_u16.saturating_sub(percent))
                .saturating_add(u16::from(other).saturating_mul(percent));
            u8::try_from(sum / 100).unwrap_or(u8::MAX)
        };
        let (Self([r, g, b]), Self([other_r, other_g, other_b])) = (self, other);
        Self([part(r, other_r), part(g, other_g), part(b, other_b)])
    }

    /// The nearest one on the way to `towards` that can be read on `ground` and on its own tint there.
    fn readable(self, towards: Self, ground: Self) -> Self {
        let mut steps = (0..=100).step_by(5).map(|percent| self.mixed(towards, percent));
        steps.find(|colour| Tone::of(*colour, ground).is_readable()).unwrap_or(towards)
    }
}

/// A colour with what goes with it in one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tone {
    /// Of links and buttons.
    pub accent: Colour,
    /// Of text on a button.
    pub on_accent: Colour,
    /// A trace of it, beneath text of its own colour.
    pub tint: Colour,
}

impl Tone {
    fn of(accent: Colour, ground: Colour) -> Self {
        let on_accent = if accent.contrast(WHITE) >= accent.contrast(INK) { WHITE } else { INK };
        Self { accent, on_accent, tint: ground.mixed(accent, 10) }
    }

    fn is_readable(self) -> bool {
        self.accent.contrast(self.tint) >= READABLE && self.accent.contrast(self.on_accent) >= READABLE
    }
}

/// The shop's colour in both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Colours {
    /// On white.
    pub light: Tone,
    /// In the dark.
    pub dark: Tone,
}

impl Default for Colours {
    fn default() -> Self {
        let tone = |accent, on_accent, tint| Tone { accent, on_accent, tint };
        Self {
            light: tone(Colour([0x1c, 0x55, 0xc9]), WHITE, Colour([0xe9, 0xf0, 0xff])),
            dark: tone(Colour([0x8f, 0xb8, 0xff]), INK, Colour([0x1f, 0x2c, 0x46])),
        }
    }
}

impl Colours {
    /// Of this colour; the dark one is found where none is given.
    ///
    /// # Errors
    /// One that cannot be read as text; with the nearest that can.
    pub fn of(accent: Colour, dark: Option<Colour>) -> Result<Self, Unreadable> {
        let checked = |accent: Colour, towards: Colour, ground: Colour| {
            let tone = Tone::of(accent, ground);
            let instead = || Unreadable(accent, ground, accent.readable(towards, ground));
            if tone.is_readable() { Ok(tone) } else { Err(instead()) }
        };
        let dark = dark.unwrap_or_else(|| accent.readable(WHITE, DARK));
        Ok(Self { light: checked(accent, INK, WHITE)?, dark: checked(dark, WHITE, DARK)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn a_colour_is_read_as_it_is_written() {
        assert_eq!(colour("#1C55c9").to_string(), "#1c55c9");
        for bad in ["1c55c9", "#fff", "#1c55c", "#1c55cg", "#1c55c9a", "blue", "#äöü", ""] {
            assert_eq!(bad.parse::<Colour>(), Err(NoColour), "{bad}");
        }
    }

    #[test]
    fn contrast_is_as_wcag_measures_it() {
        assert!((colour("#000000").contrast(WHITE) - 21.0).abs() < 0.01);
        assert!((colour("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn any_colour_has_a_readable_one_near_it_in_both_themes() {
        for text in ["#ffee00", "#00ff66", "#ff0000", "#ffffff", "#000000", "#808080", "#1c55c9", "#7a00ff"] {
            let light = colour(text).readable(INK, WHITE);
            let both = Colours::of(light, None).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(both.dark.is_readable() && both.light.is_readable(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_can() {
        let said = Colours::of(colour("#ffee00"), None).unwrap_err().to_string();
        assert!(said.starts_with("#ffee00 is hard to read as text on #ffffff; #"), "{said}");
        assert!(Colours::of(colour("#1c55c9"), Some(colour("#1c55c9"))).is_err(), "too dark in the dark");
    }

    #[test]
    fn the_shop_without_a_colour_of_its_own_can_be_read() {
        let Colours { light, dark } = Colours::default();
        assert!(light.is_readable() && dark.is_readable());
    }
}
