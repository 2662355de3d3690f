//! A message on its way out. It knows what the application said; not where it stands.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::journal::Journal;
use super::records::{Changes, Damaged, Fields, RecordKey, RecordKind, Wall, put_text};
use super::{STORES, Suspicion};
use crate::codec::{
    PacketIdentifier, Properties, PropertiesBuf, Publish, QoS, ReasonCode, TopicName,
};

/// A publish of the application's.
///
/// ```
/// use wasmqtt::codec::QoS;
/// use wasmqtt::session::{OutboundMessage, Suspicion};
///
/// # fn message(token: u32) -> OutboundMessage {
/// #     OutboundMessage {
/// #         token,
/// #         topic: "a".into(),
/// #         payload: (*b"hi").into(),
/// #         qos: QoS::AtLeastOnce,
/// #         retain: false,
/// #         suspicion: Suspicion::default(),
/// #         details: None,
/// #     }
/// # }
/// assert_eq!(message(1).packet(None, false).topic, "a");
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutboundMessage {
    /// Rises with every publish.
    pub token: u32,
    /// A Topic Name.
    pub topic: String,
    /// The application's bytes.
    pub payload: Box<[u8]>,
    /// Quality of Service.
    pub qos: QoS,
    /// RETAIN.
    pub retain: bool,
    /// Whether it ends the connections it is sent on.
    pub suspicion: Suspicion,
    /// What most do without.
    pub details: Option<Box<Details>>,
}

/// What is said of few messages.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Details {
    /// Without Message Expiry Interval, which changes while the message waits.
    pub properties: PropertiesBuf,
    /// When it is worth nothing any more (3.3.2.3.3), in milliseconds.
    pub expires_at: Option<u64>,
    /// Where the session is stored.
    pub kept: Option<Kept>,
}

/// What a stored session knows besides.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Kept {
    /// That of its records; rises with every publish.
    pub(super) number: u64,
    /// When it was published, in milliseconds since 1970.
    pub since: u64,
    /// The application's word for it.
    pub label: Option<Box<str>>,
    pub(super) written: Written,
    /// Its record is to be written, or that of its progress.
    noted: bool,
}

impl Kept {
    /// Of a message that is to be pushed.
    #[must_use]
    pub fn new(since: u64, label: Option<Box<str>>) -> Self {
        Self { since, label, ..Self::default() }
    }
}

/// Which records there are of a message.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Written {
    #[default]
    Nothing,
    Message,
    /// And one of its progress.
    Progress,
}

/// How far a message has come.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Progress {
    /// It may have been sent under that one.
    pub(super) identifier: Option<PacketIdentifier>,
    /// The server has it: its PUBREC, with that reason code, came.
    pub(super) received: Option<ReasonCode>,
    /// The message is no longer held; the server may still know the identifier.
    pub(super) given_up: bool,
}

impl Progress {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.identifier.map_or(0, PacketIdentifier::get).to_be_bytes());
        out.push(u8::from(self.received.is_some()) | u8::from(self.given_up) << 1);
        out.push(self.received.unwrap_or(ReasonCode::SUCCESS).value());
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Result<Self, Damaged> {
        let identifier = PacketIdentifier::new(u16::from_be_bytes(fields.take()?));
        let (received, reason) = (fields.byte()?, ReasonCode::from_value(fields.byte()?));
        if received > 2 || received > 0 && identifier.is_none() {
            return Err(Damaged);
        }
        let given_up = received == 2;
        Ok(Self { identifier, received: (received == 1).then_some(reason), given_up })
    }
}

impl OutboundMessage {
    /// The packet, without a Message Expiry Interval.
    #[must_use]
    pub fn packet(&self, identifier: Option<PacketIdentifier>, duplicate: bool) -> Publish<'_> {
        Publish {
            duplicate,
            qos: self.qos,
            retain: self.retain,
            topic: self.topic.as_ref(),
            packet_identifier: identifier,
            properties: self.properties(),
            payload: &self.payload,
        }
    }

    /// Those of its PUBLISH, without a Message Expiry Interval.
    #[must_use]
    pub fn properties(&self) -> Properties<'_> {
        self.details.as_ref().map_or(Properties::EMPTY, |it| it.properties.as_properties())
    }

    /// When it is worth nothing any more (3.3.2.3.3), in milliseconds.
    #[must_use]
    pub fn expires_at(&self) -> Option<u64> {
        self.details.as_ref()?.expires_at
    }

    /// What a stored session knows of it.
    #[must_use]
    pub fn kept(&self) -> Option<&Kept> {
        self.details.as_ref().filter(|_| STORES)?.kept.as_ref()
    }

    pub(super) fn kept_mut(&mut self) -> Option<&mut Kept> {
        self.details.as_mut().filter(|_| STORES)?.kept.as_mut()
    }

    /// Bytes that count against the bounds of the queue.
    pub(super) fn size(&self) -> usize {
        self.topic.len() + self.payload.len() + self.properties().len()
    }

    /// Has it written. `urgent`: before what is sent because of that.
    pub(super) fn note(&mut self, journal: &mut Journal, urgent: bool) {
        let Some(kept) = self.kept_mut() else { return };
        if !core::mem::replace(&mut kept.noted, true) {
            journal.note(kept.number);
        }
        if urgent {
            journal.hurry();
        }
    }

    pub(super) fn number(&self) -> u64 {
        self.kept().map_or(0, |kept| kept.number)
    }

    /// Writes what is not written of it. True the first time.
    pub(super) fn record(&mut self, progress: Progress, wall: Wall, out: &mut Changes) -> bool {
        let Some(details) = &mut self.details else { return false };
        let Details { properties, expires_at, kept: Some(kept) } = &mut **details else {
            return false;
        };
        kept.noted = false;
        if kept.written != Written::Nothing {
            kept.written = Written::Progress;
            let key = RecordKey::new(RecordKind::Progress, kept.number);
            out.put(key, |out| progress.write(out));
            return false;
        }
        kept.written = Written::Message;
        let label = kept.label.as_deref();
        let flags = self.qos.value()
            | u8::from(self.retain) << 2
            | u8::from(expires_at.is_some()) << 3
            | u8::from(label.is_some()) << 4;
        out.put(RecordKey::new(RecordKind::Message, kept.number), |out| {
            out.push(flags);
            progress.write(out);
            out.extend_from_slice(&kept.since.to_be_bytes());
            if let Some(at) = *expires_at {
                out.extend_from_slice(&wall.shown(at).to_be_bytes());
            }
            put_text(out, &self.topic);
            if let Some(label) = label {
                put_text(out, label);
            }
            out.extend_from_slice(&(properties.len() as u32).to_be_bytes());
            out.extend_from_slice(properties.as_properties().as_bytes());
            out.extend_from_slice(&self.payload);
        });
        true
    }

    /// There is a record of its progress.
    pub(super) fn has_progress(&mut self) {
        if let Some(kept) = self.kept_mut() {
            kept.written = Written::Progress;
        }
    }

    /// Reads what [`OutboundMessage::record`] wrote first.
    pub(super) fn restore(
        number: u64,
        value: &[u8],
        wall: Wall,
    ) -> Result<(Self, Progress), Damaged> {
        let mut fields = Fields(value);
        let flags = fields.byte()?;
        let qos = QoS::from_value(flags & 3).filter(|_| flags < 32).ok_or(Damaged)?;
        let progress = Progress::read(&mut fields)?;
        if qos != QoS::ExactlyOnce && progress.received.is_some()
            || progress.given_up
            || qos == QoS::AtMostOnce && progress.identifier.is_some()
        {
            return Err(Damaged);
        }
        let since = u64::from_be_bytes(fields.take()?);
        let expires_at = match flags & 8 {
            0 => None,
            _ => Some(wall.when(u64::from_be_bytes(fields.take()?))),
        };
        let topic = fields.text()?;
        TopicName::new(topic).map_err(|_| Damaged)?;
        let label = match flags & 16 {
            0 => None,
            _ => Some(fields.text()?.into()),
        };
        let len = u32::from_be_bytes(fields.take()?);
        let properties =
            PropertiesBuf::from_wire(fields.block(len as usize)?).map_err(|_| Damaged)?;
        let kept = Kept { number, since, label, written: Written::Message, noted: false };
        let message = Self {
            token: 0,
            topic: topic.into(),
            payload: fields.0.into(),
            qos,
            retain: flags & 4 != 0,
            suspicion: Suspicion::default(),
            details: Some(Box::new(Details { properties, expires_at, kept: Some(kept) })),
        };
        Ok((message, progress))
    }
}
