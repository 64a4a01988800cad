//! What everybody may read: cards, programs, policies, and what the chain says.

use super::{PostService, now};
use crate::{
    credentials::Token,
    input::{At, Body},
    problem::Problem,
};
use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sealroot_exchange::{Role, evidence_request::EvidenceRequest};
use sealroot_protocol::{canonical, evidence::Evidence, name::Name, policy::PolicyDigest};
use sha2::{Digest as _, Sha256};

/// Keeps an organisation's service card: the one that the chain has for it.
#[utoipa::path(put, path = "/v1/cards", security(("mailbox" = [])), tag = "public", request_body(content = Vec<u8>, content_type = "application/json"), responses(
    (status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn put_card(
    State(service): State<PostService>,
    Token(token): Token,
    Body(bytes): Body,
) -> Result<StatusCode, Problem> {
    let (chain, _place) = service.chain().await?;
    service.post.put_card(&token, &bytes, chain, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An organisation's service card. A reader takes it with the chain's entry for it, and not otherwise.
#[utoipa::path(get, path = "/v1/cards/{role}/{name}", params(("role" = String, Path), ("name" = String, Path)), tag = "public", responses(
    (status = 200, body = Vec<u8>, content_type = "application/json"), (status = 304), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn card(
    State(service): State<PostService>,
    At((role, name)): At<(Role, Name)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(document(service.post.card(role, &name).await?, &headers, "no-cache"))
}

/// A published program.
#[utoipa::path(get, path = "/v1/programs/{program}", params(("program" = String, Path)), tag = "public", responses(
    (status = 200, body = Vec<u8>, content_type = "application/json"), (status = 304), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn program(
    State(service): State<PostService>,
    At(id): At<Name>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(document(service.published.program(&id)?, &headers, "no-cache"))
}

/// A published policy, with its text and schemas.
#[utoipa::path(get, path = "/v1/policies/{digest}", params(("digest" = String, Path)), tag = "public", responses(
    (status = 200, body = Vec<u8>, content_type = "application/json"), (status = 304), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn policy(
    State(service): State<PostService>,
    At(digest): At<PolicyDigest>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // What a digest names doesn't change.
    Ok(document(service.published.policy(digest)?, &headers, "public, max-age=31536000, immutable"))
}

/// What the chain says of a request's program, policies, office and cards, at its newest block, with every proof. Made anew at each question.
#[utoipa::path(post, path = "/v1/evidence", tag = "public", request_body(content = Vec<u8>, content_type = "application/json"), responses(
    (status = 200, body = Vec<u8>, content_type = "application/json"), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn evidence(State(service): State<PostService>, Body(bytes): Body) -> Result<Response, Problem> {
    let question = EvidenceRequest::from_bytes(&bytes)?;
    let (chain, _place) = service.chain().await?;
    let evidence: Evidence = sealroot_post::evidence(chain, &question).await?;
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, canonical::to_bytes(&evidence)?).into_response())
}

/// A document with its entity tag (RFC 9110, section 8.8.3); nothing but that where the reader has it.
fn document(bytes: Vec<u8>, asked: &HeaderMap, cache: &'static str) -> Response {
    let tag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&bytes)));
    let known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let known = known.flat_map(|value| value.split(',')).any(|known| known.trim() == tag);
    let json = [(header::CONTENT_TYPE, "application/json")];
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { (json, bytes).into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}
