//! What verbs write: who may read it, and whether `--force` may replace it.

use sealroot_files::Access;
use sealroot_protocol::{
    bundle::{Bundle, Part},
    canonical,
    checkpoint::SignedCheckpoint,
    evidence::Evidence,
    reduction::SignedReduction,
    request::SignedRequest,
};
use sealroot_verifier::points::{G1_BYTES, g1_from_bytes};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A form of file.
///
/// A file is only ever replaced by one of its own form, and only of a form that can be made again. So it needs no list of what is precious: a key, a wallet, a
/// trust file and a letter of the user's are all something else than a bundle.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// In a sentence: "not a bundle".
    pub(super) what: &'static str,
    pub(super) access: Access,
    pub(super) is: fn(&[u8]) -> bool,
    /// What can't be made again, though it has the form: a bundle that was decided is all that shows when, and on what the chain held then.
    pub(super) settled: fn(&[u8]) -> bool,
}

impl Form {
    /// A signed request, with the purpose and a commitment to the applicant.
    pub const REQUEST: Self = Self::replaceable("a request", Access::Owner, document::<SignedRequest>);
    /// A part.
    pub const PART: Self = Self::replaceable("a part", Access::Owner, document::<Part>);
    /// A bundle.
    pub const BUNDLE: Self =
        Self { settled: decided, ..Self::replaceable("a bundle", Access::Owner, document::<Bundle>) };
    /// A signed reduction, with the reason.
    pub const REDUCTION: Self = Self::replaceable("a reduction", Access::Owner, document::<SignedReduction>);
    /// A policy key, which anybody can derive.
    pub const POLICY_KEY: Self = Self::replaceable("a policy key", Access::Everybody, policy_key);
    /// A policy's page, which anybody can write from its text.
    pub const PAGE: Self = Self::replaceable("a page", Access::Everybody, page);
    /// A file for snarkjs.
    pub const SNARKJS: Self = Self::replaceable("a file for snarkjs", Access::Everybody, snarkjs);

    /// What a chain says of a request, which anybody collects again.
    pub const EVIDENCE: Self = Self::replaceable("evidence of a request", Access::Everybody, document::<Evidence>);
    /// A checkpoint: the next one says more.
    pub const CHECKPOINT: Self = Self::replaceable("a checkpoint", Access::Everybody, document::<SignedCheckpoint>);

    /// What is about one person, and stands for something that was signed or logged: never replaced.
    pub const fn personal(what: &'static str) -> Self {
        Self::replaceable(what, Access::Owner, never)
    }

    /// A key or another secret: never replaced.
    pub const fn secret(what: &'static str) -> Self {
        Self::replaceable(what, Access::Owner, never)
    }

    /// What anybody may read, and others rely on: never replaced.
    pub const fn public(what: &'static str) -> Self {
        Self::replaceable(what, Access::Everybody, never)
    }

    const fn replaceable(what: &'static str, access: Access, is: fn(&[u8]) -> bool) -> Self {
        Self { what, access, is, settled: never }
    }
}

fn never(_: &[u8]) -> bool {
    false
}

fn document<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> bool {
    canonical::from_bytes::<T>(bytes).is_ok()
}

fn decided(bytes: &[u8]) -> bool {
    Bundle::from_bytes(bytes).is_ok_and(|bundle| bundle.evidence.is_some())
}

/// Points of EIP-197, at both ends of the file.
fn policy_key(bytes: &[u8]) -> bool {
    let point = |chunk: Option<&[u8; G1_BYTES]>| chunk.is_some_and(|bytes| g1_from_bytes(bytes).is_ok());
    bytes.len().is_multiple_of(G1_BYTES) && point(bytes.first_chunk()) && point(bytes.last_chunk())
}

/// Written by `policy explain`: each of its forms has the heading of its last section on a line of its own.
fn page(bytes: &[u8]) -> bool {
    let headings = ["Names in files and programs", "文件和程序中的名称"];
    let lines = |heading: &str| [heading.to_owned(), format!("## {heading}"), format!("<h2>{heading}</h2>")];
    let is_heading = |line: &str| headings.iter().any(|heading| lines(heading).iter().any(|written| written == line));
    std::str::from_utf8(bytes).is_ok_and(|text| text.lines().any(is_heading))
}

fn snarkjs(bytes: &[u8]) -> bool {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => object.get("protocol").is_some_and(|protocol| protocol == "groth16"),
        Ok(Value::Array(inputs)) => {
            let decimal = |input: &Value| input.as_str().is_some_and(|x| x.bytes().all(|b| b.is_ascii_digit()));
            !inputs.is_empty() && inputs.iter().all(decimal)
        }
        _ => false,
    }
}
