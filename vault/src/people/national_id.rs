//! From a national id to the pseudonymous person id. The national id itself is stored nowhere.
//!
//! Guarantee: every entrance of a vault (rows, members, verbs) reads ids here, so that one person has one subject however a file or a clerk spells the id.

use crate::{
    error::VaultError,
    keys::KeyRing,
    records::schemas,
    rejection::Rejection,
    store::{Records, Store},
    vault::Vault,
};
use sealroot_protocol::{
    id_form::{IdForm, IdFormError, LetterCase},
    identifier::Identifier,
    record::Subject,
    schema::Schema,
};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// What the schemas of one vault say of ids, together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct IdForms {
    /// One for all of them: whose id it is can't depend on which file it stands in.
    pub(crate) case: Option<LetterCase>,
    forms: Vec<IdForm>,
}

impl IdForms {
    /// Of some schemas, which must agree on the case of letters. Patterns may differ: a new version of a schema can correct its own.
    pub(crate) fn of<'a>(schemas: impl IntoIterator<Item = &'a Schema>) -> Result<Self, Rejection> {
        let mut all = Self::default();
        for form in schemas.into_iter().filter_map(|schema| schema.national_id.as_ref()) {
            match (all.case, form.case) {
                (Some(one), Some(other)) if one != other => return Err(Rejection::LetterCase),
                (None, case) => all.case = case,
                _ => {}
            }
            if !all.forms.contains(form) {
                all.forms.push(form.clone());
            }
        }
        Ok(all)
    }

    /// The same case of letters, and only what one schema says beside it: ids in that schema's files have that schema's form.
    fn only(&self, form: Option<&IdForm>) -> Self {
        Self { case: self.case, forms: form.cloned().into_iter().collect() }
    }

    fn read(&self, text: &str) -> Result<Identifier, IdFormError> {
        let id = Identifier::new(text)?;
        let id = self.case.map_or_else(|| Ok(id.clone()), |case| case.fold(&id))?;
        let mut first = None;
        for form in &self.forms {
            match form.accepts(&id) {
                Ok(()) => return Ok(id),
                Err(error) => first = first.or(Some(error)),
            }
        }
        first.map_or(Ok(id), Err)
    }
}

/// Reads ids as one vault does.
#[derive(Clone)]
pub(crate) struct IdReader {
    pub(crate) ring: Arc<RwLock<KeyRing>>,
    forms: IdForms,
}

impl IdReader {
    /// The id in its one spelling.
    pub(crate) fn read(&self, text: &str) -> Result<Identifier, IdFormError> {
        self.forms.read(text)
    }

    /// Whose id it is.
    pub(crate) fn subject(&self, id: &Identifier) -> Subject {
        self.ring().subject(id)
    }

    pub(crate) fn ring(&self) -> RwLockReadGuard<'_, KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Store> Vault<S> {
    /// Pseudonymous id of a person, by a national id in any spelling that this vault's schemas take for the same.
    pub fn subject(&self, national_id: &str) -> Result<Subject, Rejection> {
        let reader = self.id_reader();
        Ok(reader.subject(&reader.read(national_id).map_err(Rejection::NationalId)?))
    }

    /// A national id in the one spelling that it has in this vault.
    pub fn read_id(&self, national_id: &str) -> Result<Identifier, Rejection> {
        self.id_reader().read(national_id).map_err(Rejection::NationalId)
    }

    pub(crate) fn id_reader(&self) -> IdReader {
        let forms = self.id_forms.read().unwrap_or_else(PoisonError::into_inner).clone();
        IdReader { ring: self.issuer.ring.clone(), forms }
    }

    /// For the files of one schema, which may not be registered yet.
    pub(crate) async fn id_reader_of(&self, schema: &Schema) -> Result<IdReader, VaultError> {
        let registered = schemas::schemas(&mut self.store.records().read().await?).await?;
        let forms = IdForms::of(registered.values().chain([schema]))?.only(schema.national_id.as_ref());
        Ok(IdReader { ring: self.issuer.ring.clone(), forms })
    }

    /// Takes up what the registered schemas say.
    pub(crate) async fn load_id_forms(&self) -> Result<(), VaultError> {
        let registered = schemas::schemas(&mut self.store.records().read().await?).await?;
        let forms = IdForms::of(registered.values())?;
        *self.id_forms.write().unwrap_or_else(PoisonError::into_inner) = forms;
        Ok(())
    }
}
