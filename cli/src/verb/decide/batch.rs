//! The begun batch as a file beside its output.

use crate::files::{self, Form, Output};
use sealroot_office::{BatchStore, BegunBatch};
use sealroot_parties_ports::HostError;
use std::path::{Path, PathBuf};

/// The output directory, which remembers the batch that was begun for it.
pub(super) struct BatchFile(PathBuf);

impl BatchFile {
    /// In this output directory.
    pub(super) fn within(out: &Path) -> Self {
        Self(out.join("batch"))
    }
}

impl BatchStore for BatchFile {
    async fn begun(&self) -> Result<Option<BegunBatch>, HostError> {
        Ok(if self.0.exists() { Some(files::read_document(&self.0)?) } else { None })
    }

    async fn begin(&self, batch: &BegunBatch) -> Result<(), HostError> {
        Output::new(&self.0, Form::personal("a batch"))?.document(batch)?;
        Ok(())
    }
}
