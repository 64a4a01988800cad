//! Running calls and transactions in revm: the real bytecode under Paris rules, gas price 0.

use super::{
    block::GAS_LIMIT,
    header::BLOCK_GAS_LIMIT,
    state::{Changes, State},
};
use crate::{
    contracts,
    error::ChainError,
    rejection::Rejection,
    transaction::{Signed, list},
};
use alloy_primitives::{Address, B256, Bloom, Bytes, Log, TxKind, U256};
use alloy_rlp::{Decodable, Encodable};
use revm::{
    Context, ExecuteEvm, MainBuilder, MainContext,
    context::{BlockEnv, CfgEnv, TxEnv, result::ExecutionResult},
    database_interface::WrapDatabaseRef,
    primitives::hardfork::SpecId,
    state::EvmState,
};

/// The block that something runs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Environment {
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
    let transaction = signed.transaction();
    let tx = TxEnv::builder()
        .caller(transaction.from)
        .gas_limit(transaction.gas_limit)
        .gas_price(transaction.gas_price.into())
        .kind(transaction.to.map_or(TxKind::Create, TxKind::Call))
        .data(transaction.data.clone())
        .nonce(transaction.nonce)
        .chain_id(Some(transaction.chain_id))
        .build()
        .map_err(|error| ChainError::Halted(error.to_string()))?;
    let (result, changed) = run(state, environment, tx, false)?;
    match result {
        ExecutionResult::Success { gas, logs, .. } => Ok(Executed { gas_used: gas.tx_gas_used(), logs, changed }),
        ExecutionResult::Revert { output, .. } => Err(Rejection::decode(&output).into()),
        ExecutionResult::Halt { reason, .. } => Err(ChainError::Halted(reason.to_string())),
    }
}

/// Executes a call from anybody, a contract included, and returns its output.
pub(super) fn call(
    state: &State,
    environment: Environment,
    from: Address,
    to: Address,
    data: Bytes,
) -> Result<Bytes, ChainError> {
    let tx = TxEnv::builder()
        .caller(from)
        .gas_limit(BLOCK_GAS_LIMIT)
        .gas_price(0)
        .kind(TxKind::Call(to))
        .data(data)
        .chain_id(Some(environment.chain_id))
        .build()
        .map_err(|error| ChainError::Halted(error.to_string()))?;
    match run(state, environment, tx, true)?.0 {
        ExecutionResult::Success { output, .. } => Ok(output.into_data()),
        ExecutionResult::Revert { output, .. } => Err(Rejection::decode(&output).into()),
        ExecutionResult::Halt { reason, .. } => Err(ChainError::Halted(reason.to_string())),
    }
}

/// The contracts as their creations leave them on an empty state, with made-up officers, who aren't part of any code; none if a creation fails.
pub(super) fn deployed(environment: Environment, delay: u64) -> Option<State> {
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

fn run(
    state: &State,
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

/// RLP of the receipt of a successful transaction.
pub(super) fn receipt(cumulative_gas: u64, logs: &[Log]) -> Bytes {
    let mut payload = Vec::new();
    1u8.encode(&mut payload);
    cumulative_gas.encode(&mut payload);
    alloy_primitives::logs_bloom(logs).encode(&mut payload);
    logs.to_vec().encode(&mut payload);
    list(&payload).into()
}

/// The events of what [`receipt`] wrote.
pub(super) fn logs(receipt: &[u8]) -> Option<Vec<Log>> {
    let mut rest = receipt;
    alloy_rlp::Header::decode(&mut rest).ok().filter(|header| header.list)?;
    u8::decode(&mut rest).ok()?;
    u64::decode(&mut rest).ok()?;
    Bloom::decode(&mut rest).ok()?;
    Vec::<Log>::decode(&mut rest).ok().filter(|_| rest.is_empty())
}
