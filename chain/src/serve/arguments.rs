//! A request's parameters, one after the other: each with its name in messages, none too many.

use super::error::RpcError;
use jsonrpsee::types::{Params, params::ParamsSequence};
use serde::de::DeserializeOwned;

pub(super) struct Arguments<'a>(ParamsSequence<'a>);

impl<'a> Arguments<'a> {
    /// Named parameters are in no method of the execution API.
    pub(super) fn of(params: &'a Params<'_>) -> Result<Self, RpcError> {
        if params.is_object() {
            return Err(RpcError::Params("parameters stand in an array".into()));
        }
        Ok(Self(params.sequence()))
    }

    pub(super) fn next<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, RpcError> {
        self.0.next::<serde_json::Value>().map_err(|_| RpcError::Params(format!("missing parameter: {name}"))).and_then(
            |value| serde_json::from_value(value).map_err(|error| RpcError::Params(format!("invalid {name}: {error}"))),
        )
    }

    /// One that may be left out, or be null.
    pub(super) fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, RpcError> {
        match self.0.optional_next::<serde_json::Value>() {
            Ok(None) => Ok(None),
            Ok(Some(value)) => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| RpcError::Params(format!("invalid {name}: {error}"))),
            Err(error) => Err(RpcError::Params(format!("invalid {name}: {}", error.message()))),
        }
    }

    /// Whatever else was said would have been ignored.
    pub(super) fn end(mut self) -> Result<(), RpcError> {
        match self.0.optional_next::<serde_json::Value>() {
            Ok(None | Some(serde_json::Value::Null)) => Ok(()),
            _ => Err(RpcError::Params("too many parameters".into())),
        }
    }
}
