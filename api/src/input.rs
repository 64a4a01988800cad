//! What a request brings: parts of its path, its query, its body. What can't be read is a problem document like any other failure.

use crate::problem::Problem;
use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::request::Parts,
    response::IntoResponse,
};
use sealroot_protocol::{code::Code, parser_words::plain};
use serde::de::DeserializeOwned;

/// Parts of the path.
pub(crate) struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Sync + Send> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(read)) => Ok(Self(read)),
            Err(error) => Err(Problem::new(Code::BadQuestion, format!("the path: {}", plain(&error.body_text())))),
        }
    }
}

/// The query. Unknown names are refused where `T` refuses them.
pub(crate) struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Sync + Send> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(read)) => Ok(Self(read)),
            Err(error) => Err(Problem::new(Code::BadQuestion, format!("the query: {}", plain(&error.body_text())))),
        }
    }
}

/// The body's bytes, up to the service's limit.
pub(crate) struct Body(pub Bytes);

impl<S: Sync + Send> FromRequest<S> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let read = Bytes::from_request(request, state).await;
        read.map(Self).map_err(|error| {
            if error.into_response().status().as_u16() == 413 {
                Problem::new(Code::RequestTooLarge, "the body is larger than anything that is taken here")
            } else {
                Problem::new(Code::BadQuestion, "the body didn't come whole")
            }
        })
    }
}
