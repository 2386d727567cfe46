//! Whether two kinds of requests take the same time, decided once from many samples.

use std::time::Duration;

/// Two kinds of requests differ if a rank test says so with this many standard deviations: by
/// chance that happens to one comparison of a thousand (two-sided).
const SIGNIFICANT: f64 = 3.29;

/// A smaller shift than this part of the time is of no use to anybody, however certain it is.
const RELATIVE: f64 = 0.10;

/// The same in seconds, where the compiler did not optimise: what a known address costs more than
/// an unknown one grows there, while the time on the network, which hides it, does not.
const ABSOLUTE: f64 = if cfg!(debug_assertions) { 0.001 } else { 0.0 };

/// The times of two kinds of requests, which were sent in turn.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// Seconds of the one kind.
    one: Vec<f64>,
    /// Seconds of the other.
    other: Vec<f64>,
}

/// What the samples say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    /// How far the one kind lies above the other, in standard deviations of the Mann-Whitney
    /// statistic.
    pub deviations: f64,
    /// By how many seconds the one kind takes longer: the median of all differences (Hodges and
    /// Lehmann).
    pub shift: f64,
    /// The median of all times, in seconds.
    pub typical: f64,
}

impl Samples {
    /// Takes a time of each kind.
    pub fn push(&mut self, one: Duration, other: Duration) {
        self.one.push(one.as_secs_f64());
        self.other.push(other.as_secs_f64());
    }

    /// Compares the two kinds.
    #[must_use]
    pub fn compare(&self) -> Comparison {
        let differences = self.one.iter().flat_map(|one| self.other.iter().map(move |o| one - o));
        let all = self.one.iter().chain(&self.other).copied();
        Comparison {
            deviations: self.deviations(),
            shift: median(differences.collect()),
            typical: median(all.collect()),
        }
    }

    /// The Mann-Whitney statistic in its normal approximation, with midranks for ties.
    #[expect(clippy::cast_precision_loss, reason = "there are some hundred samples")]
    fn deviations(&self) -> f64 {
        let (n, m) = (self.one.len() as f64, self.other.len() as f64);
        let mut wins = 0.0;
        for one in &self.one {
            for other in &self.other {
                wins += match one.total_cmp(other) {
                    std::cmp::Ordering::Greater => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Less => 0.0,
                };
            }
        }
        let spread = (n * m * (n + m + 1.0) / 12.0).sqrt();
        if spread > 0.0 { (wins - n * m / 2.0) / spread } else { 0.0 }
    }
}

impl Comparison {
    /// Whether time tells the two kinds apart: the difference is no chance, and large enough to be
    /// of use.
    #[must_use]
    pub fn tells_apart(&self) -> bool {
        let matters = (self.typical * RELATIVE).max(ABSOLUTE);
        self.deviations.abs() > SIGNIFICANT && self.shift.abs() > matters
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around 20 ms, scattered by a third, with a pause of the machine now and then; the one
    /// kind takes longer by so many parts of a thousand.
    fn samples(per_mille: u32) -> Comparison {
        let mut state = 7_u32;
        let mut time = |factor: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 16) % 6_000;
            let pause = if (state >> 8).is_multiple_of(37) { 90_000 } else { 0 };
            Duration::from_micros(u64::from((17_000 + noise) * factor / 1_000 + pause))
        };
        let mut samples = Samples::default();
        for _ in 0..300 {
            let other = time(1_000);
            samples.push(time(1_000 + per_mille), other);
        }
        samples.compare()
    }

    #[test]
    fn the_same_work_is_not_told_apart() {
        let same = samples(0);
        assert!(!same.tells_apart() && same.deviations.abs() < SIGNIFICANT, "{same:?}");
    }

    #[test]
    fn a_difference_that_matters_is_found_among_noise() {
        let slower = samples(150);
        assert!(slower.tells_apart() && slower.shift > 0.002, "{slower:?}");
    }

    #[test]
    fn a_difference_that_is_certain_and_small_does_not_matter() {
        let little = samples(40);
        assert!(little.deviations > SIGNIFICANT && !little.tells_apart(), "{little:?}");
    }

    #[test]
    fn a_few_samples_prove_nothing() {
        let mut samples = Samples::default();
        for _ in 0..3 {
            samples.push(Duration::from_millis(40), Duration::from_millis(20));
        }
        assert!(!samples.compare().tells_apart());
        assert!(!Samples::default().compare().tells_apart());
    }

    #[test]
    fn the_statistic_is_that_of_the_textbook() {
        let mut samples = Samples::default();
        for (one, other) in [(1, 2), (3, 4), (5, 6)] {
            samples.push(Duration::from_secs(one), Duration::from_secs(other));
        }
        // U is 3 of 9, its spread the root of 5.25.
        let compared = samples.compare();
        assert!((compared.deviations - (3.0 - 4.5) / 5.25_f64.sqrt()).abs() < 1e-12);
        assert!((compared.shift + 1.0).abs() < 1e-12 && (compared.typical - 4.0).abs() < 1e-12);
    }
}
