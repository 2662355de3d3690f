//! The properties of a publish. It knows the options that carry them; what they mean to the
//! receiver is nobody's business here.

use wasm_bindgen::JsValue;

use super::field::{Field, each, invalid};
use crate::client::Error;
use crate::codec::{EncodeError, PropertiesBuf, Property};

/// Reads the properties among `PublishOptions`.
///
/// # Errors
/// `ErrorCode::InvalidArgument`, naming the option.
pub(super) fn read(options: &JsValue) -> Result<PropertiesBuf, Error> {
    let mut properties = PropertiesBuf::new();
    each(options, "", &mut |name, field| {
        let pushed = match name {
            "expiry" => {
                properties.push(Property::MessageExpiryInterval(field.integer(0, u32::MAX)?))
            }
            "contentType" => properties.push(Property::ContentType(&field.text()?)),
            "responseTopic" => properties.push(Property::ResponseTopic(&field.topic()?)),
            "correlationData" => properties.push(Property::CorrelationData(&field.bytes()?)),
            "payloadFormat" => properties.push(Property::PayloadFormatIndicator(format(field)?)),
            "userProperties" => push_pairs(&mut properties, field)?,
            _ => return Ok(false),
        };
        pushed.map_err(|_| invalid(&["option \"", name, "\" is too long or holds U+0000"]))?;
        Ok(true)
    })?;
    Ok(properties)
}

/// Reads a `reasonString` and `userProperties`, which an acknowledgement and others may carry.
///
/// # Errors
/// `ErrorCode::InvalidArgument`, naming the option.
pub(super) fn said(options: &JsValue) -> Result<PropertiesBuf, Error> {
    let mut properties = PropertiesBuf::new();
    each(options, "", &mut |name, field| {
        let pushed = match name {
            "reasonString" => properties.push(Property::ReasonString(&field.text()?)),
            "userProperties" => push_pairs(&mut properties, field)?,
            _ => return Ok(false),
        };
        pushed.map_err(|_| invalid(&["option \"", name, "\" is too long or holds U+0000"]))?;
        Ok(true)
    })?;
    Ok(properties)
}

/// True for text.
pub(super) fn format(field: &Field) -> Result<bool, Error> {
    Ok(field.choice(&["bytes", "utf-8"], "\"bytes\" or \"utf-8\"")? == 1)
}

fn push_pairs(
    properties: &mut PropertiesBuf,
    field: &Field,
) -> Result<Result<(), EncodeError>, Error> {
    Ok(field
        .pairs()?
        .iter()
        .try_for_each(|(name, value)| properties.push(Property::UserProperty((name, value)))))
}
