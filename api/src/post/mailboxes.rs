//! Mailboxes.

use super::{PostService, now};
use crate::{
    credentials::Token,
    input::{Asked, At, Body},
    problem::Problem,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderName, StatusCode, header},
};
use sealroot_exchange::{EnvelopeId, MailboxId};
use sealroot_post::{Listed, Opened, Waiting};
use sealroot_protocol::field::Digest;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const BINARY: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];

/// For which request a mailbox is opened.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct For {
    /// Id of a live sealed request: then the mailbox takes what is set aside for it.
    #[param(value_type = Option<String>, pattern = "^0x[0-9a-f]{64}$")]
    request: Option<Digest>,
}

/// An open mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenedMailbox {
    /// Its id: SHA-256 of the token.
    #[schema(value_type = String, pattern = "^0x[0-9a-f]{64}$")]
    mailbox: MailboxId,
    /// Unix time until which it stays open, as a decimal; each look at it puts that off. Absent for an organisation's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[0-9]{1,20}$")]
    until: Option<String>,
}

impl From<Opened> for OpenedMailbox {
    fn from(opened: Opened) -> Self {
        let until = Some(opened.until).filter(|until| *until != u64::MAX);
        Self { mailbox: opened.mailbox, until: until.map(|until| until.to_string()) }
    }
}

/// Opens the token's mailbox, or has it stay open longer.
#[utoipa::path(put, path = "/v1/mailbox", params(For), security(("mailbox" = [])), tag = "mailboxes", responses(
    (status = 200, body = OpenedMailbox), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn open(
    State(service): State<PostService>,
    Token(token): Token,
    Asked(asked): Asked<For>,
) -> Result<Json<OpenedMailbox>, Problem> {
    Ok(Json(service.post.open_mailbox(&token, asked.request, now()).await?.into()))
}

/// Closes the token's mailbox, with all that is in it.
#[utoipa::path(delete, path = "/v1/mailbox", security(("mailbox" = [])), tag = "mailboxes", responses(
    (status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn close(State(service): State<PostService>, Token(token): Token) -> Result<StatusCode, Problem> {
    service.post.close_mailbox(&token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[into_params(parameter_in = Query)]
pub(super) struct Listing {
    /// The place after which the list begins: the last listed one's. 0 begins with the oldest.
    after: u64,
    /// Seconds to wait where nothing is there yet.
    #[param(maximum = 55)]
    wait: u64,
}

/// An envelope that lies in a mailbox.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedEnvelope {
    /// Its place in the order of arrival.
    place: u64,
    /// SHA-256 of its bytes.
    #[schema(value_type = String, pattern = "^0x[0-9a-f]{64}$")]
    id: EnvelopeId,
    /// Bytes.
    size: u64,
    /// Its last second, Unix time as a decimal.
    #[schema(pattern = "^[0-9]{1,20}$")]
    expiry: String,
}

impl From<Listed> for ListedEnvelope {
    fn from(Listed { place, id, size, expiry }: Listed) -> Self {
        Self { place, id, size, expiry: expiry.to_string() }
    }
}

/// What lies in a mailbox, oldest first, at most 100 at a time.
#[utoipa::path(get, path = "/v1/mailboxes/{mailbox}/envelopes", params(("mailbox" = String, Path), Listing), security(("mailbox" = [])), tag = "mailboxes", responses(
    (status = 200, body = Vec<ListedEnvelope>), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn list(
    State(service): State<PostService>,
    Token(token): Token,
    At(mailbox): At<MailboxId>,
    Asked(asked): Asked<Listing>,
) -> Result<([(HeaderName, &'static str); 1], Json<Vec<ListedEnvelope>>), Problem> {
    let found = service.post.list(mailbox, &token, asked.after, Waiting::seconds(asked.wait), now()).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(found.into_iter().map(Into::into).collect())))
}

/// The id of an envelope that is on disk.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PutEnvelope {
    /// SHA-256 of its bytes.
    #[schema(value_type = String, pattern = "^0x[0-9a-f]{64}$")]
    id: EnvelopeId,
}

/// Puts an envelope into a mailbox. Putting it again changes nothing.
#[utoipa::path(post, path = "/v1/mailboxes/{mailbox}/envelopes", params(("mailbox" = String, Path)), tag = "mailboxes", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses(
    (status = 200, body = PutEnvelope), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn put(
    State(service): State<PostService>,
    At(mailbox): At<MailboxId>,
    Body(bytes): Body,
) -> Result<Json<PutEnvelope>, Problem> {
    Ok(Json(PutEnvelope { id: service.post.put(mailbox, &bytes, now()).await? }))
}

/// An envelope.
#[utoipa::path(get, path = "/v1/mailboxes/{mailbox}/envelopes/{envelope}", params(("mailbox" = String, Path), ("envelope" = String, Path)), security(("mailbox" = [])), tag = "mailboxes", responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn take(
    State(service): State<PostService>,
    Token(token): Token,
    At((mailbox, id)): At<(MailboxId, EnvelopeId)>,
) -> Result<([(HeaderName, &'static str); 2], Vec<u8>), Problem> {
    Ok((BINARY, service.post.take(mailbox, &token, id, now()).await?))
}

/// Takes an envelope out of its mailbox, once its owner has what it says on disk.
#[utoipa::path(delete, path = "/v1/mailboxes/{mailbox}/envelopes/{envelope}", params(("mailbox" = String, Path), ("envelope" = String, Path)), security(("mailbox" = [])), tag = "mailboxes", responses(
    (status = 204), (status = "4XX", body = Problem), (status = "5XX", body = Problem)
))]
pub(super) async fn acknowledge(
    State(service): State<PostService>,
    Token(token): Token,
    At((mailbox, id)): At<(MailboxId, EnvelopeId)>,
) -> Result<StatusCode, Problem> {
    service.post.acknowledge(mailbox, &token, id, now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
