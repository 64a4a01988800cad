//! What people write: TOML.

use super::{Found, documents};
use sealroot_policy::PolicySource;
use sealroot_protocol::{language::Language, program::Program, schema::Schema};
use sealroot_verifier::trust::Trust;

/// Of schemas.
pub const SCHEMA: &str = "schema";
/// Of trust files.
pub const TRUST: &str = "trust file";
/// Of the text that a policy is compiled from.
pub const POLICY_TEXT: &str = "policy text";

pub(super) fn identify(bytes: &[u8], language: Language) -> Option<Found> {
    let text = std::str::from_utf8(bytes).ok()?;
    schema(text)
        .or_else(|| Program::from_toml(text).ok().and_then(|p| documents::program(&p, language)))
        .or_else(|| trust(text))
        .or_else(|| policy(text, language))
}

fn schema(text: &str) -> Option<Found> {
    let schema = Schema::from_toml(text).ok()?;
    let names = schema.attributes().ok()?.into_iter().map(|attribute| attribute.name);
    Some(Found::new(SCHEMA).text("name", &schema.name).text("id", schema.id().ok()?).list("attributes", names))
}

fn trust(text: &str) -> Option<Found> {
    let trust = Trust::from_toml(text).ok()?;
    let keys = trust.universal_keys.iter().map(|key| format!("{} {}", key.shape, key.sha256)).collect();
    Some(
        Found::new(TRUST)
            .number("chain id", trust.chain_id)
            .list("sealers", trust.sealers.iter().map(|sealer| sealer.address))
            .number("pinned blocks", trust.blocks.len())
            .number("withdrawn", trust.withdrawn.len())
            .lines("universal keys", keys),
    )
}

/// A policy's text: whether it compiles is for `policy check`.
fn policy(text: &str, language: Language) -> Option<Found> {
    let policy = PolicySource { file: String::new(), text: text.to_owned() }.parse().ok()?;
    Some(
        Found::new(POLICY_TEXT)
            .text("id", &policy.id)
            .number("version", *policy.version.get_ref())
            .optional("title", language.pick(&policy.title))
            .text("law", policy.legal_reference.pick(language))
            .text("in force from", policy.in_force.get_ref().from)
            .list("agencies", policy.sources.iter().map(|source| &source.agency))
            .text("next", "`sealroot policy check` compiles it, `policy explain` says it in words"),
    )
}
