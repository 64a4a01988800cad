//! The published documents: programs and policies in a directory that anybody may hand out.
//!
//! Nothing in it is trusted: every reader compares digests with the chain.

use crate::{
    failure::{Failure, OrFail, Outcome},
    files::{self, Form, shown},
};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_protocol::{
    code::Code,
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::Program,
};
use std::path::{Path, PathBuf};

/// Where documents are found.
#[derive(Debug, Clone, clap::Args)]
pub struct PublishedArgs {
    /// Directory of enacted programs and policies, written by `program enact` and `policy enact`
    #[arg(long, value_name = "DIR", env = "SEALROOT_PUBLISHED", default_value = "published")]
    pub published: PathBuf,
}

impl PublishedArgs {
    /// A program.
    pub fn program(&self, id: &Name) -> Outcome<Program> {
        let program: Program = files::read_document(&self.program_path(id)).map_err(|e| match e.code() {
            Code::FileNotFound => self.unknown_program(id),
            _ => e,
        })?;
        program.check().or_fail(Code::BadProgram)?;
        Ok(program)
    }

    /// What is published, and how to get what isn't.
    fn unknown_program(&self, id: &Name) -> Failure {
        let listed = files::list(&self.published.join("programs"), "json").unwrap_or_default();
        let known: Vec<String> =
            listed.iter().filter_map(|path| path.file_stem()).map(|name| shown(Path::new(name)).to_string()).collect();
        let known = if known.is_empty() { "no program".to_owned() } else { known.join(", ") };
        let directory = shown(&self.published);
        Failure::new(Code::FileNotFound, format!("the program {id} is not published in {directory}; published there: {known}"))
            .advice(
                "name a program that is published (--program), or the directory where it is (--published); `sealroot program enact` publishes what it enacts",
            )
    }

    /// Writes a program.
    pub fn add_program(&self, program: &Program) -> Outcome<PathBuf> {
        let path = self.program_path(&program.id);
        files::keep(&path, Form::public("this program"), program, |old: &Program| old.id == program.id)?;
        Ok(path)
    }

    /// Policies by digest, in the order asked for.
    pub fn policies(&self, digests: &[PolicyDigest]) -> Outcome<Vec<PolicyDocument>> {
        digests.iter().map(|digest| files::read_document(&self.policy_path(digest))).collect()
    }

    /// Writes a policy.
    pub fn add_policy(&self, document: &PolicyDocument) -> Outcome<PathBuf> {
        let path = self.policy_path(&document.policy.digest().or_fail(Code::BadPolicy)?);
        let digest = document.policy.digest().or_fail(Code::BadPolicy)?;
        let same = |old: &PolicyDocument| old.policy.digest().is_ok_and(|old| old == digest);
        files::keep(&path, Form::public("this policy"), document, same)?;
        Ok(path)
    }

    /// All versions of a policy.
    pub fn versions(&self, id: &Name) -> Outcome<Vec<PolicyDocument>> {
        let directory = self.published.join("policies");
        // Nothing is published yet: the use case says what that means.
        if !directory.exists() {
            return Ok(Vec::new());
        }
        let mut documents = Vec::new();
        let mut unread = None;
        for path in files::list(&directory, "json")? {
            match files::read_document::<PolicyDocument>(&path) {
                Ok(document) if document.policy.id == *id => documents.push(document),
                Ok(_) => {}
                Err(failure) => unread = unread.or(Some(failure)),
            }
        }
        // A bad file beside good ones is no version. Where nothing is left, it may be the one that is missing.
        match unread {
            Some(failure) if documents.is_empty() => Err(failure),
            _ => Ok(documents),
        }
    }
}

/// Files are read at once: no future here ever waits.
impl Documents for PublishedArgs {
    async fn program(&self, id: &Name) -> Result<Program, HostError> {
        Ok(Self::program(self, id)?)
    }

    async fn policies(&self, digests: &[PolicyDigest]) -> Result<Vec<PolicyDocument>, HostError> {
        Ok(Self::policies(self, digests)?)
    }

    async fn versions(&self, id: &Name) -> Result<Vec<PolicyDocument>, HostError> {
        Ok(Self::versions(self, id)?)
    }
}

impl PublishedArgs {
    fn program_path(&self, id: &Name) -> PathBuf {
        self.published.join("programs").join(format!("{id}.json"))
    }

    fn policy_path(&self, digest: &PolicyDigest) -> PathBuf {
        let name = digest.to_string();
        self.published.join("policies").join(Path::new(&name[2..]).with_extension("json"))
    }
}
