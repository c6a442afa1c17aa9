//! What proves that a job may be run again: twice in a row, and after a failure at each of its calls to the provider.

use super::MemoryShop;

/// More calls than any job makes.
const MOST_CALLS: u32 = 50;

/// A shop in which exactly one job waits is worked to its end, and then the same job runs once more: nothing changes.
///
/// # Panics
/// When it does.
#[allow(clippy::expect_used, reason = "for tests, which fail by panicking")]
pub async fn runs_twice<T: PartialEq + std::fmt::Debug>(
    scene: impl AsyncFn() -> MemoryShop,
    seen: impl Fn(&MemoryShop) -> T,
) {
    let shop = scene().await;
    let (id, job) = shop.db.with(|store| {
        let mut waiting = store.jobs.live.iter();
        let one = waiting.next().map(|(id, job)| (*id, job.clone()));
        assert_eq!(waiting.count(), 0, "one job waits");
        one.expect("a job waits")
    });
    shop.work_through(100).await;
    let once = seen(&shop);
    shop.db.with(|store| store.jobs.live.insert(id, job));
    shop.work_through(100).await;
    assert_eq!(seen(&shop), once, "it ran a second time");
}

/// The job fails at its first call to the provider, at its second, and so on, with and without effect there, and is then
/// worked to its end: every time the same is seen as without any failure.
///
/// # Panics
/// When it is not.
pub async fn fails_at_each_call<T: PartialEq + std::fmt::Debug>(
    scene: impl AsyncFn() -> MemoryShop,
    seen: impl Fn(&MemoryShop) -> T,
) {
    let shop = scene().await;
    shop.work_through(100).await;
    let wanted = seen(&shop);
    for effect in [false, true] {
        for number in 1..=MOST_CALLS {
            let shop = scene().await;
            shop.providers.0.fail_at(number, effect);
            shop.work_through(100).await;
            if shop.providers.0.was_spared() {
                assert!(number > 1, "it makes no call at all");
                break;
            }
            assert_eq!(seen(&shop), wanted, "its call {number} failed, with effect: {effect}");
        }
    }
}

impl MemoryShop {
    /// As [`MemoryShop::work`], while time goes by: a minute and a second before every try.
    pub async fn work_through(&self, limit: usize) -> usize {
        for done in 0..limit {
            self.advance(chrono::Duration::seconds(61));
            if self.work(1).await == 0 {
                return done;
            }
        }
        limit
    }
}
