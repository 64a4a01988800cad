//! Random schemas: a few attributes of every kind, with and without bounds.

use rand::RngExt;
use rand::rngs::StdRng;
use std::fmt::Write;

/// Whose record a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Person,
    Household,
    /// Each member's, in source 1 or 2.
    Member(usize),
}

/// A schema with what expressions need to know of it.
#[derive(Debug, Clone)]
pub(super) struct RandomSchema {
    /// How the policy calls the source.
    pub source: &'static str,
    pub whose: Whose,
    pub text: String,
    pub attributes: Vec<RandomAttribute>,
}

#[derive(Debug, Clone)]
pub(super) struct RandomAttribute {
    pub name: String,
    pub kind: RandomKind,
    /// Number of values of a repeated attribute.
    pub repeat: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RandomKind {
    Text,
    Date,
    Day,
    Boolean,
    Enum(usize),
    /// Unit, and the bounds if stated.
    Number(&'static str, Option<(i64, i64)>),
    /// Currency.
    Money(&'static str, Option<(i64, i64)>),
}

/// Bounds that make lines short, long, one-sided, or almost as wide as the machine takes.
const BOUNDS: [(i64, i64); 6] = [
    (0, 1),
    (0, 20),
    (-1000, 1000),
    (0, 100_000_000),
    (-1_000_000_000_000, 1_000_000_000_000),
    (1 - (1 << 53), (1 << 53) - 1),
];

/// The values of an enum of `n` values.
pub(super) fn enum_values(n: usize) -> Vec<String> {
    ["north", "east", "south", "west", "harbour"][..n].iter().map(|v| (*v).to_owned()).collect()
}

impl RandomSchema {
    pub fn draw(rng: &mut StdRng, whose: Whose) -> Self {
        let (source, prefix, most) = match whose {
            Whose::Person => ("registry", "a", 9),
            Whose::Household => ("household", "h", 4),
            Whose::Member(1) => ("registry", "x", 5),
            Whose::Member(_) => ("tax", "y", 5),
        };
        let mut attributes = Vec::new();
        for i in 0..rng.random_range(3..=most) {
            let kind = random_kind(rng);
            let repeat = match kind {
                RandomKind::Number(..) | RandomKind::Money(..) if rng.random_ratio(1, 5) => {
                    Some(rng.random_range(2..=4))
                }
                _ => None,
            };
            // both of a member's records may have the attribute
            let shared = matches!(whose, Whose::Member(_)) && i == 0;
            let name = if shared { "both".to_owned() } else { format!("{prefix}{i}") };
            attributes.push(RandomAttribute { name, kind, repeat });
        }
        let text = schema_text(source, whose, &attributes);
        Self { source, whose, text, attributes }
    }
}

fn random_kind(rng: &mut StdRng) -> RandomKind {
    let bounds = |rng: &mut StdRng| rng.random_ratio(4, 5).then(|| BOUNDS[rng.random_range(0..BOUNDS.len())]);
    match rng.random_range(0..10) {
        0 => RandomKind::Text,
        1 | 2 => RandomKind::Date,
        3 => RandomKind::Day,
        4 => RandomKind::Boolean,
        5 => RandomKind::Enum(rng.random_range(2..=5)),
        6 | 7 => RandomKind::Number(["", "children"][rng.random_range(0..2)], bounds(rng)),
        _ => RandomKind::Money(["EUR", "EUR", "USD"][rng.random_range(0..3)], bounds(rng)),
    }
}

fn schema_text(name: &str, whose: Whose, attributes: &[RandomAttribute]) -> String {
    let mut text = format!("name = \"{name}\"\n");
    if whose == Whose::Household {
        text += "household = true\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n";
        for i in 1..=8 {
            // writing to a string can't fail
            let _ = write!(text, "[[attribute]]\nname = \"member_{i}\"\nkind = \"member\"\n");
        }
    }
    for attribute in attributes {
        let _ = write!(text, "[[attribute]]\nname = \"{}\"\n", attribute.name);
        let bounds =
            |bounds: &Option<(i64, i64)>| bounds.map_or_else(String::new, |(a, b)| format!("min = {a}\nmax = {b}\n"));
        text += &match &attribute.kind {
            RandomKind::Text => "kind = \"text\"\n".to_owned(),
            RandomKind::Date => "kind = \"date\"\n".to_owned(),
            RandomKind::Day => "kind = \"day-number\"\n".to_owned(),
            RandomKind::Boolean => "kind = \"boolean\"\n".to_owned(),
            RandomKind::Enum(n) => format!("kind = \"enum\"\nvalues = {:?}\n", enum_values(*n)),
            RandomKind::Number("", b) => format!("kind = \"integer\"\n{}", bounds(b)),
            RandomKind::Number(unit, b) => format!("kind = \"integer\"\nunit = \"{unit}\"\n{}", bounds(b)),
            RandomKind::Money(currency, b) => format!("kind = \"money\"\ncurrency = \"{currency}\"\n{}", bounds(b)),
        };
        if let Some(repeat) = attribute.repeat {
            let _ = writeln!(text, "repeat = {repeat}");
        }
    }
    text
}
