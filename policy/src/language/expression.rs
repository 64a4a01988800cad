//! CEL expressions of a policy file: parsed, with every node's place in the file, and two rewritings that both the
//! compiler and cel's own interpreter read.
//!
//! `floor(a / b)`, `ceil(a / b)` and `round_half_up(a / b)` become calls of two arguments, because `/` alone truncates in
//! CEL; `source.attribute` becomes `attribute`.

use super::diagnostic::{Diagnostic, Finding, Located};
use cel::common::ast::{CallExpr, Expr, IdedExpr, SourceInfo, operators};
use cel::parser::Parser;
use sealroot_protocol::printable::quoted;
use toml::Spanned;

/// Deepest nesting of an expression.
const MAX_DEPTH: u16 = 48;
/// Longest expression, in bytes.
const MAX_LENGTH: usize = 4096;

/// The rounding calls.
pub(crate) const ROUNDINGS: [&str; 3] = ["floor", "ceil", "round_half_up"];

/// A parsed expression.
pub(crate) struct Expression {
    pub ast: IdedExpr,
    info: SourceInfo,
    /// Byte offset of the expression's first character in the file, and whether its characters stand there unescaped.
    start: usize,
    verbatim: bool,
}

impl Expression {
    /// Parses CEL that stands in a policy file.
    pub fn parse(located: Located<'_>, source: &Spanned<String>, source_names: &[String]) -> Result<Self, Diagnostic> {
        let text = source.get_ref();
        let raw = located.text.get(source.span()).unwrap_or_default();
        let quotes = if raw.starts_with("\"\"\"") || raw.starts_with("'''") { 3 } else { 1 };
        let newline = if quotes == 3 && raw[quotes..].starts_with('\n') { 1 } else { 0 };
        let content = raw.get(quotes + newline..raw.len().saturating_sub(quotes)).unwrap_or_default();
        let mut expression = Self {
            ast: IdedExpr::default(),
            info: SourceInfo::default(),
            start: source.span().start + quotes + newline,
            verbatim: content == text,
        };
        if text.len() > MAX_LENGTH {
            let finding = Finding::new(format!("the expression has {} bytes; at most {MAX_LENGTH} fit", text.len()));
            return Err(located.at(expression.start, finding.help("name parts of it under [definition]")));
        }
        let parsed = Parser::new().max_recursion_depth(MAX_DEPTH).parse_with_source_info(text);
        let (ast, info) = parsed.map_err(|errors| {
            let first = errors.errors.first();
            let message = first.map_or_else(|| "nothing is there".to_owned(), |e| in_words(&e.msg));
            let (line, column) = first.map_or((1, 1), |e| e.pos);
            let offset = offset_of(text, line, column);
            let finding = Finding::new(format!("not a CEL expression: {message}"));
            // The parser stops where it understands no more, which is behind what was written in another language.
            match other_language(text) {
                Some((at, help)) => located.at(expression.place(at), finding.help(help)),
                None => located.at(expression.place(offset), finding),
            }
        })?;
        expression.ast = rewrite(ast, source_names);
        expression.info = info;
        Ok(expression)
    }

    /// Byte offset in the file of a node.
    pub fn offset(&self, id: u64) -> usize {
        // cel counts characters
        let characters = self.info.offset_for(id).map_or(0, |(start, _)| start as usize);
        let text = &self.info.source;
        self.place(text.char_indices().nth(characters).map_or(text.len(), |(i, _)| i))
    }

    fn place(&self, offset: usize) -> usize {
        if self.verbatim { self.start + offset } else { self.start }
    }
}

/// What the parser of CEL says, in words: it names the tokens of its grammar, which tell an author nothing.
fn in_words(message: &str) -> String {
    let message = message.trim_start_matches("Syntax error: ");
    let at = |rest: &str| {
        let found = rest.split_once('\'').and_then(|(_, rest)| rest.rsplit_once('\'')).map_or("", |(found, _)| found);
        let found = found.split("' expecting").next().unwrap_or_default();
        if found == "<EOF>" {
            "the expression ends too early".to_owned()
        } else {
            format!("{} can't stand here", quoted(found.trim_end_matches("<EOF>")))
        }
    };
    let wrong =
        ["mismatched input ", "extraneous input ", "no viable alternative at input ", "token recognition error at: "];
    match wrong.iter().find_map(|start| message.strip_prefix(start)) {
        Some(rest) => at(rest),
        None if message.starts_with("missing ") => "something is missing here, such as a bracket or a comma".to_owned(),
        None => message.to_owned(),
    }
}

/// The first thing that is said otherwise in CEL, with what to write: other notations have words or one sign for it.
fn other_language(text: &str) -> Option<(usize, String)> {
    let mut quote = None;
    let mut word = String::new();
    let mut before = ' ';
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if let Some(open) = quote {
            if c == open && before != '\\' {
                quote = None;
            }
            before = c;
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
        } else {
            let sign = match word.to_ascii_lowercase().as_str() {
                "and" => Some("&&"),
                "or" => Some("||"),
                "not" => Some("!"),
                _ => None,
            };
            if let Some(sign) = sign {
                return Some((at - word.len(), format!("write {sign} instead of {word}")));
            }
            word.clear();
        }
        let next = text[at..].chars().nth(1).unwrap_or(' ');
        let instead = match (before, c, next) {
            ('=' | '<' | '>' | '!', '=', _) | (_, '=', '=') => None,
            (_, '=', _) => Some("write == to compare, = means nothing here".to_owned()),
            (_, '<', '>') | (_, '≠', _) => Some("write != for what is not equal".to_owned()),
            (_, '≤', _) => Some("write <= for at most".to_owned()),
            (_, '≥', _) => Some("write >= for at least".to_owned()),
            (_, '“' | '”' | '„', _) => Some("write straight quotation marks: \"…\" or '…'".to_owned()),
            _ => None,
        };
        if let Some(help) = instead {
            return Some((at, help));
        }
        if matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        before = c;
    }
    None
}

/// Visits an expression and all its parts.
pub(crate) fn visit<'e>(e: &'e IdedExpr, visitor: &mut dyn FnMut(&'e IdedExpr)) {
    visitor(e);
    match &e.expr {
        Expr::Select(select) => visit(&select.operand, visitor),
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).for_each(|part| visit(part, visitor)),
        Expr::List(list) => list.elements.iter().for_each(|part| visit(part, visitor)),
        Expr::Comprehension(expansion) => {
            visit(&expansion.iter_range, visitor);
            visit(&expansion.loop_step, visitor);
        }
        Expr::Ident(_) | Expr::Literal(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => {}
    }
}

/// Byte offset of a 1-based line and column.
fn offset_of(text: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    text[start..].char_indices().nth(column).map_or(text.len(), |(i, _)| start + i)
}

fn rewrite(mut expression: IdedExpr, source_names: &[String]) -> IdedExpr {
    expression.expr = match expression.expr {
        Expr::Select(select)
            if !select.test && matches!(&select.operand.expr, Expr::Ident(name) if source_names.contains(name)) =>
        {
            Expr::Ident(select.field)
        }
        Expr::Select(mut select) => {
            select.operand = Box::new(rewrite(*select.operand, source_names));
            Expr::Select(select)
        }
        Expr::Call(call) => Expr::Call(rewrite_call(call, source_names)),
        Expr::Comprehension(mut expansion) => {
            let again = |e: &mut IdedExpr| *e = rewrite(std::mem::take(e), source_names);
            again(&mut expansion.iter_range);
            again(&mut expansion.accu_init);
            again(&mut expansion.loop_cond);
            again(&mut expansion.loop_step);
            again(&mut expansion.result);
            Expr::Comprehension(expansion)
        }
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(|e| rewrite(e, source_names)).collect();
            Expr::List(list)
        }
        other => other,
    };
    expression
}

fn rewrite_call(mut call: CallExpr, source_names: &[String]) -> CallExpr {
    if call.target.is_none() && ROUNDINGS.contains(&call.func_name.as_str()) && call.args.len() == 1 {
        let divides = matches!(&call.args[0].expr, Expr::Call(inner) if inner.func_name == operators::DIVIDE);
        if divides && let Some(IdedExpr { expr: Expr::Call(division), .. }) = call.args.pop() {
            call.args = division.args;
        }
    }
    call.target = call.target.map(|e| Box::new(rewrite(*e, source_names)));
    call.args = call.args.into_iter().map(|e| rewrite(e, source_names)).collect();
    call
}

#[cfg(test)]
mod word_tests {
    use super::{in_words, other_language};

    /// What a rule is in other notations; and what looks so and is CEL, or stands in a text.
    #[test]
    fn what_other_notations_write_is_answered_with_what_cel_writes() {
        for (text, at, write) in [
            ("income <= 10 AND employed", 13, "&&"),
            ("income <= 10 and employed", 13, "&&"),
            ("employed or income == 0", 9, "||"),
            ("not employed", 0, "!"),
            ("income = 0", 7, "=="),
            ("name == \"a = b\" and employed", 16, "&&"),
            ("income <> 0", 7, "!="),
            ("income ≤ 10", 7, "<="),
            ("district == “north”", 12, "straight"),
        ] {
            let (found, help) = other_language(text).unwrap_or_default();
            assert!(found == at && help.contains(write), "{text}: {found} {help}");
        }
        for text in ["a <= b && c >= d || e != f && g == h", "\"x and y = z\" == name", "android < order", "a &&"] {
            assert_eq!(other_language(text), None, "{text}");
        }
    }

    #[test]
    fn the_parser_of_cel_speaks_in_words() {
        for (raw, words) in [
            ("Syntax error: mismatched input '<EOF>' expecting {'[', '{', '('}", "the expression ends too early"),
            ("Syntax error: extraneous input ')' expecting <EOF>", "\")\" can't stand here"),
            ("Syntax error: no viable alternative at input 'a b'", "\"a b\" can't stand here"),
            ("Syntax error: token recognition error at: '§'", "\"§\" can't stand here"),
            ("Syntax error: missing ')' at '<EOF>'", "something is missing here, such as a bracket or a comma"),
        ] {
            assert_eq!(in_words(raw), words);
        }
    }
}
