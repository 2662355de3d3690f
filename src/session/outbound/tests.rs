use super::super::Details;
use super::super::suspicion::TO_BLAME;
use super::*;
use crate::codec::QoS;
use alloc::vec;

fn message(token: u32, qos: QoS) -> OutboundMessage {
    OutboundMessage {
        token,
        topic: "a".into(),
        payload: [0; 9].into(),
        qos,
        retain: false,
        suspicion: Suspicion::default(),
        details: None,
    }
}

fn sent(count: u32, qos: QoS) -> (Outbound, PacketIdentifiers) {
    let (mut outbound, mut identifiers) = (Outbound::default(), PacketIdentifiers::default());
    for token in 1..=count {
        outbound.push(message(token, qos), 100, 10_000).unwrap();
        outbound.start(identifiers.take().unwrap());
    }
    (outbound, identifiers)
}

fn id(value: u16) -> PacketIdentifier {
    PacketIdentifier::new(value).unwrap()
}

#[test]
fn the_bounds_count_what_waits_and_what_is_in_flight() {
    let (mut outbound, _) = sent(2, QoS::AtLeastOnce);
    assert_eq!(outbound.push(message(3, QoS::AtMostOnce), 2, 1000), Err(Full));
    assert_eq!(outbound.push(message(3, QoS::AtMostOnce), 3, 29), Err(Full));
    assert_eq!(outbound.push(message(3, QoS::AtMostOnce), 3, 30), Ok(()));
    assert_eq!((outbound.len(), outbound.queued(), outbound.inflight()), (3, 1, 2));
    assert_eq!(outbound.puback(id(1)), Ok(Some(1)));
    assert_eq!(outbound.push(message(4, QoS::AtMostOnce), 3, 30), Ok(()));
}

/// [MQTT-4.4.0-1] [MQTT-4.6.0-1] (5.0)
#[test]
fn a_resumed_session_sends_again_in_the_first_order() {
    let (mut outbound, mut identifiers) = sent(4, QoS::ExactlyOnce);
    assert_eq!(outbound.pubrec(id(2), ReasonCode::SUCCESS), Ok(Some(2)));
    assert_eq!(outbound.connection_lost(None, &mut identifiers), None);
    assert_eq!((outbound.counted(), outbound.exactly_once()), (0, 0));
    outbound.resume();
    let mut order = vec![];
    while let Some(resend) = outbound.resend() {
        order.push(match resend {
            Resend::Publish(identifier, _) => (identifier.get(), "publish"),
            Resend::Pubrel(identifier) => (identifier.get(), "pubrel"),
        });
        outbound.resent();
    }
    assert_eq!(order, [(1, "publish"), (2, "pubrel"), (3, "publish"), (4, "publish")]);
    // PUBREL does not count against the Receive Maximum, but its exchange is open.
    assert_eq!((outbound.counted(), outbound.exactly_once()), (3, 4));
    assert_eq!(outbound.pubcomp(id(2)), Ok(Some(2)));
    assert_eq!((outbound.counted(), outbound.exactly_once()), (3, 3));
}

#[test]
fn an_acknowledgement_during_the_replay_skips_and_repeats_nothing() {
    let (mut outbound, mut identifiers) = sent(3, QoS::AtLeastOnce);
    outbound.connection_lost(None, &mut identifiers);
    outbound.resume();
    outbound.resent();
    assert_eq!(outbound.puback(id(1)), Ok(Some(1)));
    assert!(
        matches!(outbound.resend(), Some(Resend::Publish(identifier, _)) if identifier == id(2))
    );
    // Acknowledged from before the loss, and not sent again yet.
    assert_eq!(outbound.puback(id(3)), Ok(Some(3)));
    outbound.resent();
    assert!(outbound.resend().is_none());
    assert_eq!(outbound.counted(), 1);
}

#[test]
fn a_lost_session_publishes_anew_what_is_not_complete() {
    let (mut outbound, mut identifiers) = sent(3, QoS::ExactlyOnce);
    outbound.push(message(4, QoS::AtMostOnce), 10, 1000).unwrap();
    outbound.pubrec(id(1), ReasonCode::SUCCESS).unwrap();
    outbound.connection_lost(None, &mut identifiers);
    outbound.restart(&mut identifiers);
    assert_eq!(identifiers.used(), 0);
    let tokens: Vec<_> =
        core::iter::from_fn(|| outbound.take(0)).map(|m| m.message.token).collect();
    assert_eq!(tokens, [1, 2, 3, 4]);
    assert!(outbound.is_empty());
}

#[test]
fn a_message_that_ends_every_connection_is_given_up() {
    let (mut outbound, mut identifiers) = sent(2, QoS::AtLeastOnce);
    for losses in 1..TO_BLAME {
        assert_eq!(outbound.connection_lost(Some(true), &mut identifiers), None);
        outbound.resume();
        assert_eq!(outbound.suspicion().exists(), losses > 1);
        outbound.resent();
        assert!(!outbound.suspicion().exists());
    }
    assert_eq!(outbound.connection_lost(Some(true), &mut identifiers), Some(Lost(1)));
    assert_eq!(outbound.connection_lost(Some(true), &mut identifiers), None);
    assert_eq!(outbound.inflight(), 1);
}

#[test]
fn a_server_that_keeps_no_session_does_not_clear_a_message() {
    let (mut outbound, mut identifiers) = sent(1, QoS::ExactlyOnce);
    for losses in 1..TO_BLAME {
        assert_eq!(outbound.connection_lost(Some(true), &mut identifiers), None);
        outbound.restart(&mut identifiers);
        assert_eq!(outbound.suspicion().exists(), losses > 1);
        outbound.start(identifiers.take().unwrap());
        let last = PacketIdentifier::new(identifiers.used()).unwrap();
        let _ = outbound.pubrec(last, ReasonCode::SUCCESS);
    }
    assert_eq!(outbound.connection_lost(Some(true), &mut identifiers), Some(Lost(1)));
    assert!(outbound.is_empty());
}

#[test]
fn a_connection_that_ends_for_another_reason_says_nothing_and_a_late_end_clears() {
    let (mut outbound, mut identifiers) = sent(1, QoS::AtLeastOnce);
    let ends = [(Some(true), false), (Some(true), true), (None, true), (Some(false), false)];
    for (soon, suspected) in ends {
        assert_eq!(outbound.connection_lost(soon, &mut identifiers), None);
        outbound.resume();
        assert_eq!(outbound.suspicion().exists(), suspected);
        outbound.resent();
    }
}

#[test]
fn an_answer_of_the_wrong_kind_changes_nothing() {
    let (mut outbound, _) = sent(1, QoS::AtLeastOnce);
    assert_eq!(outbound.pubrec(id(1), ReasonCode::SUCCESS), Err(Unexpected));
    assert_eq!(outbound.pubcomp(id(1)), Err(Unexpected));
    assert_eq!(outbound.puback(id(9)), Ok(None));
    assert_eq!(outbound.puback(id(1)), Ok(Some(1)));
    let (mut outbound, _) = sent(1, QoS::ExactlyOnce);
    assert_eq!(outbound.puback(id(1)), Err(Unexpected));
    assert_eq!(outbound.pubcomp(id(1)), Err(Unexpected));
    assert_eq!(outbound.pubrec_error(id(1)), Ok(Some(1)));
    assert!(outbound.is_empty());
}

#[test]
fn a_queued_message_expires_and_one_in_flight_does_not() {
    let mut identifiers = PacketIdentifiers::default();
    let mut outbound = Outbound::default();
    for token in 1..=3 {
        let expires_at = Some(u64::from(token) * 100);
        let details = Some(Box::new(Details { expires_at, ..Details::default() }));
        let message = OutboundMessage { details, ..message(token, QoS::AtLeastOnce) };
        outbound.push(message, 10, 1000).unwrap();
    }
    outbound.start(identifiers.take().unwrap());
    let mut expired = vec![];
    outbound.expire(99, &mut expired);
    assert!(expired.is_empty());
    outbound.expire(250, &mut expired);
    assert_eq!(expired, [2]);
    assert_eq!(outbound.next_expiry(), Some(300));
    assert!(outbound.before(2) && outbound.before(4) && !outbound.before(1));
    assert!(outbound.cancel(3) && !outbound.cancel(1));
    assert_eq!(outbound.clear(), [1]);
}
