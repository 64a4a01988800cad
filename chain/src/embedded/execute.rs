//! Running calls and transactions in revm: the real bytecode under Paris rules, gas price 0.

use super::{
    block::GAS_LIMIT,
    header::BLOCK_GAS_LIMIT,
    state::{Changes, State},
};
use crate::{contracts, error::ChainError, rejection::Rejection, transaction::Signed};
use alloy_consensus::{
    Eip658Value, Receipt, ReceiptEnvelope, ReceiptWithBloom, Transaction as _, TxReceipt, TxType, Typed2718,
};
use alloy_eips::eip2718::{Decodable2718, Encodable2718};
use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256};
use revm::{
    Context, DatabaseRef, ExecuteEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database_interface::WrapDatabaseRef,
    primitives::hardfork::SpecId,
    state::EvmState,
};
use std::convert::Infallible;

/// The block that something runs in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Environment {
    pub chain_id: u64,
    pub number: u64,
    pub time: u64,
    pub sealer: Address,
}

/// What a transaction did that succeeded.
pub(super) struct Executed {
    pub gas_used: u64,
    pub logs: Vec<Log>,
    pub changed: EvmState,
}

/// Executes a signed transaction on `state` without changing it.
pub(super) fn transaction(state: &State, environment: Environment, signed: &Signed) -> Result<Executed, ChainError> {
    let envelope = signed.envelope();
    let tx = TxEnv::builder()
        .caller(signed.from())
        .gas_limit(envelope.gas_limit())
        .gas_price(envelope.max_fee_per_gas())
        .gas_priority_fee(envelope.max_priority_fee_per_gas())
        .kind(envelope.kind())
        .value(envelope.value())
        .data(envelope.input().clone())
        .nonce(envelope.nonce())
        .chain_id(envelope.chain_id())
        .access_list(envelope.access_list().cloned().unwrap_or_default())
        .tx_type(Some(envelope.ty()))
        .build()
        .map_err(|_| ChainError::Halted("its fields contradict each other".into()))?;
    let (result, changed) = run(state, environment, tx, false)?;
    match result {
        ExecutionResult::Success { gas, logs, .. } => Ok(Executed { gas_used: gas.tx_gas_used(), logs, changed }),
        ExecutionResult::Revert { output, .. } => Err(Rejection::decode(&output).into()),
        ExecutionResult::Halt { reason, .. } => Err(ChainError::Halted(reason.to_string())),
    }
}

/// What somebody asks of the EVM without signing it.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub from: Address,
    /// None creates a contract.
    pub to: Option<Address>,
    pub data: Bytes,
    pub value: U256,
    /// The most gas that it may use; none is a block's.
    pub gas: Option<u64>,
}

impl Question {
    /// A call of a contract.
    pub(crate) fn call(from: Address, to: Address, data: Bytes) -> Self {
        Self { from, to: Some(to), data, value: U256::ZERO, gas: None }
    }
}

/// Executes a question from anybody, a contract included, and returns its output and the gas that it used.
pub(crate) fn ask<D: DatabaseRef<Error = Infallible>>(
    state: &D,
    environment: Environment,
    question: Question,
) -> Result<(Bytes, u64), ChainError> {
    let Question { from, to, data, value, gas } = question;
    let tx = TxEnv::builder()
        .caller(from)
        .gas_limit(gas.map_or(BLOCK_GAS_LIMIT, |gas| gas.min(BLOCK_GAS_LIMIT)))
        .gas_price(0)
        .kind(to.map_or(TxKind::Create, TxKind::Call))
        .value(value)
        .data(data)
        .chain_id(Some(environment.chain_id))
        .build()
        .map_err(|_| ChainError::Halted("its fields contradict each other".into()))?;
    match run(state, environment, tx, true)?.0 {
        ExecutionResult::Success { output, gas, .. } => Ok((output.into_data(), gas.tx_gas_used())),
        ExecutionResult::Revert { output, .. } => Err(Rejection::decode(&output).into()),
        ExecutionResult::Halt { reason, .. } => Err(ChainError::Halted(reason.to_string())),
    }
}

/// The contracts as their creations leave them on an empty state, with made-up officers, who aren't part of any code; none if a creation fails.
pub(crate) fn deployed(environment: Environment, delay: u64) -> Option<State> {
    let (deployer, officers) = (environment.sealer, [1, 2].map(Address::repeat_byte));
    let mut state = State::default();
    for (nonce, data) in (0..).zip(contracts::deployment(deployer, &officers, delay).1) {
        let tx = TxEnv::builder()
            .caller(deployer)
            .gas_limit(GAS_LIMIT)
            .gas_price(0)
            .kind(TxKind::Create)
            .data(data)
            .nonce(nonce)
            .chain_id(Some(environment.chain_id))
            .build()
            .ok()?;
        let (result, changed) = run(&state, environment, tx, false).ok()?;
        if !result.is_success() {
            return None;
        }
        state.apply(changed, &mut Changes::default());
    }
    Some(state)
}

fn run<D: DatabaseRef<Error = Infallible>>(
    state: &D,
    environment: Environment,
    tx: TxEnv,
    view: bool,
) -> Result<(ExecutionResult, EvmState), ChainError> {
    let mut cfg = CfgEnv::new_with_spec(SpecId::MERGE).with_chain_id(environment.chain_id);
    cfg.disable_nonce_check = view;
    cfg.disable_eip3607 = view;
    let block = BlockEnv {
        number: U256::from(environment.number),
        beneficiary: environment.sealer,
        timestamp: U256::from(environment.time),
        gas_limit: BLOCK_GAS_LIMIT,
        basefee: 0,
        difficulty: U256::ZERO,
        prevrandao: Some(B256::ZERO),
        ..Default::default()
    };
    let mut evm = Context::mainnet().with_db(WrapDatabaseRef(state)).with_cfg(cfg).with_block(block).build_mainnet();
    let outcome = evm.transact(tx).map_err(|error| ChainError::Halted(error.to_string()))?;
    Ok((outcome.result, outcome.state))
}

/// The receipt of a successful transaction, as it stands under the header's root.
pub(super) fn receipt(kind: TxType, cumulative_gas_used: u64, logs: Vec<Log>) -> ReceiptEnvelope {
    let receipt = Receipt { status: Eip658Value::Eip658(true), cumulative_gas_used, logs };
    let logs_bloom = receipt.bloom();
    ReceiptEnvelope::from_typed(kind, ReceiptWithBloom { receipt, logs_bloom })
}

/// What [`receipt`] made, of its encoding.
pub(super) fn read_receipt(bytes: &[u8]) -> Option<ReceiptEnvelope> {
    let receipt = ReceiptEnvelope::decode_2718_exact(bytes).ok()?;
    (receipt.encoded_2718() == bytes).then_some(receipt)
}
