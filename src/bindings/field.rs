//! One option of an options object. It knows how to read a value and how to complain about it; it
//! does not know which options there are.
//!
//! Read by hand and not through `serde`: the visitors of `serde-wasm-bindgen` reach the error texts
//! of `serde` and with them the printing of floats, 13 kB of brotli for a client of 30. What goes
//! the other way does use it.

use alloc::string::String;
use alloc::vec::Vec;

use js_sys::{Array, ArrayBuffer, JsString, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::client::{Error, ErrorCode};
use crate::codec::TopicName;

/// A value and the path to it, such as `will.qos`.
pub(super) struct Field {
    path: String,
    value: JsValue,
}

/// Calls `take` with the name and value of each option that is not `undefined`. `Ok(false)` from
/// it says that there is no such option.
///
/// # Errors
/// [`ErrorCode::InvalidArgument`], naming the option.
pub(super) fn each(
    object: &JsValue,
    path: &str,
    take: &mut dyn FnMut(&str, &Field) -> Result<bool, Error>,
) -> Result<(), Error> {
    if object.is_undefined() {
        return Ok(());
    }
    if !object.is_object() || Array::is_array(object) {
        return Err(wrong(path, "an object"));
    }
    let object: &Object = object.unchecked_ref();
    for name in Object::keys(object) {
        let value = js_sys::Reflect::get(object, &name).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            continue;
        }
        let name = name.as_string().unwrap_or_default();
        let mut field = Field { path: String::from(path), value };
        if !path.is_empty() {
            field.path.push('.');
        }
        field.path.push_str(&name);
        if !take(&name, &field)? {
            return Err(invalid(&["unknown option \"", &field.path, "\""]));
        }
    }
    Ok(())
}

impl Field {
    /// An integer in that range.
    pub(super) fn integer(&self, least: u32, most: u32) -> Result<u32, Error> {
        let value = self.value.as_f64().unwrap_or(-1.0);
        let integer = value as u32;
        if f64::from(integer) == value && (least..=most).contains(&integer) {
            return Ok(integer);
        }
        let (mut first, mut last) = ([0; 10], [0; 10]);
        Err(invalid(&[
            "option \"",
            &self.path,
            "\" must be an integer from ",
            decimal(least, &mut first),
            " to ",
            decimal(most, &mut last),
        ]))
    }

    /// A finite number, not below `least`.
    pub(super) fn number(&self, least: f64, what: &str) -> Result<f64, Error> {
        match self.value.as_f64() {
            Some(value) if value.is_finite() && value >= least => Ok(value),
            _ => Err(self.must_be(what)),
        }
    }

    pub(super) fn flag(&self) -> Result<bool, Error> {
        self.value.as_bool().ok_or_else(|| self.must_be("true or false"))
    }

    pub(super) fn text(&self) -> Result<String, Error> {
        text(&self.value)
            .ok_or_else(|| self.must_be("well-formed text of at most 65535 bytes, without U+0000"))
    }

    /// A Topic Name.
    pub(super) fn topic(&self) -> Result<String, Error> {
        let text = text(&self.value).filter(|text| TopicName::new(text).is_ok());
        text.ok_or_else(|| self.must_be("a topic, not empty and without + or #"))
    }

    /// Bytes, or text as UTF-8.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, Error> {
        let bytes = if let Some(bytes) = self.value.dyn_ref::<Uint8Array>() {
            Some(bytes.to_vec())
        } else if let Some(buffer) = self.value.dyn_ref::<ArrayBuffer>() {
            Some(Uint8Array::new(buffer).to_vec())
        } else {
            string(&self.value).map(String::into_bytes)
        };
        bytes
            .filter(|bytes| bytes.len() <= LONGEST)
            .ok_or_else(|| self.must_be("text or bytes, at most 65535 of them"))
    }

    /// The place in `names` of the text that is the value; `what` lists them for the error.
    pub(super) fn choice(&self, names: &[&str], what: &str) -> Result<usize, Error> {
        self.value
            .as_string()
            .and_then(|text| names.iter().position(|name| **name == *text))
            .ok_or_else(|| self.must_be(what))
    }

    /// Pairs of a name and a value.
    pub(super) fn pairs(&self) -> Result<Vec<(String, String)>, Error> {
        let what = "an array of [name, value] pairs of text";
        if !Array::is_array(&self.value) {
            return Err(self.must_be(what));
        }
        let mut pairs = Vec::new();
        for pair in self.value.unchecked_ref::<Array>().iter() {
            let read = || {
                let pair: &Array = pair.dyn_ref().filter(|pair: &&Array| pair.length() == 2)?;
                Some((text(&pair.get(0))?, text(&pair.get(1))?))
            };
            pairs.push(read().ok_or_else(|| self.must_be(what))?);
        }
        Ok(pairs)
    }

    /// Texts, at least one.
    pub(super) fn texts(&self) -> Result<Array, Error> {
        let array: &Array = self.value.unchecked_ref();
        if Array::is_array(&self.value) && array.length() > 0 && array.iter().all(|e| e.is_string())
        {
            return Ok(array.slice(0, array.length()));
        }
        Err(self.must_be("an array of text, not empty"))
    }

    pub(super) fn function(&self) -> Result<js_sys::Function, Error> {
        self.value.dyn_ref().cloned().ok_or_else(|| self.must_be("a function"))
    }

    /// The options below this one.
    pub(super) fn each(
        &self,
        take: &mut dyn FnMut(&str, &Field) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        each(&self.value, &self.path, take)
    }

    pub(super) fn value(&self) -> &JsValue {
        &self.value
    }

    pub(super) fn must_be(&self, what: &str) -> Error {
        wrong(&self.path, what)
    }
}

/// What MQTT can say as text (1.5.4); `None` for anything else.
fn text(value: &JsValue) -> Option<String> {
    string(value).filter(|text| text.len() <= LONGEST && !text.as_bytes().contains(&0))
}

/// `None` for what is no text, and for text with a lone surrogate, which UTF-8 cannot say.
fn string(value: &JsValue) -> Option<String> {
    let string = value.dyn_ref::<JsString>()?;
    string.is_valid_utf16().then(|| String::from(string))
}

/// Bytes of the longest text, or binary data, in a packet (1.5.4, 1.5.6).
const LONGEST: usize = 65_535;

fn wrong(path: &str, what: &str) -> Error {
    let (open, close) = if path.is_empty() { ("the options", "") } else { ("option \"", "\"") };
    invalid(&[open, path, close, " must be ", what])
}

/// An error whose text is these parts.
pub(super) fn invalid(parts: &[&str]) -> Error {
    Error::new(ErrorCode::InvalidArgument, parts.concat())
}

/// Decimal digits without the machinery of formatting.
fn decimal(mut value: u32, digits: &mut [u8; 10]) -> &str {
    let mut start = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
        start = place;
        if value == 0 {
            break;
        }
    }
    digits.get(start..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or("")
}
