//! Topic Aliases (5.0, 3.3.2.3.4): those of the server, and our own for topics that are used often.
//! Both are of one connection [MQTT-3.3.2-7]; this does not know when one begins.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// The server's aliases.
#[derive(Clone, Default, Debug)]
pub(super) struct Received {
    topics: Vec<Option<Box<str>>>,
}

impl Received {
    /// The topic that the alias stands for.
    pub(super) fn topic(&self, alias: u16) -> Option<&str> {
        self.topics.get(usize::from(alias)).and_then(Option::as_deref)
    }

    /// From now on the alias stands for that topic.
    pub(super) fn set(&mut self, alias: u16, topic: &str) {
        let index = usize::from(alias);
        if self.topics.len() <= index {
            self.topics.resize(index + 1, None);
        }
        if let Some(place) = self.topics.get_mut(index).filter(|it| it.as_deref() != Some(topic)) {
            *place = Some(topic.into());
        }
    }
}

/// Our aliases. A topic gets one when it is used a second time; once all are given, it takes the one
/// of a topic that is used clearly less.
#[derive(Clone, Default, Debug)]
pub(super) struct Sent {
    maximum: u16,
    topics: Vec<Topic>,
    given: u16,
    uses: u32,
}

#[derive(Clone, Debug)]
struct Topic {
    name: Box<str>,
    uses: u32,
    alias: Option<u16>,
}

/// How a publish says its topic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Naming {
    /// By its name alone.
    Name,
    /// By its name, which the alias stands for from now on.
    NameAndAlias(u16),
    /// By the alias alone.
    Alias(u16),
}

impl Sent {
    /// A connection on which the server accepts `maximum` aliases.
    pub(super) fn new(maximum: u16) -> Self {
        Self { maximum: maximum.min(MOST), ..Self::default() }
    }

    /// How to say the topic of a publish that is about to be sent, where the packet may grow by `room`
    /// bytes. Nothing is assigned yet.
    pub(super) fn name(&mut self, topic: &str, room: usize) -> Naming {
        if self.maximum == 0 || topic.len() < WORTH {
            return Naming::Name;
        }
        self.age();
        let Some(index) = self.topics.iter().position(|known| *known.name == *topic) else {
            self.remember(topic);
            return Naming::Name;
        };
        let Some(known) = self.topics.get_mut(index) else { return Naming::Name };
        known.uses += 1;
        if let Some(alias) = known.alias {
            return Naming::Alias(alias);
        }
        if room < COST {
            return Naming::Name;
        }
        if self.given < self.maximum {
            return Naming::NameAndAlias(self.given + 1);
        }
        let uses = known.uses;
        let least = self.topics.iter().filter(|other| other.alias.is_some());
        match least.min_by_key(|other| other.uses) {
            Some(Topic { alias: Some(alias), uses: least, .. }) if least * 2 < uses => {
                Naming::NameAndAlias(*alias)
            }
            _ => Naming::Name,
        }
    }

    /// The publish was sent with that naming.
    pub(super) fn sent(&mut self, topic: &str, naming: Naming) {
        let Naming::NameAndAlias(alias) = naming else { return };
        for known in &mut self.topics {
            if known.alias == Some(alias) {
                known.alias = None;
            }
            if *known.name == *topic {
                known.alias = Some(alias);
            }
        }
        self.given = self.given.max(alias);
    }

    /// What was used long ago counts less.
    fn age(&mut self) {
        self.uses += 1;
        if self.uses >= HALF_LIFE {
            self.uses = 0;
            for topic in &mut self.topics {
                topic.uses /= 2;
            }
        }
    }

    fn remember(&mut self, topic: &str) {
        let topic = Topic { name: topic.into(), uses: 1, alias: None };
        if self.topics.len() < usize::from(self.maximum) + CANDIDATES {
            self.topics.push(topic);
            return;
        }
        let candidates = self.topics.iter_mut().filter(|known| known.alias.is_none());
        if let Some(least) = candidates.min_by_key(|known| known.uses) {
            *least = topic;
        }
    }
}

/// Aliases that are used at most: they are looked for one after the other.
const MOST: u16 = 64;

/// Topics that are counted besides those with an alias.
const CANDIDATES: usize = 32;

/// Bytes of the property, and of a Property Length and a Remaining Length that grow with it.
const COST: usize = 3 + 2;

/// Bytes of a topic that an alias is shorter than.
const WORTH: usize = COST + 2;

/// Publishes after which all counts are halved.
const HALF_LIFE: u32 = 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn send(aliases: &mut Sent, topic: &str) -> Naming {
        let naming = aliases.name(topic, COST);
        aliases.sent(topic, naming);
        naming
    }

    #[test]
    fn a_topic_gets_an_alias_at_its_second_use() {
        let mut aliases = Sent::new(2);
        assert_eq!(send(&mut aliases, "plant/one"), Naming::Name);
        assert_eq!(send(&mut aliases, "plant/one"), Naming::NameAndAlias(1));
        assert_eq!(send(&mut aliases, "plant/one"), Naming::Alias(1));
        assert_eq!(send(&mut aliases, "short"), Naming::Name);
        assert_eq!(send(&mut aliases, "short"), Naming::Name);
    }

    #[test]
    fn an_alias_that_was_not_sent_is_not_used() {
        let mut aliases = Sent::new(1);
        aliases.name("plant/one", COST);
        assert_eq!(aliases.name("plant/one", COST - 1), Naming::Name);
        assert_eq!(aliases.name("plant/one", COST), Naming::NameAndAlias(1));
        assert_eq!(aliases.name("plant/one", COST), Naming::NameAndAlias(1));
    }

    #[test]
    fn a_topic_that_is_used_more_takes_the_alias_of_one_used_less() {
        let mut aliases = Sent::new(1);
        for _ in 0..3 {
            send(&mut aliases, "plant/one");
        }
        for _ in 0..6 {
            assert_eq!(send(&mut aliases, "plant/two"), Naming::Name);
        }
        assert_eq!(send(&mut aliases, "plant/two"), Naming::NameAndAlias(1));
        assert_eq!(send(&mut aliases, "plant/two"), Naming::Alias(1));
        assert_eq!(send(&mut aliases, "plant/one"), Naming::Name);
    }

    #[test]
    fn a_server_without_aliases_gets_none() {
        let mut aliases = Sent::new(0);
        for _ in 0..3 {
            assert_eq!(send(&mut aliases, "plant/one"), Naming::Name);
        }
        assert!(aliases.topics.is_empty());
    }

    #[test]
    fn many_topics_take_bounded_memory() {
        let mut aliases = Sent::new(u16::MAX);
        for number in 0..1000 {
            send(&mut aliases, &format!("plant/{number}"));
        }
        assert_eq!(aliases.topics.len(), usize::from(MOST) + CANDIDATES);
    }
}
