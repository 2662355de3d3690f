//! What is an address of a WebSocket. It does not know what is done with one.

use alloc::string::String;

use crate::client::{Error, ErrorCode};

/// # Errors
/// [`ErrorCode::InvalidArgument`] for one that is none of a WebSocket.
pub(super) fn check_addresses(urls: &[String]) -> Result<(), Error> {
    if urls.is_empty() || !urls.iter().all(|url| is_web_socket(url)) {
        let what = "an address must begin with ws:// or wss://";
        return Err(Error::new(ErrorCode::InvalidArgument, what));
    }
    Ok(())
}

/// Browsers take `http:` for `ws:` and `https:` for `wss:` since 2023.
fn is_web_socket(url: &str) -> bool {
    ["ws://", "wss://", "http://", "https://"].iter().any(|scheme| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    })
}
