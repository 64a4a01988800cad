//! What a policy document must be, no matter who made it: the rules of the compiler's heading, as checks on words, schemas and manifest.
//!
//! Guarantee: the compiler, every verifier and every wallet ask the same of a policy, by this one check. A manifest that no compiler
//! made is held to it like any other. Non-guarantee: what only the text says, such as the units of numbers or whether a requirement
//! excludes anybody; `docs/spec/machine.md` lists it, and an audit compiles the text again.

use super::policy::{PolicyDocument, text_digest};
use crate::printable::quoted;
use crate::{
    code::{Code, Coded},
    machine::{Rules, SchemaMismatch, ValidWords, WordsError},
    printable::is_deceptive,
};

/// Why a policy document can't be relied on.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFault {
    /// The words are not valid.
    #[error(transparent)]
    Words(#[from] WordsError),
    /// Words and schemas don't belong together.
    #[error("its schemas don't fit its words: {0}")]
    Schemas(#[from] SchemaMismatch),
    /// The text or a list of the document isn't the one that manifest and words have.
    #[error("{0} doesn't belong to the enacted manifest: it was edited")]
    Edited(&'static str),
    /// The manifest says what no compiler would write.
    #[error(transparent)]
    Manifest(#[from] ManifestProblem),
}

/// What is wrong with a manifest whose words are valid and whose schemas fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestProblem {
    /// Version 0.
    #[error("its version is 0, and versions count from 1")]
    Version,
    /// Compiler 0.
    #[error("its compiler is 0, and compilers count from 1")]
    Compiler,
    /// The last day is before the first.
    #[error("it ends before it begins")]
    Dates,
    /// A reason code or an output without a name.
    #[error("{what} {position} has no name")]
    Nameless {
        /// `reason` or `output`.
        what: &'static str,
        /// Its place in the list, from 0.
        position: usize,
    },
    /// Two outputs that nobody could tell apart.
    #[error("the output {} stands twice", quoted(.0))]
    Doubled(String),
    /// A name with characters that a screen doesn't show, or that turn what it shows around.
    #[error("{what} {position} has a name with control or direction characters, which could show as another")]
    Deceptive {
        /// `reason` or `output`.
        what: &'static str,
        /// Its place in the list, from 0.
        position: usize,
    },
    /// Both member sources take the same records.
    #[error("both member sources take the same records of the same agency")]
    Twins,
}

impl Coded for PolicyFault {
    fn code(&self) -> Code {
        match self {
            Self::Words(_) => Code::PolicyWordsInvalid,
            Self::Schemas(_) => Code::PolicySchemasMismatch,
            Self::Edited(_) => Code::PolicyEdited,
            Self::Manifest(_) => Code::PolicyManifestInvalid,
        }
    }
}

impl PolicyDocument {
    /// Checks words, text, schemas, lists, dates and names. Returns the words, from which the policy key is derived.
    pub fn check(&self) -> Result<ValidWords, PolicyFault> {
        let words = ValidWords::check(self.policy.shape, self.policy.words.clone())?;
        self.check_beside(&words)?;
        Ok(words)
    }

    /// The same but for the words themselves, for callers that have checked these already: `words` must be this manifest's.
    pub fn check_beside(&self, words: &ValidWords) -> Result<(), PolicyFault> {
        let (policy, rules) = (&self.policy, words.rules());
        if text_digest(&self.text) != policy.source_text {
            return Err(PolicyFault::Edited("its text"));
        }
        words.check_schemas(&self.schemas)?;
        if !policy.sources.iter().map(|source| source.schema).eq(rules.sources.iter().map(|source| source.schema_id)) {
            return Err(PolicyFault::Edited("its list of sources"));
        }
        if policy.reasons.len() != rules.requirements.len() {
            return Err(PolicyFault::Edited("its list of reasons"));
        }
        let shown = rules.outputs.iter().take_while(|output| output.is_some()).count();
        if policy.outputs.len() != shown || rules.outputs.iter().flatten().count() != shown {
            return Err(PolicyFault::Edited("its list of outputs"));
        }
        Ok(self.check_manifest(rules)?)
    }

    fn check_manifest(&self, rules: &Rules) -> Result<(), ManifestProblem> {
        let policy = &self.policy;
        if policy.version == 0 {
            return Err(ManifestProblem::Version);
        }
        if policy.compiler == 0 {
            return Err(ManifestProblem::Compiler);
        }
        if policy.in_force.until.is_some_and(|until| until < policy.in_force.from) {
            return Err(ManifestProblem::Dates);
        }
        // A requirement whose condition takes several entries has its code at each of them.
        check_names("reason", &policy.reasons)?;
        check_names("output", &policy.outputs)?;
        if let [one, other] = policy.outputs.as_slice()
            && one == other
        {
            return Err(ManifestProblem::Doubled(one.clone()));
        }
        let taken: Vec<_> = rules.sources.iter().zip(&policy.sources).skip(1).map(|(r, s)| (r, &s.agency)).collect();
        match taken.as_slice() {
            [first, second] if first == second => Err(ManifestProblem::Twins),
            _ => Ok(()),
        }
    }
}

fn check_names(what: &'static str, names: &[String]) -> Result<(), ManifestProblem> {
    for (position, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(ManifestProblem::Nameless { what, position });
        }
        if name.chars().any(is_deceptive) {
            return Err(ManifestProblem::Deceptive { what, position });
        }
    }
    Ok(())
}
