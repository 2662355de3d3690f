//! A topic that one of many filters matches. Neither rumqttc's function, which is asked for each filter, nor
//! the plain matcher of this crate is made for that; it shows what a scan costs.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use wasmqtt::codec::{PropertiesBuf, QoS, SubscriptionOptions, TopicFilter, TopicName};
use wasmqtt::session::Subscriptions;

/// Of each eight filters one has a wildcard at its end, and one within.
fn filter(number: usize) -> String {
    let (plant, line) = (number / 100, number % 100);
    match number % 8 {
        0 => format!("plant/{plant}/line/{line}/#"),
        1 => format!("plant/{plant}/+/{line}/temperature"),
        _ => format!("plant/{plant}/line/{line}/temperature"),
    }
}

fn matching(criterion: &mut Criterion) {
    for count in [1_000, 100_000] {
        let filters: Vec<String> = (0..count).map(filter).collect();
        let mut subscriptions = Subscriptions::default();
        for (id, filter) in (1..).zip(&filters) {
            let filter = TopicFilter::new(filter).expect("a filter");
            let options = SubscriptionOptions::new(QoS::AtMostOnce);
            subscriptions.subscribe(id, filter, options, false, PropertiesBuf::new());
        }
        // One after the other, far from each other.
        let topics: Vec<String> = (0..1000)
            .map(|it| it * 7919 % count)
            .map(|it| format!("plant/{}/line/{}/temperature", it / 100, it % 100))
            .collect();
        let mut group = criterion.benchmark_group(format!("match, {count} filters"));
        let mut next = topics.iter().cycle();
        group.bench_function(BenchmarkId::from_parameter("wasmqtt"), |bencher| {
            bencher.iter(|| {
                let topic = TopicName::new(next.next().expect("a topic")).expect("a topic");
                let mut found = 0;
                subscriptions.routes(topic, &[], |id| found += u32::from(black_box(id) > 0));
                assert_eq!(found, 1);
            });
        });
        if count > 1_000 {
            group.sample_size(10);
        }
        group.bench_function(BenchmarkId::from_parameter("wasmqtt, one by one"), |bencher| {
            let filters = filters.iter().map(|it| TopicFilter::new(it).expect("a filter"));
            let filters: Vec<_> = filters.collect();
            bencher.iter(|| {
                let topic = TopicName::new(next.next().expect("a topic")).expect("a topic");
                assert_eq!(filters.iter().filter(|it| it.matches(topic)).count(), 1);
            });
        });
        group.bench_function(BenchmarkId::from_parameter("rumqttc"), |bencher| {
            bencher.iter(|| {
                let topic = next.next().expect("a topic");
                let matches = |filter: &&String| rumqttc::matches(topic, filter);
                assert_eq!(filters.iter().filter(matches).count(), 1);
            });
        });
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
