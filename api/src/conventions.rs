//! What every answer of a service has, and what no request may exceed.

use crate::problem::Problem;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use sealroot_protocol::code::Code;
use std::time::Duration;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{Any, CorsLayer},
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
};

/// The longest that a request is worked on: longer than a listing waits.
const TIMEOUT: Duration = Duration::from_secs(75);

/// `/v1` never serves a page: whatever it answers runs nowhere.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
    (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    (header::SERVER, "sealroot"),
];

/// Lays what is common around routes. Bodies are read up to `body` bytes.
pub(crate) fn common(mut routes: Router, body: usize) -> Router {
    routes = routes
        .fallback(async || Problem::new(Code::NoRoute, "there is nothing under this path"))
        .method_not_allowed_fallback(async || Problem::other_method())
        .layer(DefaultBodyLimit::max(body))
        .layer(middleware::from_fn(in_time))
        .layer(any_origin())
        .layer(CatchPanicLayer::custom(panicked));
    for (name, value) in HEADERS {
        routes = routes.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)));
    }
    routes.layer(PropagateRequestIdLayer::x_request_id()).layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
}

/// Anonymous routes answer pages of any origin, so that a wallet can run from a file. There are no cookies that somebody else's page could use.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_NONE_MATCH])
        .expose_headers([header::ETAG, header::RETRY_AFTER])
        .max_age(Duration::from_secs(86_400))
}

/// Ends what takes too long.
async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::TookTooLong, "the service couldn't answer in time").into_response(),
    }
}

/// A defect ends one request, and no other; what it was about is in no log.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Problem::new(Code::Defect, "the service has a defect").into_response()
}
