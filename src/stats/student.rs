//! The factor that keeps an interval honest when its width was learnt from little.

/// The 97.5 % point of the normal distribution.
pub(super) const NORMAL: f64 = 1.959_963_984_540_054;

/// The 97.5 % point of Student's t distribution ("The Probable Error of a Mean", 1908) with this many degrees of
/// freedom, at least 1: what takes the place of 1.96 when the spread was estimated from `degrees + 1` values.
///
/// Exact to three decimals: from tables below 4, above that the asymptotic expansion 26.7.5 of
/// Abramowitz & Stegun, "Handbook of Mathematical Functions" (1964), summed here for this one probability.
pub(super) fn t_quantile(degrees: usize) -> f64 {
    match degrees {
        0 | 1 => 12.706,
        2 => 4.303,
        3 => 3.182,
        _ => {
            let terms = [NORMAL, 2.372_27, 2.822_50, 2.555_85, 1.589_53];
            terms
                .iter()
                .rev()
                .fold(0.0, |sum, term| sum / degrees as f64 + term)
        }
    }
}

/// Beyond this many degrees of freedom Student's distribution is taken for that of this many: the tails that matter
/// here differ by less than a percent from the normal ones.
const MANY_DEGREES: f64 = 1000.0;

/// How probable it is that chance alone carries Student's statistic as far from 0 as `t`, to either side. `degrees`
/// need not be whole: Welch's are not.
pub(super) fn two_sided(t: f64, degrees: f64) -> f64 {
    let degrees = degrees.clamp(1.0, MANY_DEGREES);
    incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The regularised incomplete beta function, to about ten decimals: the continued fraction 26.5.8 of Abramowitz &
/// Stegun (1964), turned over by 26.5.2 to where it converges quickly.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let logs = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b);
    let front = libm::exp(logs + a * libm::log(x) + b * libm::log1p(-x));
    let value = if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(a, b, x) / a
    } else {
        1.0 - front * fraction(b, a, 1.0 - x) / b
    };
    value.clamp(0.0, 1.0)
}

/// The continued fraction, from its front on: Lentz, "Generating Bessel Functions in Mie Scattering Calculations Using
/// Continued Fractions" (1976).
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| {
        if value.abs() < 1e-300 { 1e-300 } else { value }
    };
    let mut above = 1.0;
    let mut below = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut product = below;
    for step in 1..500 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut last = 1.0;
        for term in [even, odd] {
            below = 1.0 / away_from_zero(1.0 + term * below);
            above = away_from_zero(1.0 + term / above);
            last = above * below;
            product *= last;
        }
        if (last - 1.0).abs() < 1e-12 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_agree_with_published_tables() {
        for (t, degrees, expected) in [
            (0.0, 5.0, 1.0),
            (1.0, 1.0, 0.5),
            (12.706, 1.0, 0.05),
            (2.776, 4.0, 0.05),
            (3.499, 7.0, 0.01),
            (5.408, 7.0, 0.001),
            (2.145, 14.0, 0.05),
            (4.140, 14.0, 0.001),
            (1.962, 1e9, 0.05),
        ] {
            let p = two_sided(t, degrees);
            assert!((p / expected - 1.0).abs() < 2e-3, "{t}, {degrees}: {p}");
            assert_eq!(two_sided(-t, degrees), p);
        }
        assert_eq!(two_sided(f64::INFINITY, 5.0), 0.0);
        assert!(two_sided(50.0, 14.0) < 1e-15);
    }

    #[test]
    fn agrees_with_published_tables() {
        for (degrees, expected) in [
            (1, 12.706),
            (4, 2.776),
            (5, 2.571),
            (9, 2.262),
            (29, 2.045),
            (120, 1.980),
        ] {
            assert!((t_quantile(degrees) - expected).abs() < 0.0015, "{degrees}");
        }
        assert!((t_quantile(usize::MAX) - NORMAL).abs() < 1e-9);
    }
}
