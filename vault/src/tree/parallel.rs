//! Hashing on all cores: Poseidon is what an import spends its time on.

use std::thread;

/// Items that the hash takes side by side ([`sealroot_protocol::poseidon::hash_many`]): parts are whole multiples of it, but for the last.
const SIDE_BY_SIDE: usize = 16;

/// `f` of the items in consecutive parts, results in order, on as many threads as there are times `worth_a_thread` items: below that many,
/// starting a thread costs more than it saves. Call it where blocking is allowed.
pub(crate) fn parts<T: Sync, U: Send>(items: &[T], worth_a_thread: usize, f: impl Fn(&[T]) -> Vec<U> + Sync) -> Vec<U> {
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = cores.min(items.len() / worth_a_thread);
    if threads < 2 {
        return f(items);
    }
    let f = &f;
    thread::scope(|scope| {
        let size = items.len().div_ceil(threads).next_multiple_of(SIDE_BY_SIDE);
        let (own, others) = items.split_at(size.min(items.len()));
        let parts: Vec<_> = others.chunks(size).map(|part| scope.spawn(move || f(part))).collect();
        // This thread does a part, too: each thread that is started has memory of its own.
        let mut out = f(own);
        out.reserve(others.len());
        for part in parts {
            match part.join() {
                Ok(values) => out.extend(values),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        out
    })
}

/// Runs hashing beside the async runtime's own threads.
pub(crate) async fn off_the_runtime<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing is lost, doubled or moved, whatever the number of items is to the number of threads.
    #[test]
    fn parts_make_the_whole() {
        for count in (0..100).chain([1000, 1023]) {
            let items: Vec<usize> = (0..count).collect();
            for worth in [1, 16, 64] {
                assert_eq!(
                    parts(&items, worth, |part| part.iter().map(|i| i + 1).collect()),
                    (1..=count).collect::<Vec<_>>()
                );
            }
        }
    }
}
