//! What can be wrong with numbers handed to this room.

/// Why a statistic could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// There was no value to summarise.
    #[error("no values to summarise")]
    Empty,
    /// A value was NaN or infinite.
    #[error("{value} is not a finite number")]
    NotFinite {
        /// The offending value.
        value: f64,
    },
    /// A time or a ratio was zero, negative, NaN or infinite.
    #[error("{value} is not a finite number above zero")]
    NotPositive {
        /// The offending value.
        value: f64,
    },
    /// A probability was outside 0 … 1.
    #[error("{value} is not a probability between 0 and 1")]
    NotAProbability {
        /// The offending value.
        value: f64,
    },
    /// An interval's low end was above its high end.
    #[error("an interval cannot reach from {low} down to {high}")]
    EndsSwapped {
        /// The end given as the low one.
        low: f64,
        /// The end given as the high one.
        high: f64,
    },
}
