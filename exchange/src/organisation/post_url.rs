//! Where a post is: an origin in its one spelling.
//!
//! Guarantee: one origin has one text, so that links and cards can be compared as text. Plain HTTP is for this machine alone.

use sealroot_protocol::{
    code::{Code, Coded},
    printable::quoted,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{fmt, net::Ipv4Addr, str::FromStr};

/// `https://`, a host in lower case, and a port where it isn't 443; nothing behind it. `http://` only with `127.0.0.1` or `localhost`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PostUrl(String);

/// The text is no such origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} is not the address of a post: write https:// and its host in lower case, with a port only where it isn't 443, and nothing behind it",
    quoted(.0)
)]
pub struct NotAPost(String);

impl Coded for NotAPost {
    fn code(&self) -> Code {
        Code::BadUrl
    }
}

/// The longest host name, in bytes (RFC 1035, section 2.3.4).
const MAX_HOST: usize = 253;

impl PostUrl {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PostUrl {
    type Err = NotAPost;

    fn from_str(text: &str) -> Result<Self, NotAPost> {
        if is_canonical(text) { Ok(Self(text.to_owned())) } else { Err(NotAPost(text.to_owned())) }
    }
}
impl fmt::Display for PostUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl Serialize for PostUrl {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for PostUrl {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

fn is_canonical(text: &str) -> bool {
    let (rest, secure) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, true),
        (None, Some(rest)) => (rest, false),
        (None, None) => return false,
    };
    let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
    let default = if secure { "443" } else { "80" };
    port.is_none_or(|port| is_port(port) && port != default)
        && is_host(host)
        && (secure || matches!(host, "127.0.0.1" | "localhost"))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port != 0 && port.to_string() == text)
}

/// A name of RFC 1123, section 2.1, in lower case, or an IPv4 address. A browser reads a host whose last label is a number as an address in any of its
/// spellings, so only the usual one is taken.
fn is_host(text: &str) -> bool {
    let byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |label: &str| {
        matches!(label.len(), 1..=63) && label.bytes().all(byte) && !label.starts_with('-') && !label.ends_with('-')
    };
    let last = text.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|c: char| c.is_ascii_digit()) {
        return text.parse::<Ipv4Addr>().is_ok_and(|address| address.to_string() == text);
    }
    text.len() <= MAX_HOST && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_origin_has_one_spelling() {
        for good in [
            "https://post.example",
            "https://post.example:8443",
            "https://xn--bcher-kva.example",
            "https://10.0.0.1",
            "http://127.0.0.1:8080",
            "http://localhost",
        ] {
            assert_eq!(good.parse::<PostUrl>().unwrap().to_string(), good);
        }
        for bad in [
            "",
            "post.example",
            "HTTPS://post.example",
            "https://Post.example",
            "https://post.example/",
            "https://post.example:443",
            "https://post.example:08443",
            "https://post.example:0",
            "https://post.example:65536",
            "https://post.example:",
            "https://post.example?",
            "https://post.example#",
            "https://user@post.example",
            "https://post..example",
            "https://post.example.",
            "https://-post.example",
            "https://bücher.example",
            "https://10.1",
            "https://0x7f.0x1",
            "https://010.0.0.1",
            "https://[::1]",
            "http://post.example",
            "http://127.0.0.1:80",
            "http://localhost.example",
            " https://post.example",
            "https://post.example\n",
        ] {
            assert!(bad.parse::<PostUrl>().is_err(), "{bad}");
        }
        let long = format!("https://{}.example", ["a"; 130].join("."));
        assert!(long.parse::<PostUrl>().is_err());
    }
}
