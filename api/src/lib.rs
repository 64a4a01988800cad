//! Services over HTTP: they parse, call a party's use case, and show what it answers. Nothing is decided here.
//!
//! Read in this order: [`post`] (the public routes) → `problem` (failures, RFC 9457) → `input` and `credentials` (what a request brings) → `conventions` (what every answer has) → `throttle` (how much one address
//! may do) → [`connections`] and [`serve`] (listening and ending).

pub mod connections;
mod conventions;
mod credentials;
mod input;
pub mod post;
mod problem;
pub mod serve;
mod throttle;

pub use problem::Problem;
