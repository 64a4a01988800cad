//! A policy text with its schemas, before it is compiled.

use super::version::Forms;
use crate::language::{Diagnostics, Finding, Located, PolicyText, SourceText};
use sealroot_protocol::machine::Shape;
use sealroot_protocol::printable::{counted, quoted};
use sealroot_protocol::schema::Schema;

/// A schema that a policy asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaRequest<'a> {
    /// Which source, counted from 0; an auditor gives the document's schema of the same position.
    pub source: usize,
    /// What the policy text calls it: a file beside it, usually.
    pub reference: &'a str,
}

/// A policy text with the schema of each source.
pub(crate) struct Draft<'a> {
    pub located: Located<'a>,
    pub text: &'a PolicyText,
    pub schemas: &'a [Schema],
    pub forms: Forms,
}

/// Finds the schema of each source, if there are as many sources as the shape has.
pub(crate) fn resolve_schemas(
    located: Located<'_>,
    text: &PolicyText,
    schemas: &dyn Fn(SchemaRequest<'_>) -> Result<Schema, String>,
) -> Result<Vec<Schema>, Diagnostics> {
    let (shape, found) = (*text.shape.get_ref(), text.sources.len());
    let (fits, help) = match shape {
        Shape::Household => ((2..=3).contains(&found), "the household's record, and one or two of each member's"),
        _ => (found == 1, "one record about one person; facts of several agencies are several policies of one program"),
    };
    if !fits {
        let finding =
            Finding::new(format!("the shape {shape} doesn't have {}", counted(found, "source", "sources"))).help(help);
        return Err(Diagnostics(vec![located.at(text.shape.span().start, finding)]));
    }
    let find = |(i, source): (usize, &SourceText)| {
        let reference = source.schema.get_ref();
        schemas(SchemaRequest { source: i, reference }).map_err(|problem| {
            let finding = Finding::new(format!("the schema {} can't be used: {problem}", quoted(reference)));
            Diagnostics(vec![located.at(source.schema.span().start, finding)])
        })
    };
    text.sources.iter().enumerate().map(find).collect()
}
