//! A session that is stored (4.1): what is stored before what is sent, and how it goes on after a page. What the tests of it
//! have in common; they are beside it, by what they are about.

mod beginning;
mod interrupted;
mod publishing;
mod receiving;

use wasmqtt::client::{Config, PublishRequest, RecordKind, State, VersionPolicy};
use wasmqtt::codec::{PropertiesBuf, QoS};

use crate::support::{Records, Told, V5, World};

fn kept(config: Config) -> Config {
    let v5 = config.version == VersionPolicy::Exactly(V5);
    Config { session_expiry_interval: if v5 { 60 } else { 0 }, ..config }
}

/// A stored session, connected, with nothing left to store.
fn connected(config: Config, records: &mut Records) -> World {
    let mut world = World::restored(kept(config), records);
    world.store(records);
    world.open();
    world.accept(false, &[]);
    while world.client.state() != State::Connected {
        // In 3.1 a session that may be there is discarded first.
        world.seconds(60);
        world.open();
        world.accept(false, &[]);
    }
    world.store(records);
    world.forget();
    world
}

/// The page is gone; one after it has what was stored.
fn next_page(config: Config, records: &Records) -> World {
    let mut world = World::restored(kept(config), records);
    world.store(&mut records.clone());
    world.open();
    world.accept(true, &[]);
    world
}

fn count(records: &Records, kind: RecordKind) -> usize {
    records.keys().filter(|key| key.kind() == Some(kind)).count()
}

fn messages(world: &World) -> usize {
    world.told.iter().filter(|it| matches!(it, Told::Message { .. })).count()
}

fn request(topic: &str, qos: QoS, payload: u8) -> PublishRequest<'_> {
    let (payload, properties) = (vec![payload], PropertiesBuf::new());
    PublishRequest { topic, payload, qos, retain: false, properties }
}
