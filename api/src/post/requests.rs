//! Sealed requests behind links.

use super::{PostService, now};
use crate::{
    credentials::Token,
    input::{Asked, At, Body},
    problem::Problem,
};
use axum::{
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use sealroot_protocol::field::Digest;
use serde::Deserialize;
use utoipa::IntoParams;

/// How long a request is kept.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Until {
    /// Unix time, at most 90 days from now.
    until: u64,
}

/// Keeps an office's sealed request. Only organisations that this post serves put one.
#[utoipa::path(put, path = "/v1/requests/{request}", params(("request" = String, Path), Until), security(("mailbox" = [])), tag = "requests", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn put(
    State(service): State<PostService>,
    Token(token): Token,
    At(id): At<Digest>,
    Asked(Until { until }): Asked<Until>,
    Body(sealed): Body,
) -> Result<StatusCode, Problem> {
    service.post.put_request(&token, id, &sealed, until, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sealed request under an id that follows from a link.
#[utoipa::path(get, path = "/v1/requests/{request}", params(("request" = String, Path)), tag = "requests", responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn fetch(
    State(service): State<PostService>,
    At(id): At<Digest>,
) -> Result<([(HeaderName, &'static str); 2], Vec<u8>), Problem> {
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, service.post.request(id, now()).await?))
}

/// Takes a request away: its link leads nowhere from then on.
#[utoipa::path(delete, path = "/v1/requests/{request}", params(("request" = String, Path)), security(("mailbox" = [])), tag = "requests", responses(
    (status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn withdraw(
    State(service): State<PostService>,
    Token(token): Token,
    At(id): At<Digest>,
) -> Result<StatusCode, Problem> {
    service.post.withdraw_request(&token, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
