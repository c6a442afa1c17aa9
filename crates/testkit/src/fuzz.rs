//! Fuzzing as property tests: real inputs, changed at random, for a moment or for as long as `FUZZ_SECONDS` says.
//!
//! The corpus is `fuzz/corpus/<target>/` at the top of the workspace, a file an input. What fails is made small and kept
//! there, so that every later run begins with it. (cargo-fuzz, which is led by coverage, needs a nightly compiler.)

use std::{
    cell::Cell,
    fs,
    ops::Range,
    path::PathBuf,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};

/// How many inputs a run without `FUZZ_SECONDS` tries besides the corpus: the same ones every time.
const FEW: u32 = 1_500;
/// How many are tried between two looks at the clock.
const BATCH: u32 = 500;
/// The longest input that is made.
const LONGEST: usize = 64 << 10;

/// What is done to an input. Places are shares of its length.
#[derive(Debug, Clone)]
enum Change {
    /// A bit the other way.
    Flip(Index, u8),
    /// Another byte.
    Set(Index, u8),
    /// A part is left out.
    Cut(Index, Index),
    /// A part comes twice.
    Repeat(Index, Index),
    /// A part of another input of the corpus is put in.
    Splice(Index, Index, Index, Index),
    /// Something is put in that often means something.
    Word(Index, &'static [u8]),
}

const WORDS: &[&[u8]] = &[
    b"",
    b"\0",
    b" ",
    b"\r\n",
    b",",
    b";",
    b"=",
    b".",
    b":",
    b"..",
    b"\"",
    b"\\",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e999",
    b"9223372036854775807",
    b"18446744073709551616",
    b"\xff",
    b"\xf0\x9f\x90\xb3",
    b"\\u0000",
    b"\\ud800",
    b"%00",
    b"::1",
    b"255.255.255.255",
    b"Bearer ",
    b"v1=",
    b"t=",
    b"hw_session=",
    b"none",
];

fn change() -> impl Strategy<Value = Change> {
    let place = any::<Index>;
    prop_oneof![
        3 => (place(), 0..8_u8).prop_map(|(at, bit)| Change::Flip(at, bit)),
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        2 => (place(), place()).prop_map(|(from, to)| Change::Cut(from, to)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Repeat(from, to)),
        2 => (place(), place(), place(), place()).prop_map(|(at, other, from, to)| Change::Splice(at, other, from, to)),
        3 => (place(), prop::sample::select(WORDS)).prop_map(|(at, word)| Change::Word(at, word)),
    ]
}

fn part(from: Index, to: Index, length: usize) -> Range<usize> {
    let (one, other) = (from.index(length + 1), to.index(length + 1));
    one.min(other)..one.max(other)
}

fn apply(input: &mut Vec<u8>, change: &Change, corpus: &[Vec<u8>]) {
    let place = |at: &Index| at.index(input.len() + 1);
    match change {
        Change::Flip(at, _) | Change::Set(at, _) if !input.is_empty() => {
            let place = at.index(input.len());
            if let (Some(byte), Change::Flip(_, bit)) = (input.get_mut(place), change) {
                *byte ^= 1 << bit;
            } else if let (Some(byte), Change::Set(_, other)) = (input.get_mut(place), change) {
                *byte = *other;
            }
        }
        Change::Flip(..) | Change::Set(..) => {}
        Change::Cut(from, to) => drop(input.drain(part(*from, *to, input.len()))),
        Change::Repeat(from, to) => input.extend_from_within(part(*from, *to, input.len())),
        Change::Splice(at, other, from, to) => {
            let (at, other) = (place(at), other.get(corpus));
            let piece = other.get(part(*from, *to, other.len())).unwrap_or_default().to_vec();
            input.splice(at..at, piece);
        }
        Change::Word(at, word) => {
            let at = place(at);
            input.splice(at..at, word.iter().copied());
        }
    }
    input.truncate(LONGEST);
}

/// Inputs: one of the corpus with up to six changes; one in ten is wholly at random.
fn inputs(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changed = (any::<Index>(), prop::collection::vec(change(), 0..=6)).prop_map(move |(seed, changes)| {
        let mut input = seed.get(&corpus).clone();
        for change in &changes {
            apply(&mut input, change, &corpus);
        }
        input
    });
    prop_oneof![9 => changed, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

fn folder(target: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus")).join(target)
}

/// The inputs of a target's corpus, by name.
pub fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = folder(target);
    let read = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = read.map(|entry| entry.expect("an entry of the corpus").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file of the corpus")).collect()
}

/// As text, with escapes for what is none.
fn shown(input: &[u8]) -> String {
    input.escape_ascii().to_string()
}

/// Tries a target's corpus, more inputs that the test brings along, and changed ones.
///
/// # Panics
/// When `test` panics or refuses; the input is made small, kept in the corpus and named.
pub fn fuzz(target: &str, more: Vec<Vec<u8>>, test: impl Fn(&[u8]) -> Result<(), TestCaseError>) {
    let mut known = corpus(target);
    known.extend(more);
    for input in &known {
        if let Err(error) = test(input) {
            panic!("{target}: {error}, of the corpus: {}", shown(input));
        }
    }
    let began = Instant::now();
    let time = seconds();
    let config = |cases| Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let inputs = inputs(known);
    let tried = Cell::new(0_u64);
    loop {
        // A runner counts its successes for ever, so each batch has one of its own.
        let mut runner = match time {
            Some(_) => TestRunner::new(config(BATCH)),
            None => TestRunner::new_with_rng(config(FEW), TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
        };
        let counted = |input: Vec<u8>| {
            tried.set(tried.get().saturating_add(1));
            test(&input)
        };
        match runner.run(&inputs, counted) {
            Ok(()) => {}
            Err(TestError::Fail(why, input)) => {
                panic!("{target}: {why}, kept in {}: {}", keep(target, &input).display(), shown(&input))
            }
            Err(TestError::Abort(why)) => panic!("{target}: {why}"),
        }
        if time.is_none_or(|time| began.elapsed() >= time) {
            break;
        }
    }
    let tried = tried.get();
    println!("{target}: {tried} inputs in {:?}", began.elapsed());
}

fn keep(target: &str, input: &[u8]) -> PathBuf {
    let sum = input.iter().fold(5381_u32, |sum, byte| sum.wrapping_mul(33) ^ u32::from(*byte));
    let path = folder(target).join(format!("found-{sum:08x}"));
    fs::write(&path, input).expect("the corpus can be written");
    path
}

#[allow(clippy::disallowed_methods, reason = "who runs the tests says how long")]
fn seconds() -> Option<Duration> {
    let text = std::env::var("FUZZ_SECONDS").ok()?;
    Some(Duration::from_secs(text.parse().expect("FUZZ_SECONDS is a number of seconds")))
}
