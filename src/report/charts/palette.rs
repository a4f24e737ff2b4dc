//! One colour for each engine and for each direction, the same in every picture, and readable on white and on near black.

use plotters::style::RGBColor;

use crate::engine::ENGINES;

/// In the order of [`ENGINES`]; a test holds them to a contrast of 3 on both kinds of page.
const COLOURS: [RGBColor; 11] = [
    RGBColor(0x7f, 0x7f, 0x7f),
    RGBColor(0xa0, 0x76, 0x3c),
    RGBColor(0xb0, 0x61, 0x9f),
    RGBColor(0xcf, 0x7a, 0x26),
    RGBColor(0xc2, 0x54, 0x3d),
    RGBColor(0x3f, 0x91, 0x42),
    RGBColor(0x3b, 0x7d, 0xd8),
    RGBColor(0x8a, 0x6b, 0xd1),
    RGBColor(0x1f, 0x9a, 0xa8),
    RGBColor(0xd0, 0x56, 0x8f),
    RGBColor(0x8f, 0x8f, 0x2e),
];

/// What speaks for the engine or for the new side, as on the page.
pub(super) const FASTER: RGBColor = RGBColor(0x3b, 0x7d, 0xd8);

/// What speaks against it.
pub(super) const SLOWER: RGBColor = RGBColor(0xcf, 0x7a, 0x26);

/// The colour of an engine; of one that this program does not know, a colour drawn by its name.
pub(super) fn colour(engine: &str) -> RGBColor {
    let known = ENGINES.iter().position(|known| known.name() == engine);
    let drawn = || {
        let sum = engine.bytes().fold(0usize, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(byte.into())
        });
        1 + sum % (COLOURS.len() - 1)
    };
    COLOURS[known.unwrap_or_else(drawn) % COLOURS.len()]
}

/// The same as `#3b7dd8`.
pub(in crate::report) fn colour_text(engine: &str) -> String {
    let RGBColor(red, green, blue) = colour(engine);
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as WCAG 2.1 defines it.
    fn luminance(RGBColor(red, green, blue): RGBColor) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn every_colour_is_readable_on_light_and_dark() {
        let (paper, night) = (RGBColor(255, 255, 255), RGBColor(0x15, 0x18, 0x1c));
        for colour in COLOURS.into_iter().chain([FASTER, SLOWER]) {
            let own = luminance(colour) + 0.05;
            let light = (luminance(paper) + 0.05) / own;
            let dark = own / (luminance(night) + 0.05);
            assert!(light >= 3.0 && dark >= 3.0, "{colour:?}: {light}, {dark}");
        }
    }

    #[test]
    fn each_engine_has_a_colour_of_its_own() {
        assert!(ENGINES.len() <= COLOURS.len(), "a colour is wanted");
        assert_eq!(colour_text("mmap"), "#3b7dd8");
        assert_eq!(
            colour_text("from_the_future"),
            colour_text("from_the_future")
        );
    }
}
