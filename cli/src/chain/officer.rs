//! What officers do on a chain together: one proposes, another confirms.

use super::{ChainArgs, Provisional, provisional};
use crate::{
    failure::{Failure, Outcome},
    secret::read_signing_key,
};
use alloy_primitives::Address;
use sealroot_chain::{Act, AnyChain};
use sealroot_officer::{Proposed, UnsignedCall, confirm, propose, unsigned_confirmation, unsigned_proposal};
use sealroot_protocol::{code::Code, moment::Moment, signature::parse_address};
use serde::Serialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Two officers enact together: one proposes, another confirms after the delay.
#[derive(Debug, Clone, clap::Args)]
pub struct OfficerArgs {
    /// Chain.
    #[command(flatten)]
    pub chain: ChainArgs,
    /// Signing key of the officer
    #[arg(long, value_name = "KEYFILE", required_unless_present = "unsigned")]
    pub officer: Option<PathBuf>,
    /// Instead of signing, check the act and print the call for this officer's own wallet to send: a hardware wallet, or a Safe
    #[arg(long, value_name = "ADDRESS", conflicts_with = "officer", value_parser = parse_address)]
    pub unsigned: Option<Address>,
    /// Confirm what another officer has proposed, instead of proposing it
    #[arg(long)]
    pub confirm: bool,
}

/// What an officer did.
#[derive(Debug, Serialize)]
pub struct ActReport {
    /// What is enacted.
    pub act: String,
    /// Proposed or confirmed; of an act without delay, the second proposal confirms. Of an unsigned call, nothing has happened yet.
    pub step: &'static str,
    /// Height of the block; none where nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// From when on it can be confirmed; only for proposals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_from: Option<Moment>,
    /// Where a network can still take it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provisional: Option<Provisional>,
    /// What the officer's wallet is to send; only with --unsigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call: Option<CallLine>,
}

/// A call in the fields that wallets and Safe's transaction builder ask for.
#[derive(Debug, Serialize)]
pub struct CallLine {
    chain_id: u64,
    from: String,
    to: String,
    /// In wei: always 0.
    value: &'static str,
    data: String,
}

impl From<UnsignedCall> for CallLine {
    fn from(call: UnsignedCall) -> Self {
        let UnsignedCall { chain_id, from, to, data } = call;
        Self { chain_id, from: from.to_string(), to: to.to_string(), value: "0", data: data.to_string() }
    }
}

impl fmt::Display for ActReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(CallLine { chain_id, from, to, value, data }) = &self.call {
            let act = &self.act;
            writeln!(f, "{}: {act}; nothing has been sent. Send from {from} on chain {chain_id}:", self.step)?;
            return write!(f, "  to     {to}\n  value  {value}\n  data   {data}");
        }
        write!(f, "{} {} in block {}", self.step, self.act, self.block.unwrap_or_default())?;
        if let Some(time) = self.confirm_from {
            write!(f, "; another officer confirms with --confirm from {time} on")?;
        }
        if let Some(provisional) = self.provisional {
            write!(f, "\n  PROVISIONAL {}", provisional.of_an_act())?;
        }
        Ok(())
    }
}

impl OfficerArgs {
    /// Proposes or confirms.
    pub async fn carry_out(&self, act: &Act, what: impl fmt::Display) -> Outcome<ActReport> {
        self.carry_out_on(&self.chain.open().await?, act, what).await
    }

    /// The same on a chain that is open already.
    pub async fn carry_out_on(&self, chain: &AnyChain, act: &Act, what: impl fmt::Display) -> Outcome<ActReport> {
        let what = what.to_string();
        let report = match (&self.officer, self.unsigned) {
            (_, Some(officer)) => self.print(chain, act, what, officer).await?,
            (Some(key), None) => self.sign(chain, act, what, key).await?,
            (None, None) => return Err(Failure::new(Code::Usage, "name the officer's key with --officer")),
        };
        self.chain.remember(chain).await?;
        Ok(report)
    }

    async fn sign(&self, chain: &AnyChain, act: &Act, what: String, key: &Path) -> Outcome<ActReport> {
        let key = read_signing_key(key)?;
        let (block, confirm_from) = if self.confirm {
            (confirm(act, chain, &key).await.map_err(Failure::of)?.block, None)
        } else {
            let Proposed { block, confirm_from } = propose(act, chain, &key).await.map_err(Failure::of)?;
            (block, confirm_from)
        };
        let step = if confirm_from.is_some() { "proposed" } else { "confirmed" };
        let confirm_from = confirm_from.map(Moment::from_unix);
        let provisional = provisional(chain, block).await?;
        Ok(ActReport { act: what, step, block: Some(block), confirm_from, provisional, call: None })
    }

    async fn print(&self, chain: &AnyChain, act: &Act, what: String, officer: Address) -> Outcome<ActReport> {
        let (step, call) = if self.confirm {
            ("unsigned confirmation", unsigned_confirmation(act, chain, officer).await)
        } else {
            ("unsigned proposal", unsigned_proposal(act, chain, officer).await)
        };
        let call = Some(call.map_err(Failure::of)?.into());
        Ok(ActReport { act: what, step, block: None, confirm_from: None, provisional: None, call })
    }
}
