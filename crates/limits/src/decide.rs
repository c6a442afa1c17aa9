//! The decision about one bucket. A store in a database decides the same in its own words.

use chrono::Duration;
use kernel::Timestamp;

use crate::Rule;

/// Takes one try out of a bucket that is full again at `full_at`; `None` is a bucket that nobody has used. Gives when it is
/// full again after that.
///
/// # Errors
/// Whole seconds until there is a try in it, not one more than it takes.
pub fn take(rule: &Rule, full_at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, u32> {
    let seconds = |count: u32| Duration::seconds(i64::from(count));
    let next = full_at.map_or(now, |full_at| full_at.max(now)) + seconds(rule.every);
    let late = next - (now + seconds(rule.refill()));
    if late <= Duration::zero() {
        return Ok(next);
    }
    let begun = i64::from(late.subsec_nanos() > 0);
    Err(u32::try_from(late.num_seconds().saturating_add(begun)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::SIGN_IN_FROM;

    fn at(millis: i64) -> Timestamp {
        chrono::DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn so_many_at_once_then_one_every_so_often() {
        let mut full = None;
        for _ in 0..10 {
            full = Some(take(&SIGN_IN_FROM, full, at(0)).unwrap());
        }
        assert_eq!(take(&SIGN_IN_FROM, full, at(0)), Err(30));
        assert_eq!(take(&SIGN_IN_FROM, full, at(1)), Err(30), "29 would be too few");
        assert_eq!(take(&SIGN_IN_FROM, full, at(29_999)), Err(1));
        full = Some(take(&SIGN_IN_FROM, full, at(30_000)).unwrap());
        assert_eq!(take(&SIGN_IN_FROM, full, at(30_000)), Err(30));
        assert!(take(&SIGN_IN_FROM, full, at(330_000)).is_ok_and(|full| full == at(360_000)), "full again");
    }

    proptest! {
        #[test]
        fn no_more_pass_than_the_rule_says_and_the_wait_is_honest(gaps in prop::collection::vec(0_i64..90_000, 1..200)) {
            let (mut now, mut full, mut passed) = (0, None, 0_i64);
            for gap in gaps {
                now += gap;
                match take(&SIGN_IN_FROM, full, at(now)) {
                    Ok(next) => {
                        full = Some(next);
                        passed += 1;
                    }
                    Err(wait) => {
                        let wait = i64::from(wait) * 1000;
                        prop_assert!(take(&SIGN_IN_FROM, full, at(now + wait)).is_ok(), "after that time it passes");
                        prop_assert!(take(&SIGN_IN_FROM, full, at(now + wait - 1000)).is_err(), "and not a second before");
                    }
                }
                prop_assert!(passed <= 10 + now / 30_000, "{passed} in {now} ms");
            }
        }
    }
}
