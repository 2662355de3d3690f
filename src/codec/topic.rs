//! Topic Names and Topic Filters (4.7), as types that can not be wrong, and how one matches the other.
//!
//! It does not know who subscribes to what.

use super::wire::has_null;

/// Why a text is not a Topic Name or a Topic Filter.
///
/// ```
/// use wasmqtt::codec::{TopicError, TopicFilter, TopicName};
///
/// assert_eq!(TopicName::new(""), Err(TopicError::Empty));
/// assert!(TopicName::new("plant/+").is_err());
/// assert!(TopicFilter::new("plant+/a").is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TopicError {
    /// At least one character is needed [MQTT-4.7.3-1].
    Empty,
    /// Longer than 65,535 bytes of UTF-8 [MQTT-4.7.3-3].
    TooLong,
    /// U+0000 [MQTT-4.7.3-2].
    Null,
    /// `+` or `#` in a Topic Name [MQTT-4.7.1-1] or [MQTT-3.3.2-2].
    Wildcard,
    /// `#` that is not the whole last level [MQTT-4.7.1-1].
    MultiLevelWildcard,
    /// `+` that is not a whole level [MQTT-4.7.1-2].
    SingleLevelWildcard,
    /// `$share` without a ShareName, with a wildcard in it, or without a filter [MQTT-4.8.2-1] [MQTT-4.8.2-2].
    ShareName,
}

impl TopicError {
    /// The error in a few words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "a topic or filter has at least one character",
            Self::TooLong => "a topic or filter has at most 65,535 bytes",
            Self::Null => "a topic or filter cannot hold U+0000",
            Self::Wildcard => "a Topic Name cannot hold + or #",
            Self::MultiLevelWildcard => "# stands alone in the last level of a Topic Filter",
            Self::SingleLevelWildcard => "+ stands alone in a level of a Topic Filter",
            Self::ShareName => {
                "a shared subscription is $share/name/filter, with no wildcard in the name"
            }
        }
    }
}

impl core::fmt::Display for TopicError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl core::error::Error for TopicError {}

fn check_text(text: &str) -> Result<(), TopicError> {
    if text.is_empty() {
        Err(TopicError::Empty)
    } else if text.len() > 65_535 {
        Err(TopicError::TooLong)
    } else if has_null(text.as_bytes()) {
        Err(TopicError::Null)
    } else {
        Ok(())
    }
}

/// What a message is published to: no wildcard.
///
/// ```
/// use wasmqtt::codec::TopicName;
///
/// assert_eq!(TopicName::new("plant/1/temperature")?.as_str(), "plant/1/temperature");
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TopicName<'a>(&'a str);

impl<'a> TopicName<'a> {
    /// # Errors
    /// When the text is not a Topic Name (4.7).
    pub fn new(text: &'a str) -> Result<Self, TopicError> {
        check_text(text)?;
        if text.bytes().any(|byte| byte == b'+' || byte == b'#') {
            return Err(TopicError::Wildcard);
        }
        Ok(Self(text))
    }

    /// A text that was a Topic Name before.
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The text.
    pub const fn as_str(self) -> &'a str {
        self.0
    }
}

/// What a subscription asks for: levels, `+`, `#`, and `$share/name/` in front.
///
/// ```
/// use wasmqtt::codec::{TopicFilter, TopicName};
///
/// let filter = TopicFilter::new("$share/pages/plant/+/temperature")?;
/// assert_eq!(filter.share_name(), Some("pages"));
/// assert_eq!(filter.inner(), "plant/+/temperature");
/// assert!(filter.matches(TopicName::new("plant/1/temperature")?));
/// assert!(!TopicFilter::new("#")?.matches(TopicName::new("$SYS/uptime")?));
/// # Ok::<(), wasmqtt::codec::TopicError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TopicFilter<'a>(&'a str);

impl<'a> TopicFilter<'a> {
    /// # Errors
    /// When the text is not a Topic Filter (4.7, 4.8.2).
    pub fn new(text: &'a str) -> Result<Self, TopicError> {
        check_text(text)?;
        let filter = Self(text);
        if text == "$share" || text.starts_with("$share/") {
            let name = filter.share_name().unwrap_or_default();
            if name.is_empty()
                || name.bytes().any(|b| b == b'+' || b == b'#')
                || filter.inner().is_empty()
            {
                return Err(TopicError::ShareName);
            }
        }
        let mut levels = levels(filter.inner()).peekable();
        while let Some(level) = levels.next() {
            if level.len() > 1 && level.contains(&b'+') {
                return Err(TopicError::SingleLevelWildcard);
            }
            if level.contains(&b'#') && (level.len() > 1 || levels.peek().is_some()) {
                return Err(TopicError::MultiLevelWildcard);
            }
        }
        Ok(filter)
    }

    /// A text that was a Topic Filter before.
    pub(crate) const fn checked(text: &'a str) -> Self {
        Self(text)
    }

    /// The text, `$share` included.
    pub const fn as_str(self) -> &'a str {
        self.0
    }

    /// The ShareName of a shared subscription (4.8.2).
    pub fn share_name(self) -> Option<&'a str> {
        let rest = self.0.strip_prefix("$share/")?;
        Some(cut(rest).map_or(rest, |(name, _)| name))
    }

    /// The filter that messages are matched with: without `$share/name/`.
    pub fn inner(self) -> &'a str {
        match self.0.strip_prefix("$share/") {
            Some(rest) => cut(rest).map_or("", |(_, filter)| filter),
            None => self.0,
        }
    }

    /// Whether it holds `+` or `#`.
    pub fn has_wildcard(self) -> bool {
        self.inner().bytes().any(|byte| byte == b'+' || byte == b'#')
    }

    /// Whether a message with this topic belongs to the subscription (4.7).
    /// A wildcard in the first level does not match a `$` topic [MQTT-4.7.2-1].
    pub fn matches(self, topic: TopicName<'_>) -> bool {
        let filter = self.inner();
        if topic.0.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')) {
            return false;
        }
        let mut own = levels(topic.0);
        for wanted in levels(filter) {
            if wanted == b"#" {
                return true;
            }
            match own.next() {
                Some(level) if wanted == b"+" || wanted == level => {}
                _ => return false,
            }
        }
        own.next().is_none()
    }
}

/// The levels of a Topic Name, or of a Topic Filter without `$share/name/` (4.7.1.1). As bytes: what looks for characters in a text
/// is a kilobyte of the WebAssembly, and levels are short.
pub(crate) fn levels(topic: &str) -> impl Iterator<Item = &[u8]> {
    topic.as_bytes().split(|byte| *byte == b'/')
}

/// What is before the first `/`, and what is behind it.
fn cut(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == b'/')?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(filter: &str, topic: &str) -> bool {
        TopicFilter::new(filter).unwrap().matches(TopicName::new(topic).unwrap())
    }

    /// [MQTT-3.3.2-2] [MQTT-4.7.3-1] [MQTT-4.7.3-2] (5.0)
    #[test]
    fn a_topic_name_is_not_empty_and_has_no_wildcard_and_no_null() {
        assert!(TopicName::new("/").is_ok());
        assert!(TopicName::new("a//b ").is_ok());
        assert_eq!(TopicName::new(""), Err(TopicError::Empty));
        assert_eq!(TopicName::new("a/+"), Err(TopicError::Wildcard));
        assert_eq!(TopicName::new("a\0"), Err(TopicError::Null));
        let long = "x".repeat(65_536);
        assert_eq!(TopicName::new(&long), Err(TopicError::TooLong));
        assert!(TopicName::new(long.get(1..).unwrap()).is_ok());
    }

    /// [MQTT-4.7.1-1] [MQTT-4.7.1-2] (5.0)
    #[test]
    fn a_wildcard_takes_a_whole_level() {
        for good in ["#", "+", "a/#", "+/+", "/+", "+/a/#", "$SYS/#", "a//+"] {
            assert!(TopicFilter::new(good).is_ok(), "{good}");
        }
        for bad in ["a#", "#/a", "a/#/b", "a+", "+a/b", "a/b+"] {
            assert!(TopicFilter::new(bad).is_err(), "{bad}");
        }
    }

    /// [MQTT-4.8.2-1] [MQTT-4.8.2-2] (5.0)
    #[test]
    fn a_shared_filter_has_a_name_and_a_filter() {
        for bad in
            ["$share", "$share/", "$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/a#/b"]
        {
            assert_eq!(TopicFilter::new(bad), Err(TopicError::ShareName), "{bad}");
        }
        let filter = TopicFilter::new("$share/g/a/+").unwrap();
        assert_eq!((filter.share_name(), filter.inner()), (Some("g"), "a/+"));
        assert!(matches("$share/g/a/+", "a/b"));
        assert!(!TopicFilter::new("$shared/a").unwrap().as_str().is_empty());
    }

    /// [MQTT-4.7.2-1] (5.0)
    #[test]
    fn a_leading_wildcard_does_not_match_a_dollar_topic() {
        assert!(!matches("#", "$SYS/x"));
        assert!(!matches("+/x", "$SYS/x"));
        assert!(matches("$SYS/#", "$SYS/x"));
        assert!(matches("$SYS/+", "$SYS/x"));
    }

    #[test]
    fn filters_match_as_the_specification_s_examples_say() {
        assert!(matches("sport/tennis/player1/#", "sport/tennis/player1"));
        assert!(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
        assert!(matches("sport/#", "sport"));
        assert!(matches("sport/tennis/+", "sport/tennis/player2"));
        assert!(!matches("sport/tennis/+", "sport/tennis/player1/ranking"));
        assert!(!matches("sport/+", "sport"));
        assert!(matches("sport/+", "sport/"));
        assert!(matches("+/+", "/finance"));
        assert!(matches("/+", "/finance"));
        assert!(!matches("+", "/finance"));
        assert!(!matches("ACCOUNTS", "Accounts"));
    }
}
