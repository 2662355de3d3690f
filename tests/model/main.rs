//! A deterministic simulation: engines with their stores, a network that loses and cuts, pages that crash between any
//! two steps, a clock that jumps, and a broker written from the specification. From a seed everything follows.
//!
//! A seed that fails is made small and told, with what happened in it. To see it again:
//! `SIMULATE=seed,steps,without cargo test --test model replay -- --nocapture`.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod broker;
mod chance;
mod ledger;
mod names;
mod net;
mod page;
mod trace;
mod world;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use world::{Plan, Tally, run};

/// Of one run.
const STEPS: usize = 400;

/// Those of `npm test`.
const SEEDS: u64 = 20_000;

fn plan(seed: u64) -> Plan {
    Plan { seed, steps: STEPS, without: 0 }
}

/// A panic is a violation too.
fn outcome(plan: Plan) -> Result<Tally, String> {
    catch_unwind(AssertUnwindSafe(|| run(plan))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(format!("a panic: {}", text.unwrap_or_default()))
    })
}

/// As few steps, and as few kinds of what happens, as still fail.
fn shrink(mut plan: Plan) -> Plan {
    let fails = |plan: Plan| outcome(plan).is_err();
    for kind in 0..20 {
        let less = Plan { without: plan.without | 1 << kind, ..plan };
        if fails(less) {
            plan = less;
        }
    }
    let (mut least, mut most) = (0, plan.steps);
    while least < most {
        let middle = usize::midpoint(least, most);
        if fails(Plan { steps: middle, ..plan }) {
            most = middle;
        } else {
            least = middle + 1;
        }
    }
    Plan { steps: most, ..plan }
}

fn tell(plan: Plan) -> String {
    trace::begin();
    let outcome = outcome(plan);
    let lines = trace::end();
    let last = lines
        .len()
        .saturating_sub(env::var("LINES").ok().and_then(|it| it.parse().ok()).unwrap_or(120));
    let Plan { seed, steps, without } = plan;
    format!("{}\nSIMULATE={seed},{steps},{without}: {outcome:?}", lines[last..].join("\n"))
}

fn all(seeds: impl Iterator<Item = u64>, mut each: impl FnMut(&Tally)) -> Result<Tally, String> {
    let mut tally = Tally::default();
    for seed in seeds {
        match outcome(plan(seed)) {
            Ok(one) => tally.add(one),
            Err(_) => return Err(tell(shrink(plan(seed)))),
        }
        each(&tally);
    }
    Ok(tally)
}

#[test]
fn nothing_that_is_promised_is_broken() {
    let half = |from: u64| std::thread::spawn(move || all((from..SEEDS).step_by(2), |_| ()));
    let mut tally = Tally::default();
    for half in [half(0), half(1)] {
        match half.join().unwrap() {
            Ok(one) => tally.add(one),
            Err(told) => panic!("{told}"),
        }
    }
    println!("{tally:?}");
    assert!(tally.crashes > SEEDS && tally.sessions > SEEDS);
}

#[test]
fn a_seed_is_always_the_same_run() {
    for seed in 0..20 {
        let traced = || {
            trace::begin();
            let _ = outcome(plan(seed));
            trace::end()
        };
        let first = traced();
        assert!(first.len() > 100);
        assert_eq!(first, traced());
    }
}

/// `SIMULATE=seed,steps,without`.
#[test]
fn replay() {
    let Ok(text) = env::var("SIMULATE") else { return };
    let numbers: Vec<u64> = text.split(',').map(|part| part.parse().unwrap()).collect();
    let [seed, steps, without] = numbers[..] else { panic!("SIMULATE=seed,steps,without") };
    println!("{}", tell(Plan { seed, steps: steps as usize, without: without as u32 }));
}

/// A mutation of the engine, by its number in `MUTANT`: it has to be caught.
#[cfg(mutants)]
#[test]
#[ignore = "of a copy of the crate"]
fn mutant() {
    let number = env::var("MUTANT").unwrap().parse().unwrap();
    wasmqtt::mutant::ALIVE.store(number, std::sync::atomic::Ordering::Relaxed);
    std::panic::set_hook(Box::new(|_| ()));
    let caught = (0..SEEDS).find_map(|seed| Some((seed, outcome(plan(seed)).err()?)));
    let (seed, why) = caught.expect("a mutation survives");
    println!("caught {seed} {why}");
}

/// `SEEDS` of them from `FROM`: that is what `npm run simulate` runs.
#[test]
#[ignore = "as long as it is told to"]
fn long() {
    let number = |name: &str| env::var(name).ok().and_then(|it| it.parse().ok());
    let (from, seeds) = (number("FROM").unwrap_or(0), number("SEEDS").unwrap_or(SEEDS));
    let mut told = Instant::now();
    let outcome = all(from..from + seeds, |tally| {
        if told.elapsed().as_secs() >= 5 {
            told = Instant::now();
            println!("progress {} {}", tally.runs, tally.sessions);
        }
    });
    match outcome {
        Ok(Tally { runs, events, sessions, crashes, messages }) => {
            println!("done {runs} {events} {sessions} {crashes} {messages}");
        }
        Err(told) => panic!("{told}"),
    }
}
