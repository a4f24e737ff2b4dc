//! From what plotters draws to SVG that suits a page: its black becomes the page's ink, a thousand
//! dots become one path, and what every element says again is said once.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::error::{Error, Result};
use crate::text::{terminal, xml};

/// Where a chart is drawn.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Why nothing was drawn. In memory nothing can go wrong but a coordinate without sense.
pub(super) type Undrawn = DrawingAreaErrorKind<std::io::Error>;

/// What came of drawing.
pub(super) type Drawn = std::result::Result<(), Undrawn>;

/// The ink of the page, whichever it is.
pub(super) const INK: RGBColor = BLACK;

/// The size of all text, in pixels of the picture; plotters divides it by 1.24.
pub(super) const TEXT: f64 = 12.0 * 1.24;

/// About how wide a character is.
pub(super) const CHARACTER: u32 = 7;

/// Draws a picture of `size` pixels with this title.
pub(super) fn draw(
    size: (u32, u32),
    title: &str,
    paint: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<String> {
    let mut text = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        paint(&area).and_then(|()| area.present())
    };
    drawn.map_err(|error| Error::usage(format!("cannot draw `{title}`: {error}")))?;
    Ok(suited(&text, size, title))
}

/// The text style of labels.
pub(super) fn label() -> TextStyle<'static> {
    ("sans-serif", TEXT).into_font().color(&INK)
}

/// The elements that plotters wrote, a line each, made shorter and put into a root that a screen
/// reader can name.
fn suited(text: &str, (width, height): (u32, u32), title: &str) -> String {
    let title = xml(title);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\" fill=\"currentColor\">\n\
         <title>{title}</title>\n"
    );
    let mut dots: Option<Dots> = None;
    let mut in_text = false;
    // The first line is the root of plotters; the last closes it.
    for line in text.trim_end().split('\n').skip(1) {
        if let Some(dot) = Dots::read(line) {
            match &mut dots {
                Some(dots) if dots.style == dot.style => dots.path.push_str(&dot.path),
                _ => {
                    flush(&mut out, dots.replace(dot));
                }
            }
            continue;
        }
        flush(&mut out, dots.take());
        if line.starts_with('<') {
            out.push_str(&shortened(line));
            if !line.starts_with("<text") {
                out.push('\n');
            }
            in_text = false;
        } else {
            // Plotters escapes for XML, and keeps what XML cannot hold; a name may have several lines.
            out.push_str(if in_text { "\\n" } else { "" });
            out.push_str(&terminal(line));
            in_text = true;
        }
    }
    out
}

/// What a line says that the root has said already.
fn shortened(line: &str) -> String {
    line.replace(" opacity=\"1\"", "")
        .replace(" font-family=\"sans-serif\"", "")
        .replace(" font-size=\"12\"", "")
        .replace(" text-anchor=\"start\"", "")
        .replace(" fill=\"#000000\"", "")
        .replace("#000000", "currentColor")
        .replace(" stroke=\"none\"", "")
        .replace(" \"/>", "\"/>")
}

/// Dots of one look, drawn as the round ends of lines without length: ten bytes each, not ninety.
struct Dots {
    style: String,
    path: String,
}

impl Dots {
    /// A filled circle of radius 1 in `line`.
    fn read(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("<circle cx=\"")?;
        let (x, rest) = rest.split_once("\" cy=\"")?;
        let (y, rest) = rest.split_once("\" r=\"1\" ")?;
        let (look, _) = rest.split_once(" stroke=\"none\"")?;
        Some(Self {
            style: look.replace("fill=", "stroke="),
            path: format!("M{x} {y}h0"),
        })
    }
}

fn flush(out: &mut String, dots: Option<Dots>) {
    if let Some(Dots { style, path }) = dots {
        let style = style.replace("#000000", "currentColor");
        out.push_str(&format!(
            "<path fill=\"none\" stroke-width=\"3\" stroke-linecap=\"round\" {style} d=\"{path}\"/>\n"
        ));
    }
}

/// The picture as a file: with ink and paper that follow the reader's wish, where the program that
/// shows it knows of one.
pub(super) fn on_its_own(svg: &str) -> String {
    const STYLE: &str = "<style>svg{color:#1b1f24;background:#fff}@media \
                         (prefers-color-scheme:dark){svg{color:#e6e8eb;background:#15181c}}</style>\n";
    let root = svg.replacen("<svg ", "<svg color=\"#1b1f24\" ", 1);
    match root.split_once("<title>") {
        Some((head, rest)) => format!("{head}{STYLE}<title>{rest}"),
        None => root,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> String {
        draw((60, 40), "a <b> & \"c\"", |area| {
            for x in 0..5 {
                area.draw(&Circle::new((x, 2 * x), 1, RED.filled()))?;
            }
            area.draw(&PathElement::new(vec![(0, 0), (60, 40)], INK))?;
            area.draw(&Text::new("<i>", (5, 5), label()))
        })
        .unwrap()
    }

    #[test]
    fn dots_become_one_path_and_ink_is_that_of_the_page() {
        let svg = picture();
        assert!(svg.contains("M0 0h0M1 2h0M2 4h0M3 6h0M4 8h0"), "{svg}");
        assert!(!svg.contains("<circle"), "{svg}");
        assert!(svg.contains("stroke=\"currentColor\""), "{svg}");
        assert!(!svg.contains("#000000"), "{svg}");
        assert!(svg.trim_end().ends_with("</svg>"), "{svg}");
    }

    #[test]
    fn text_stays_text() {
        let svg = picture();
        assert!(
            svg.contains("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"),
            "{svg}"
        );
        assert!(svg.contains("&lt;i&gt;</text>"), "{svg}");
    }

    #[test]
    fn a_file_brings_its_own_ink() {
        let file = on_its_own(&picture());
        assert!(file.contains("prefers-color-scheme"), "{file}");
        assert_eq!(file.matches("<title>").count(), 1);
    }
}
