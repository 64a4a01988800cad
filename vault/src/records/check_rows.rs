//! Every row that the vault keeps, read once.
//!
//! A question about one person is answered from the parts of the tables that could have a row about it, each compared with what the vault wrote last
//! ([`crate::store::Tagged`]). Pruning, a changed id and a check ask about all rows, and so compare all of them first. Cost: some seconds for 1,000,000 records.

use crate::{
    error::VaultError,
    store::{Log, Records, RecordsTx, Store},
    vault::Vault,
};

impl<S: Store> Vault<S> {
    /// Reads every row of the records store, and every mark of a used release; the first table that isn't as the vault wrote it last is the error.
    pub(crate) async fn check_rows(&self, tx: &mut <S::Records as Records>::Tx) -> Result<(), VaultError> {
        tx.check_rows().await?;
        self.store.log().releases_before(i64::MAX, u32::MAX).await?;
        Ok(())
    }
}
