//! A mailbox's token in a request: `Authorization: Bearer` and 43 characters of base64url (RFC 6750, RFC 4648 section 5).

use crate::problem::Problem;
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use data_encoding::BASE64URL_NOPAD;
use sealroot_exchange::MailboxToken;
use sealroot_protocol::code::Code;

/// The token that a request brings.
pub(crate) struct Token(pub MailboxToken);

impl<S: Sync> FromRequestParts<S> for Token {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Code::TokenMissing, "the request brings no token of a mailbox");
        let value =
            parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(missing)?;
        let (scheme, text) = value.split_once(' ').ok_or_else(missing)?;
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = bytes.filter(|_| scheme.eq_ignore_ascii_case("bearer")).ok_or_else(missing)?;
        Ok(Self(MailboxToken::from_bytes(&bytes)))
    }
}
