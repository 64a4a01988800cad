//! The law's constants as tables: each value once, beside what it is for.

use super::in_order_of_file;
use super::page::{Block, Section, Table};
use super::phrase::numbers::day;
use super::phrase::{BracketTable, Index, Phrases, innermost};
use crate::language::ParameterText;
use cel::common::ast::{CallExpr, Expr, operators};
use sealroot_protocol::language::Language;

/// Constants with one value for each of several things.
struct Values {
    /// What each column of keys is.
    headings: Vec<String>,
    keys: Vec<Vec<String>>,
    /// The days for which the law fixes them.
    days: Option<String>,
    /// Each constant's title and its values.
    columns: Vec<(String, Vec<String>)>,
}

impl Values {
    /// Whether both have values for the same things on the same days, so that one table says them.
    fn is_beside(&self, other: &Self) -> bool {
        (&self.headings, &self.keys, &self.days) == (&other.headings, &other.keys, &other.days)
    }

    fn table(self, language: Language) -> Table {
        let several = self.columns.len() > 1;
        let title = match self.columns.as_slice() {
            [(title, _)] => title.clone(),
            _ => match language {
                Language::En => format!("by {}", self.headings.join(" and ")),
                Language::Zh => format!("按{}", self.headings.join("和")),
            },
        };
        let caption = match (self.days, language) {
            (None, _) => title,
            (Some(days), Language::En) => format!("{title} ({days})"),
            (Some(days), Language::Zh) => format!("{title}（{days}）"),
        };
        let columns = self.columns.iter().map(|(title, _)| match several {
            true => title.clone(),
            false => language.say("value", "数值").to_owned(),
        });
        let header = self.headings.into_iter().chain(columns).collect();
        let row = |(i, keys): (usize, Vec<String>)| {
            keys.into_iter().chain(self.columns.iter().map(|(_, cells)| cells[i].clone())).collect()
        };
        let rows = self.keys.into_iter().enumerate().map(row).collect();
        Table { caption: Some(caption), header, rows }
    }
}

/// A column of keys.
struct Column {
    /// What it is: all that points into the list with these numbers or values.
    headings: Vec<String>,
    /// What the first entry is for.
    first: i128,
    /// The values of the enum that points, in the schema's order.
    values: Vec<String>,
    /// The enum that points.
    attribute: Option<String>,
}

/// Where a value stands in a constant.
struct Path<'a> {
    name: &'a str,
    parameter: &'a ParameterText,
    levels: &'a [Vec<Column>],
    depth: usize,
    keys: Vec<String>,
}

impl Phrases<'_> {
    /// The section of constants; none where a policy has no constants.
    pub(super) fn constants(&self) -> Option<Section> {
        let l = self.language;
        let mut single = Table::default();
        let mut tables: Vec<Values> = Vec::new();
        let all = in_order_of_file(&self.compiled.text.parameters);
        let dated = all.iter().any(|(_, p)| p.from.is_some() || p.until.is_some());
        for (name, parameter) in &all {
            // a bracket table has them, unless something points into them, too
            if !self.is_indexed(name) && self.brackets.iter().any(|table| table.constants.iter().any(|c| c == name)) {
                continue;
            }
            match self.values(name, parameter) {
                Some(values) => match tables.iter_mut().find(|known| known.is_beside(&values)) {
                    Some(known) => known.columns.extend(values.columns),
                    None => tables.push(values),
                },
                None => {
                    let value = self.value(name, parameter, parameter.value.get_ref());
                    let mut row = vec![self.own(&parameter.title, name), value];
                    row.extend(dated.then(|| self.days_of(parameter).unwrap_or_else(|| "–".to_owned())));
                    single.rows.push(row);
                }
            }
        }
        let mut blocks = Vec::new();
        if !single.rows.is_empty() {
            single.header = vec![l.say("what", "名称").to_owned(), l.say("value", "数值").to_owned()];
            single.header.extend(dated.then(|| l.say("fixed for", "适用期间").to_owned()));
            blocks.push(Block::Table(single));
        }
        blocks.extend(tables.into_iter().map(|values| Block::Table(values.table(l))));
        blocks.extend(self.brackets.iter().map(|bracket| Block::Table(self.bracket_table(bracket))));
        let heading = l.say("Amounts and numbers that the law fixes", "法定金额与数值").to_owned();
        (!blocks.is_empty()).then_some(Section { heading: Some(heading), blocks })
    }

    /// A row for each bracket: from where to where, and what it says.
    fn bracket_table(&self, bracket: &BracketTable) -> Table {
        let l = self.language;
        let title = bracket.name.clone();
        let valued_by = bracket.valued_by.as_deref().and_then(|name| self.parameter(name));
        let caption = match (valued_by.and_then(|values| self.days_of(values)), l) {
            (None, _) => title.clone(),
            (Some(days), Language::En) => format!("{title} ({days})"),
            (Some(days), Language::Zh) => format!("{title}（{days}）"),
        };
        let what = match bracket.valued_by {
            Some(_) => title,
            None => l.say("value", "数值").to_owned(),
        };
        let rows = bracket.ranges(l).into_iter().zip(&bracket.values);
        let rows = rows.map(|(range, value)| vec![range, value.clone()]).collect();
        let of = bracket.of.join(l.say(" or ", "或"));
        Table { caption: Some(caption), header: vec![of, what], rows }
    }

    /// The days for which the law fixes a value.
    fn days_of(&self, parameter: &ParameterText) -> Option<String> {
        let l = self.language;
        match (parameter.from, parameter.until, l) {
            (None, None, _) => None,
            (Some(from), None, Language::En) => Some(format!("from {from}")),
            (None, Some(until), Language::En) => Some(format!("until {until}")),
            (Some(from), Some(until), Language::En) => Some(format!("{from} to {until}")),
            (Some(from), None, Language::Zh) => Some(format!("自{}起", day(l, from))),
            (None, Some(until), Language::Zh) => Some(format!("至{}止", day(l, until))),
            (Some(from), Some(until), Language::Zh) => Some(format!("{}至{}", day(l, from), day(l, until))),
        }
    }

    /// A constant that has a value for each of several things.
    fn values(&self, name: &str, parameter: &ParameterText) -> Option<Values> {
        let value = parameter.value.get_ref();
        let levels = self.levels(name, depth(value));
        let has_keys = match value {
            toml::Value::Table(_) => true,
            toml::Value::Array(_) => self.is_indexed(name),
            _ => false,
        };
        has_keys.then_some(())?;
        let mut rows = Vec::new();
        let mut path = Path { name, parameter, levels: &levels, depth: 0, keys: Vec::new() };
        self.rows(&mut path, value, &mut rows);
        let (keys, cells) = rows.into_iter().unzip();
        let or = self.language.say(" or ", "或");
        let headings = levels.iter().flatten().map(|column| column.headings.join(or)).collect();
        Some(Values {
            headings,
            keys,
            days: self.days_of(parameter),
            columns: vec![(self.own(&parameter.title, name), cells)],
        })
    }

    fn rows(&self, path: &mut Path<'_>, value: &toml::Value, rows: &mut Vec<(Vec<String>, String)>) {
        let columns = path.levels.get(path.depth).map_or(&[][..], Vec::as_slice);
        let entries: Vec<(Vec<String>, &toml::Value)> = match value {
            toml::Value::Table(entries) => {
                let column = columns.first();
                let mut entries: Vec<_> = entries.iter().collect();
                let place = |key: &String| column.and_then(|c| c.values.iter().position(|value| value == key));
                entries.sort_by_key(|(key, _)| place(key));
                let title = |key: &String| self.value_title(column.and_then(|c| c.attribute.as_deref()), key);
                entries.into_iter().map(|(key, value)| (vec![title(key)], value)).collect()
            }
            toml::Value::Array(values) => {
                let place = |i: i128| columns.iter().map(|column| (column.first + i).to_string()).collect();
                (0..).map(place).zip(values).collect()
            }
            value => {
                rows.push((path.keys.clone(), self.value(path.name, path.parameter, value)));
                return;
            }
        };
        for (keys, value) in entries {
            let before = path.keys.len();
            path.keys.extend(keys);
            path.depth += 1;
            self.rows(path, value, rows);
            path.depth -= 1;
            path.keys.truncate(before);
        }
    }

    /// What the file points into each level of a list or table with. What counts from another number has a column of its own.
    fn levels(&self, name: &str, depth: usize) -> Vec<Vec<Column>> {
        let l = self.language;
        let mut levels: Vec<Vec<Column>> = (0..depth).map(|_| Vec::new()).collect();
        // places that are written say nothing of the others: they are for lists into which nothing else points
        for written in [false, true] {
            self.compiled.each_expression(&mut |e| {
                let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return };
                let (true, [list, index]) = (func_name == operators::INDEX, args.as_slice()) else { return };
                let (table, mut indices) = innermost(list);
                indices.push(index);
                // of table[a][b] the part table[a] is visited, too
                if indices.len() != depth || !matches!(&table.expr, Expr::Ident(table) if table == name) {
                    return;
                }
                for (columns, index) in levels.iter_mut().zip(indices) {
                    let index = self.index(index);
                    if index.heading.is_none() == written && (!written || columns.is_empty()) {
                        add(l, columns, index);
                    }
                }
            });
        }
        for columns in levels.iter_mut().filter(|columns| columns.is_empty()) {
            let heading = l.say("for", "对应项").to_owned();
            columns.push(Column { headings: vec![heading], first: 0, values: Vec::new(), attribute: None });
        }
        levels
    }
}

/// Adds a column, or a further name to the column that has the same numbers or values.
fn add(language: Language, columns: &mut Vec<Column>, index: Index) {
    let heading = match index.heading {
        Some(words) => words.strip_prefix("the ").map(str::to_owned).unwrap_or(words),
        None if index.first.is_some() => language.say("number", "序号").to_owned(),
        None => language.say("for", "对应项").to_owned(),
    };
    let first = index.first.unwrap_or(0);
    match columns.iter_mut().find(|column| column.first == first && column.values == index.values) {
        Some(known) if known.headings.contains(&heading) => {}
        Some(known) => known.headings.push(heading),
        None => {
            columns.push(Column { headings: vec![heading], first, values: index.values, attribute: index.attribute })
        }
    }
}

/// How many indices lead to a value.
fn depth(value: &toml::Value) -> usize {
    match value {
        toml::Value::Array(values) => 1 + values.first().map_or(0, depth),
        toml::Value::Table(entries) => 1 + entries.values().next().map_or(0, depth),
        _ => 0,
    }
}
