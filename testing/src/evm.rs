//! The seven contracts in an EVM in memory, without blocks, signatures or files: for tests that make a great many calls.
//!
//! The bytecode and the rules (Paris, gas price 0) are the embedded chain's. Its own tests show that it runs them so; here time and sender are free to choose.

use alloy_primitives::{Address, B256, Bytes, Log, TxKind, U256};
use alloy_sol_types::SolCall;
use revm::{
    Context, DatabaseCommit, DatabaseRef, ExecuteEvm, MainBuilder, MainContext,
    context::{
        BlockEnv, CfgEnv, TxEnv,
        result::{EVMError, ExecutionResult, InvalidTransaction},
        tx::TxEnvBuilder,
    },
    database::{CacheDB, EmptyDB},
    database_interface::WrapDatabaseRef,
    primitives::hardfork::SpecId,
    state::EvmState,
};
use sealroot_chain::{Rejection, contracts};
use sealroot_protocol::{
    code::{Code, Coded},
    snapshot::{BlockRef, Contracts, Revision, Snapshot, SnapshotError, SnapshotQuery, StorageReader},
};

/// EIP-155 id of these chains.
pub const CHAIN_ID: u64 = 7;

/// More than any call needs.
pub const GAS: u64 = 30_000_000;

/// Contracts and their state. A clone is another world from here on.
#[derive(Clone)]
pub struct Evm {
    db: CacheDB<EmptyDB>,
    /// Where they are.
    pub contracts: Contracts,
    /// Of the block in which the next call runs.
    pub time: u64,
    /// Its height.
    pub number: u64,
}

/// A call that succeeded.
#[derive(Debug)]
pub struct Done {
    /// What it returned.
    pub output: Bytes,
    /// What it cost.
    pub gas: u64,
    /// Its events.
    pub logs: Vec<Log>,
    /// What it changed; nothing has taken it over yet.
    pub changes: EvmState,
}

impl Done {
    /// Whether any slot has another value than before.
    pub fn writes(&self) -> bool {
        writes(&self.changes)
    }
}

fn writes(changes: &EvmState) -> bool {
    changes.values().any(|account| account.changed_storage_slots().next().is_some())
}

/// Why a call did nothing.
#[derive(Debug)]
pub enum Failure {
    /// It was reverted.
    Rejected(Rejection),
    /// It ran out of gas, or into something that isn't code.
    Halted,
}

impl Failure {
    /// Its code in the catalogue.
    pub fn code(&self) -> Code {
        match self {
            Self::Rejected(rejection) => rejection.code(),
            Self::Halted => Code::CallFailed,
        }
    }
}

impl Evm {
    /// The contracts as their creations leave them.
    pub fn new(officers: &[Address], delay: u64, time: u64) -> Self {
        let deployer = Address::repeat_byte(0xde);
        let (contracts, creations) = contracts::deployment(deployer, officers, delay);
        let mut evm = Self { db: CacheDB::default(), contracts, time, number: 1 };
        for (nonce, data) in (0..).zip(creations) {
            let tx = TxEnv::builder().caller(deployer).kind(TxKind::Create).nonce(nonce).data(data);
            let (result, changes) = evm.transact(tx.gas_limit(GAS), true).unwrap();
            assert!(result.is_success(), "{result:?}");
            evm.db.commit(changes);
        }
        // What an officer proposes in the second of joining is void.
        evm.time += 1;
        evm.number += 1;
        evm
    }

    /// Makes a call in the next block and changes nothing.
    pub fn call(&self, from: Address, to: Address, data: impl Into<Bytes>) -> Result<Done, Failure> {
        self.call_with_gas(from, to, data, GAS)
    }

    /// The same with so much gas and no more. A call that fails must leave every slot as it was.
    pub fn call_with_gas(&self, from: Address, to: Address, data: impl Into<Bytes>, gas: u64) -> Result<Done, Failure> {
        let tx = TxEnv::builder().caller(from).kind(TxKind::Call(to)).data(data.into()).gas_limit(gas);
        let (result, changes) = match self.transact(tx, false) {
            Ok(done) => done,
            // Not even begun: a block that held it would be invalid.
            Err(InvalidTransaction::CallGasCostMoreThanGasLimit { .. }) => return Err(Failure::Halted),
            Err(other) => panic!("{other}"),
        };
        if !result.is_success() {
            assert!(!writes(&changes), "a call that failed has changed the state");
        }
        match result {
            ExecutionResult::Success { output, gas, logs, .. } => {
                Ok(Done { output: output.into_data(), gas: gas.tx_gas_used(), logs, changes })
            }
            ExecutionResult::Revert { output, .. } => Err(Failure::Rejected(Rejection::decode(&output))),
            ExecutionResult::Halt { .. } => Err(Failure::Halted),
        }
    }

    /// Makes a call, and a block of its own where it succeeds.
    pub fn send(&mut self, from: Address, to: Address, data: impl Into<Bytes>) -> Result<u64, Failure> {
        let done = self.call(from, to, data)?;
        self.take(done.changes);
        Ok(done.gas)
    }

    /// Takes over what a call changed.
    pub fn take(&mut self, changes: EvmState) {
        self.db.commit(changes);
        self.number += 1;
    }

    /// What a view returns.
    pub fn view<C: SolCall>(&self, to: Address, call: C) -> C::Return {
        let done = self.call(Address::ZERO, to, call.abi_encode()).expect("a view that answers");
        C::abi_decode_returns(&done.output).unwrap()
    }

    /// The entries as they are.
    pub fn snapshot(&self, query: &SnapshotQuery) -> Snapshot {
        let block = BlockRef { number: self.number - 1, hash: B256::repeat_byte(7), time: self.time };
        Snapshot::read(query, CHAIN_ID, &self.contracts, Revision::Second, block, &mut Slots(&self.db)).unwrap()
    }

    /// What stands in a slot.
    pub fn slot(&self, contract: Address, slot: U256) -> U256 {
        self.db.storage_ref(contract, slot).unwrap()
    }

    fn transact(&self, tx: TxEnvBuilder, creates: bool) -> Result<(ExecutionResult, EvmState), InvalidTransaction> {
        let mut cfg = CfgEnv::new_with_spec(SpecId::MERGE).with_chain_id(CHAIN_ID);
        cfg.disable_nonce_check = !creates;
        let block = BlockEnv {
            number: U256::from(self.number),
            timestamp: U256::from(self.time),
            gas_limit: GAS,
            basefee: 0,
            difficulty: U256::ZERO,
            prevrandao: Some(B256::ZERO),
            ..Default::default()
        };
        let tx = tx.gas_price(0).chain_id(Some(CHAIN_ID)).build().unwrap();
        let db = WrapDatabaseRef(&self.db);
        let mut evm = Context::mainnet().with_db(db).with_cfg(cfg).with_block(block).build_mainnet();
        match evm.transact(tx) {
            Ok(outcome) => Ok((outcome.result, outcome.state)),
            Err(EVMError::Transaction(error)) => Err(error),
            Err(other) => panic!("{other}"),
        }
    }
}

struct Slots<'a>(&'a CacheDB<EmptyDB>);

impl StorageReader for Slots<'_> {
    type Error = SnapshotError;
    fn value(&mut self, contract: Address, slot: U256) -> Result<U256, SnapshotError> {
        Ok(self.0.storage_ref(contract, slot).unwrap())
    }
}
