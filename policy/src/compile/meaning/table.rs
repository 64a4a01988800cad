//! Tables: `list[i]`, `table[e]`, and tables of two dimensions, `table[a][b]`.

use super::lower::{At, Lowered, Lowering};
use super::value::Value;
use crate::compile::rules::Linear;
use crate::language::{Finding, Unit};
use cel::common::ast::IdedExpr;
use sealroot_protocol::printable::{counted, quoted};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Most entries of a table that a computed index may point at.
const MAX_TABLE: i128 = 64;

impl Lowering<'_> {
    /// `list[i]`, `table[e]`.
    pub(crate) fn indexed(&mut self, list: &IdedExpr, index: &IdedExpr, id: u64) -> Lowered<Value> {
        match (self.value(list)?, self.value(index)?) {
            (Value::Rows(rows), Value::Integer(x, Unit::Enum(values))) => {
                let rows = by_ordinal(&rows, &values).at(list.id)?;
                Ok(Value::Row { index: x, rows })
            }
            (Value::Rows(rows), Value::Literal(text)) => match rows.get(&text) {
                Some(row) => Ok(row.clone()),
                None => Err(Finding::new(format!("the table has no {}", quoted(&text)))).at(index.id),
            },
            (Value::Row { index: row, rows }, column) => self.cell(&row, &rows, column, list, index, id),
            (Value::Table(entries, unit), Value::Integer(x, Unit::Enum(values))) => {
                let table = by_ordinal(&entries, &values).at(list.id)?;
                Ok(Value::Integer(self.graph.lookup(&x, 0, &table).at(id)?, unit))
            }
            (Value::Table(entries, unit), Value::Literal(text)) => match entries.get(&text) {
                Some(entry) => Ok(Value::Integer(Linear::constant(*entry), unit)),
                None => Err(Finding::new(format!("the table has no {}", quoted(text)))).at(index.id),
            },
            (Value::Table(..) | Value::Rows(_), other) => {
                let message = format!("a table is read at an enum's value, this is {}", other.describe());
                Err(Finding::new(message)).at(index.id)
            }
            (Value::List(values), Value::Integer(x, Unit::Literal | Unit::Plain | Unit::Named(_))) => {
                let (low, high) = self.graph.range(&x).at(index.id)?;
                let count = i128::try_from(values.len()).unwrap_or(0);
                if low >= 0 && high < count && high - low >= MAX_TABLE {
                    let message = format!(
                        "this index can be one of {}, and a computed one of at most {MAX_TABLE}",
                        high - low + 1
                    );
                    return Err(Finding::new(message).help("have the agency record a coarser class")).at(index.id);
                }
                if low < 0 || high >= count {
                    let message =
                        format!("this index can be between {low} and {high}; the list has 0 to {}", count - 1);
                    return Err(Finding::new(message).help("bound it with min or max, or lengthen the list"))
                        .at(index.id);
                }
                // low and high are within the list
                let (first, last) = (usize::try_from(low).unwrap_or(0), usize::try_from(high).unwrap_or(0));
                if first == last {
                    return Ok(values[first].clone());
                }
                let values = &values[first..=last];
                if values.iter().any(|value| matches!(value, Value::List(_) | Value::Table(..))) {
                    return Ok(Value::Row { index: x.plus_constant(-low).at(id)?, rows: values.to_vec() });
                }
                self.looked_up(&x, low, values, id)
            }
            (Value::List(_), other) => {
                Err(Finding::new(format!("an index is a number, this is {}", other.describe()))).at(index.id)
            }
            (other, _) => {
                Err(Finding::new(format!("{} has no entries", other.describe()))
                    .help("a list or a table parameter has"))
                .at(list.id)
            }
        }
    }

    fn looked_up(&mut self, index: &Linear, low: i128, values: &[Value], id: u64) -> Lowered<Value> {
        let mut table = Vec::new();
        let mut common: Option<Unit> = None;
        for value in values {
            match value {
                Value::Integer(line, unit) if line.as_constant().is_some() => {
                    let unified = common.as_ref().map_or(Ok(unit.clone()), |c| c.unify(unit, (false, false)));
                    common = Some(unified.at(id)?);
                    table.push(line.constant);
                }
                other => {
                    let message = format!("a computed index reads constants, and this list holds {}", other.describe());
                    return Err(Finding::new(message).help("write numbers or parameters")).at(id);
                }
            }
        }
        let line = self.graph.lookup(index, low, &table).at(id)?;
        Ok(Value::Integer(line, common.unwrap_or(Unit::Plain)))
    }

    /// The entry of a row that a fact chooses, in a column that another one does: an entry of the rows one after the other.
    fn cell(
        &mut self,
        row: &Linear,
        rows: &[Value],
        column: Value,
        table: &IdedExpr,
        index: &IdedExpr,
        id: u64,
    ) -> Lowered<Value> {
        if let Some(finding) = ragged(rows) {
            return Err(finding).at(table.id);
        }
        let mut cells = Vec::new();
        let mut place: Option<(Linear, usize)> = None;
        for of_row in rows {
            let (at, entries) = match (of_row, &column) {
                (Value::Table(entries, unit), Value::Integer(x, Unit::Enum(values))) => {
                    let entries = by_ordinal(entries, values).at(table.id)?;
                    let constant = |entry: i128| Value::Integer(Linear::constant(entry), unit.clone());
                    (x.clone(), entries.into_iter().map(constant).collect::<Vec<_>>())
                }
                (Value::Table(entries, unit), Value::Literal(text)) => match entries.get(text) {
                    Some(entry) => (Linear::default(), vec![Value::Integer(Linear::constant(*entry), unit.clone())]),
                    None => return Err(Finding::new(format!("a row has no {}", quoted(text)))).at(index.id),
                },
                (Value::List(values), Value::Integer(x, Unit::Literal | Unit::Plain | Unit::Named(_))) => {
                    let (low, high) = self.graph.range(x).at(index.id)?;
                    let count = i128::try_from(values.len()).unwrap_or(0);
                    if low < 0 || high >= count {
                        let message =
                            format!("this index can be between {low} and {high}; a row has 0 to {}", count - 1);
                        let finding = Finding::new(message);
                        return Err(finding.help("bound it with min or max, or lengthen the rows")).at(index.id);
                    }
                    let (first, last) = (usize::try_from(low).unwrap_or(0), usize::try_from(high).unwrap_or(0));
                    (x.plus_constant(-low).at(index.id)?, values[first..=last].to_vec())
                }
                (of_row, column) => {
                    let message = format!("{} is not read at {}", of_row.describe(), column.describe());
                    let finding = Finding::new(message);
                    return Err(finding.help("rows are alike: all lists, or all tables by the same enum")).at(index.id);
                }
            };
            place = Some((at, entries.len()));
            cells.extend(entries);
        }
        let count = i128::try_from(cells.len()).unwrap_or(i128::MAX);
        let Some((at, columns)) = place.filter(|_| count <= MAX_TABLE) else {
            let entries = counted(cells.len(), "entry", "entries");
            let message = format!("this table has {entries}, and a computed one has at most {MAX_TABLE}");
            return Err(Finding::new(message).help("have the agency record a coarser class")).at(table.id);
        };
        let across = i128::try_from(columns).unwrap_or(i128::MAX);
        let whole = row.scale(across).and_then(|rows_before| rows_before.plus(&at)).at(id)?;
        self.looked_up(&whole, 0, &cells, id)
    }
}

/// The first row that isn't as long as the first one: an index that is good for one would point beyond the other.
fn ragged(rows: &[Value]) -> Option<Finding> {
    let length = |row: &Value| match row {
        Value::List(entries) => Some(entries.len()),
        Value::Table(entries, _) => Some(entries.len()),
        _ => None,
    };
    let first = length(rows.first()?)?;
    let entries = |count| counted(count, "entry", "entries");
    rows.iter().enumerate().find_map(|(i, row)| {
        let other = length(row).filter(|other| *other != first)?;
        let message =
            format!("row {} of this table has {}, and the first row has {}", i + 1, entries(other), entries(first));
        Some(Finding::new(message).help("write as many entries in each row; a zero is an entry"))
    })
}

/// A table's entries in the order of the enum's values, which it has all of and no others.
fn by_ordinal<T: Clone>(entries: &BTreeMap<String, T>, values: &Arc<Vec<String>>) -> Result<Vec<T>, Finding> {
    if let Some(strange) = entries.keys().find(|key| !values.contains(key)) {
        let finding = Finding::new(format!("the table has {}, which is no value of the attribute", quoted(strange)));
        return Err(finding.help(format!("its values are {}", values.join(", "))));
    }
    let entry = |value: &String| entries.get(value).cloned();
    values
        .iter()
        .map(|v| entry(v).ok_or_else(|| Finding::new(format!("the table has no entry for {}", quoted(v)))))
        .collect()
}
