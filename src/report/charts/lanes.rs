//! A picture of rows: their names to the left, what was found of them in words to the right, and
//! between the two an axis that they share.

use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;

use super::canvas::{self, Area, CHARACTER, Drawn, INK, label};
use super::scale::{Axis, RatioAxis};
use crate::error::Result;

/// Rows in a picture; more of them become several pictures.
pub(super) const MOST_ROWS: usize = 48;

const WIDTH: u32 = 720;
const ROW: u32 = 22;

/// The least room for the words, to the right of everything drawn.
const WORDS: u32 = 130;

/// What is drawn on: the axis from left to right, the rows from top to bottom.
pub(super) type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// The rows and their axis.
pub(super) struct Lanes {
    /// The name and the words of each row, from top to bottom.
    pub(super) rows: Vec<(String, String)>,
    pub(super) axis: Axis,
    /// What stands at a tick.
    pub(super) tick: fn(f64) -> String,
    /// What the axis is.
    pub(super) under: String,
}

impl Lanes {
    /// Where on the upright axis a row lies: the first has the highest number.
    pub(super) fn place(&self, row: usize) -> f64 {
        (self.rows.len() - 1 - row) as f64
    }

    /// Draws the frame, and has `paint` fill it.
    pub(super) fn draw(
        &self,
        title: &str,
        paint: impl FnOnce(&Area<'_>, &mut Plot<'_, '_>) -> Drawn,
    ) -> Result<String> {
        let size = (WIDTH, 84 + ROW * self.rows.len() as u32);
        canvas::draw(size, title, |area| {
            area.draw(&Text::new(title.to_owned(), (8, 4), label()))?;
            let mut plot = self.frame(area)?;
            paint(area, &mut plot)?;
            for (row, (_, words)) in self.rows.iter().enumerate() {
                let at = (
                    (WIDTH - self.room_for_words() + 8).cast_signed(),
                    self.text_top(&plot, row),
                );
                area.draw(&Text::new(words.clone(), at, label()))?;
            }
            Ok(())
        })
    }

    /// The pixel at which the text of a row begins.
    pub(super) fn text_top(&self, plot: &Plot<'_, '_>, row: usize) -> i32 {
        let left = plot.x_range().start;
        plot.backend_coord(&(left, self.place(row))).1 - 6
    }

    fn room_for_words(&self) -> u32 {
        let longest = self
            .rows
            .iter()
            .map(|(_, words)| words.chars().count())
            .max();
        WORDS.max(CHARACTER * (longest.unwrap_or(0) as u32).min(40) + 12)
    }

    fn frame<'a, 'b>(
        &self,
        area: &'a Area<'b>,
    ) -> std::result::Result<Plot<'a, 'b>, DrawingAreaErrorKind<std::io::Error>> {
        let count = self.rows.len();
        let widest = self.rows.iter().map(|(name, _)| name.chars().count()).max();
        let named = (0..count).filter(|row| !self.rows[*row].0.is_empty());
        let places = named.map(|row| self.place(row)).collect();
        let mut plot = ChartBuilder::on(area)
            .margin_top(24)
            .margin_left(6)
            .margin_right(self.room_for_words())
            .x_label_area_size(44)
            .y_label_area_size(CHARACTER * (widest.unwrap_or(0) as u32).min(44) + 8)
            .build_cartesian_2d(
                self.axis.clone(),
                Axis::new(-0.5..count as f64 - 0.5, places),
            )?;
        plot.configure_mesh()
            .disable_y_mesh()
            .bold_line_style(INK.mix(0.15))
            .light_line_style(TRANSPARENT)
            .axis_style(INK.mix(0.5))
            .label_style(label())
            .axis_desc_style(label())
            .x_label_formatter(&|at| (self.tick)(*at))
            .y_label_formatter(&|place| {
                let row = count - 1 - (place.round().max(0.0) as usize).min(count - 1);
                self.rows[row].0.clone()
            })
            .x_desc(self.under.as_str())
            .draw()?;
        Ok(plot)
    }
}

/// A ratio with its interval: a dot on a bar. All are logarithms.
pub(super) fn dot_and_bar(
    plot: &mut Plot<'_, '_>,
    axis: &RatioAxis,
    (point, interval): (f64, Option<[f64; 2]>),
    at: f64,
    colour: RGBAColor,
) -> Drawn {
    if let Some(ends) = interval {
        let ends = ends.map(|end| (axis.held(end), at)).to_vec();
        plot.draw_series([PathElement::new(ends, colour.stroke_width(3))])?;
    }
    plot.draw_series([Circle::new((axis.held(point), at), 4, colour.filled())])?;
    Ok(())
}

/// The upright line at 1.
pub(super) fn line_at_one(plot: &mut Plot<'_, '_>, rows: usize) -> Drawn {
    let one = vec![(0.0, -0.5), (0.0, rows as f64 - 0.5)];
    plot.draw_series([PathElement::new(one, INK.mix(0.6))])?;
    Ok(())
}
