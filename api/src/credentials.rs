//! A mailbox's token in a request: `Authorization: Bearer` and 43 characters of base64url (RFC 6750, RFC 4648 section 5).

use crate::problem::Problem;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
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
        token(&parts.headers).map(Self).ok_or_else(missing)
    }
}

/// The token that a request's headers bring.
pub(crate) fn token(headers: &HeaderMap) -> Option<MailboxToken> {
    let (scheme, text) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let bytes = <[u8; 32]>::try_from(bytes).ok().filter(|_| scheme.eq_ignore_ascii_case("bearer"))?;
    Some(MailboxToken::from_bytes(&bytes))
}
