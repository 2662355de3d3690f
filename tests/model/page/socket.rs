//! The socket of a page: opened, lost, bytes in and out. It does not know what they say.

use wasmqtt::client::CloseInfo;
use wasmqtt::codec::{decode_from_client, locate};

use super::Page;
use crate::names::told;
use crate::net::{Checked, Net};
use crate::trace::line;

/// What is open, or being opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Socket {
    pub(crate) link: usize,
    pub(crate) open: bool,
}

impl Page {
    pub(crate) fn opened(&mut self, opens: bool, net: &mut Net) -> Checked {
        let (now, number) = (net.now, self.number);
        let (Some(client), Some(socket)) = (&mut self.client, &mut self.socket) else {
            return Ok(());
        };
        line(|| format!("the socket of page {number} {}", if opens { "opens" } else { "fails" }));
        if opens {
            socket.open = true;
            self.received.clear();
            net.opened(socket.link);
            client.handle_open(now);
        } else {
            net.page_left(socket.link);
            self.socket = None;
            client.handle_close(lost(), now);
        }
        self.settle(net)
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8], net: &mut Net) -> Checked {
        let now = net.now;
        self.received.extend_from_slice(bytes);
        let Some(client) = &mut self.client else { return Ok(()) };
        let skipped = client.skippable().min(bytes.len());
        if skipped > 0 {
            client.handle_skipped(skipped, now);
            self.settle(net)?;
        }
        if let Some(client) = &mut self.client {
            client.handle_bytes(&bytes[skipped..], now);
        }
        self.settle(net)
    }

    /// The browser tells that the connection is gone.
    pub(crate) fn lost(&mut self, net: &mut Net) -> Checked {
        let now = net.now;
        if let (Some(client), Some(socket)) = (&mut self.client, self.socket.take()) {
            net.page_left(socket.link);
            client.handle_close(lost(), now);
        }
        self.settle(net)
    }

    pub(super) fn transmit(&mut self, net: &mut Net) -> Result<bool, String> {
        let Some(socket) = self.socket.filter(|socket| socket.open) else { return Ok(false) };
        let Some(client) = &mut self.client else { return Ok(false) };
        let max = net.chance.pick(&[50, 400, 64 * 1024]);
        let Some(bytes) = client.poll_transmit(net.now, max).map(<[u8]>::to_vec) else {
            return Ok(false);
        };
        let version = self.version;
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let frame = locate(rest, version, None).ok().flatten().ok_or("half a packet")?;
            let (packet, tail) = rest.split_at(frame.len);
            let packet = decode_from_client(packet, version).map_err(|it| format!("{it:?}"))?;
            line(|| format!("  page {} sends {}", self.number, told(&packet)));
            self.check(&packet)?;
            rest = tail;
        }
        net.send(socket.link, &bytes);
        Ok(true)
    }
}

fn lost() -> CloseInfo {
    CloseInfo { code: 1006, reason: String::new(), was_clean: false }
}
