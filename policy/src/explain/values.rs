//! The law's constants as tables: each value once, beside what it is for.

use super::in_order_of_file;
use super::page::{Block, Section, Table};
use super::phrase::numbers::day;
use super::phrase::{Index, Phrases, innermost};
use crate::language::ParameterText;
use cel::common::ast::{CallExpr, Expr, operators};
use sealroot_protocol::language::Language;
use sealroot_protocol::printable::printable;

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

/// Two lists of one bracket table.
struct Bracket {
    bounds: String,
    values: String,
    /// What lies in the brackets, in words.
    of: String,
}

/// Where a value stands in a constant.
struct Path<'a> {
    name: &'a str,
    parameter: &'a ParameterText,
    indices: &'a [Index],
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
        let brackets = self.bracket_tables();
        for (name, parameter) in &all {
            if brackets.iter().any(|bracket| bracket.bounds == **name || bracket.values == **name) {
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
        blocks.extend(brackets.iter().filter_map(|bracket| self.bracket_table(bracket)).map(Block::Table));
        let heading = l.say("Amounts and numbers that the law fixes", "法定金额与数值").to_owned();
        (!blocks.is_empty()).then_some(Section { heading: Some(heading), blocks })
    }

    /// The bracket tables of `marginal` and `step` that are made of two named lists, each once.
    fn bracket_tables(&self) -> Vec<Bracket> {
        let mut brackets: Vec<Bracket> = Vec::new();
        self.compiled.each_expression(&mut |e| {
            let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return };
            let ("marginal" | "step", [of, bounds, values]) = (func_name.as_str(), args.as_slice()) else { return };
            let (Expr::Ident(bounds), Expr::Ident(values)) = (&bounds.expr, &values.expr) else { return };
            let (known, other) = (self.parameter(bounds).is_some(), self.parameter(values).is_some());
            if known && other && !brackets.iter().any(|b| b.bounds == *bounds && b.values == *values) {
                let of = self.words(of);
                brackets.push(Bracket { bounds: bounds.clone(), values: values.clone(), of });
            }
        });
        brackets
    }

    /// A row for each bracket: from where to where, and what it says.
    fn bracket_table(&self, bracket: &Bracket) -> Option<Table> {
        let l = self.language;
        let (bounds, values) = (self.parameter(&bracket.bounds)?, self.parameter(&bracket.values)?);
        let cells = |name: &str, parameter: &ParameterText| -> Option<Vec<String>> {
            let all = parameter.value.get_ref().as_array()?;
            Some(all.iter().map(|value| self.value(name, parameter, value)).collect())
        };
        let (starts, says) = (cells(&bracket.bounds, bounds)?, cells(&bracket.values, values)?);
        let ends = starts.iter().skip(1).map(Some).chain([None]);
        let rows = starts.iter().zip(ends).zip(says).map(|((from, to), value)| {
            let range = match (to, l) {
                (Some(to), Language::En) => format!("from {from} to below {to}"),
                (None, Language::En) => format!("from {from}"),
                (Some(to), Language::Zh) => format!("{from}以上、不足 {to}"),
                (None, Language::Zh) => format!("{from}以上"),
            };
            vec![range, value]
        });
        let title = self.own(&values.title, &bracket.values);
        let caption = match (self.days_of(values), l) {
            (None, _) => title.clone(),
            (Some(days), Language::En) => format!("{title} ({days})"),
            (Some(days), Language::Zh) => format!("{title}（{days}）"),
        };
        Some(Table { caption: Some(caption), header: vec![bracket.of.clone(), title], rows: rows.collect() })
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
        let l = self.language;
        let value = parameter.value.get_ref();
        let indices = self.indices(name);
        let has_keys = match value {
            toml::Value::Table(_) => true,
            toml::Value::Array(_) => !indices.is_empty(),
            _ => false,
        };
        has_keys.then_some(())?;
        let mut rows = Vec::new();
        let mut path = Path { name, parameter, indices: &indices, keys: Vec::new() };
        self.rows(&mut path, value, &mut rows);
        let depth = rows.first().map_or(1, |(keys, _)| keys.len());
        let heading = |i: usize| {
            let words = indices.get(i).map_or_else(|| l.say("for", "对应项").to_owned(), |index| index.words.clone());
            words.strip_prefix("the ").map(str::to_owned).unwrap_or(words)
        };
        let (keys, cells) = rows.into_iter().unzip();
        Some(Values {
            headings: (0..depth).map(heading).collect(),
            keys,
            days: self.days_of(parameter),
            columns: vec![(self.own(&parameter.title, name), cells)],
        })
    }

    fn rows(&self, path: &mut Path<'_>, value: &toml::Value, rows: &mut Vec<(Vec<String>, String)>) {
        let index = path.indices.get(path.keys.len());
        let entries: Vec<(String, &toml::Value)> = match value {
            toml::Value::Table(entries) => {
                let mut entries: Vec<_> = entries.iter().map(|(key, value)| (key.clone(), value)).collect();
                let place = |key: &String| index.and_then(|index| index.values.iter().position(|value| value == key));
                entries.sort_by_key(|(key, _)| place(key));
                entries
            }
            toml::Value::Array(values) => {
                let first = index.and_then(|index| index.first).unwrap_or(0);
                (first..).zip(values).map(|(i, value)| (i.to_string(), value)).collect()
            }
            value => {
                rows.push((path.keys.clone(), self.value(path.name, path.parameter, value)));
                return;
            }
        };
        for (key, value) in entries {
            path.keys.push(printable(&key));
            self.rows(path, value, rows);
            path.keys.pop();
        }
    }

    /// What the file points into a list or table with: of each level, if all uses say the same.
    fn indices(&self, name: &str) -> Vec<Index> {
        let mut found: Option<Vec<Index>> = None;
        let mut same = true;
        self.compiled.each_expression(&mut |e| {
            let Expr::Call(CallExpr { func_name, args, .. }) = &e.expr else { return };
            let (true, [list, index]) = (func_name == operators::INDEX, args.as_slice()) else { return };
            let (table, mut indices) = innermost(list);
            if !matches!(&table.expr, Expr::Ident(table) if table == name) {
                return;
            }
            indices.push(index);
            let indices: Vec<Index> = indices.into_iter().map(|index| self.index(index)).collect();
            match &found {
                // of table[a][b] the part table[a] is visited, too
                Some(known) if known.len() > indices.len() => {}
                Some(known) if *known != indices => same = false,
                _ => found = Some(indices),
            }
        });
        let mut indices = found.unwrap_or_default();
        if !same {
            indices.iter_mut().for_each(|index| {
                index.words = self.language.say("for", "对应项").to_owned();
            });
        }
        indices
    }
}
