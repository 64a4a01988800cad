//! The heating allowance on the embedded chain: its texts compiled, published and enacted, for what officers and offices ask of documents and chain together.

use crate::{chain::World, policies::laws};
use sealroot_chain::{Act, PolicyEnactment};
use sealroot_parties_ports::{Documents, HostError};
use sealroot_policy::recompile;
use sealroot_protocol::{
    code::Code,
    field::Digest,
    name::Name,
    policy::{PolicyDigest, PolicyDocument},
    program::Program,
};

/// What is published, by anybody: nobody trusts it.
#[derive(Clone, Default)]
pub struct Shelf {
    /// Programs.
    pub programs: Vec<Program>,
    /// Versions of policies.
    pub policies: Vec<PolicyDocument>,
}

impl Documents for Shelf {
    async fn program(&self, id: &Name) -> Result<Program, HostError> {
        let found = self.programs.iter().find(|program| program.id == *id);
        found.cloned().ok_or_else(|| HostError::new(Code::FileNotFound, format!("no program {id}")))
    }

    async fn policies(&self, digests: &[PolicyDigest]) -> Result<Vec<PolicyDocument>, HostError> {
        let found = |digest: &PolicyDigest| self.policies.iter().find(|d| d.policy.digest().ok() == Some(*digest));
        let missing = || HostError::new(Code::FileNotFound, "no such policy");
        digests.iter().map(|digest| found(digest).cloned().ok_or_else(missing)).collect()
    }

    async fn versions(&self, id: &Name) -> Result<Vec<PolicyDocument>, HostError> {
        Ok(self.policies.iter().filter(|document| document.policy.id == *id).cloned().collect())
    }
}

/// A policy of the allowance, in force from 2026-11-01 on, as `edit` leaves its text.
pub fn policy(id: &str, edit: impl FnOnce(String) -> String) -> PolicyDocument {
    policy_under(id, Digest([3; 32]), edit)
}

/// The same, to be proved under a universal key.
pub fn policy_under(id: &str, universal_key: Digest, edit: impl FnOnce(String) -> String) -> PolicyDocument {
    let dated = |text: String| {
        let text = text.replace("from = \"2026-01-01\"", "from = \"2026-11-01\"");
        // The source, and its title.
        edit(text.replace("civil-registry", "registry"))
    };
    laws::edited(&format!("heating-allowance/{id}.policy.toml"), dated).unwrap().document(universal_key)
}

/// Both policies, as they are.
pub fn policies() -> Vec<PolicyDocument> {
    ["residence", "income"].map(|id| policy(id, |text| text)).to_vec()
}

/// What is enacted of a policy. No key was derived: nobody proves under it here.
pub fn enactment(document: &PolicyDocument) -> PolicyEnactment {
    let currencies = recompile(document).unwrap().currencies();
    PolicyEnactment::new(&document.policy, Digest([8; 32]), currencies).unwrap()
}

/// The act that enacts it.
pub fn act(document: &PolicyDocument) -> Act {
    Act::EnactPolicy(enactment(document))
}

/// A chain with agencies, requesters and these policies, on 2026-10-01.
pub async fn world(policies: &[PolicyDocument]) -> World {
    let world = World::registered().await;
    for document in policies {
        world.enact(&act(document)).await.unwrap();
    }
    world
}
