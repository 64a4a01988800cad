//! Failures as problem documents (RFC 9457), each with its code of the catalogue (`docs/ERRORS.md`).

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use sealroot_protocol::code::{Code, Coded};
use serde::Serialize;
use std::fmt::Display;
use utoipa::ToSchema;

/// Seconds after which somebody who was told that it is too much asks again.
pub(crate) const AGAIN: u64 = 5;

/// A failure, as every service tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Which failure, as a name for programs.
    #[serde(rename = "type")]
    #[schema(example = "urn:sealroot:error:no-mailbox")]
    kind: String,
    /// The code, the same as in a verb's `--json`.
    #[schema(example = "no-mailbox")]
    code: &'static str,
    /// What the code means, for people.
    title: &'static str,
    /// HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What failed here.
    detail: String,
    /// What to do about it.
    advice: String,
}

impl Problem {
    /// Of a failure with a code.
    pub fn of(error: &(impl Coded + Display)) -> Self {
        let advice = error.advice().unwrap_or_else(|| error.code().remedy().to_owned());
        Self { advice, ..Self::new(error.code(), error.to_string()) }
    }

    /// Of a code, with what failed here.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:sealroot:error:{}", code.as_str()),
            code: code.as_str(),
            title: code.class().title(),
            status: code.class().http_status(),
            detail: detail.into(),
            advice: code.remedy().to_owned(),
        }
    }

    /// A path that is there, asked in a way that it isn't.
    pub(crate) fn other_method() -> Self {
        Self { status: 405, ..Self::new(Code::NoRoute, "this path isn't asked in this way") }
    }

    /// Its HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }
}

impl<E: Coded + Display> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::of(&error)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut told = self;
        if status.is_server_error() {
            // What fails inside is for the operator: addresses, paths and statements are in no answer.
            tracing::error!(code = told.code, detail = told.detail, "a request failed");
            told.detail = "the service can't do this now; its log says why".to_owned();
        }
        let mut response = (status, Json(told)).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(AGAIN));
        }
        response
    }
}
