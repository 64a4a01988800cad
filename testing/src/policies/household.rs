//! A policy of households to write expressions into, with one or two records for each member, and its schemas.

use sealroot_policy::{Compiled, Diagnostics, PolicySource, SchemaRequest, compile};
use sealroot_protocol::schema::Schema;
use std::fmt::Write;

/// The household's own attributes.
const HOUSEHOLD: &str = r#"
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "rent"
kind = "money"
currency = "EUR"
min = 0
max = 10000000
[[attribute]]
name = "district"
kind = "enum"
values = ["north", "south", "harbour"]
[[attribute]]
name = "social"
kind = "boolean"
"#;

const PERSON: &str = r#"
name = "person"
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "born"
kind = "date"
[[attribute]]
name = "resident"
kind = "boolean"
[[attribute]]
name = "role"
kind = "enum"
values = ["parent", "child", "other"]
[[attribute]]
name = "town"
kind = "text"
[[attribute]]
name = "savings"
kind = "money"
currency = "EUR"
min = -100000000
max = 100000000
"#;

const TAX: &str = r#"
name = "tax"
[[attribute]]
name = "identity"
kind = "text"
[[attribute]]
name = "earned"
kind = "money"
currency = "EUR"
min = 0
max = 100000000
[[attribute]]
name = "pay"
kind = "money"
currency = "EUR"
min = 0
max = 1000000
repeat = 3
[[attribute]]
name = "employed"
kind = "boolean"
[[attribute]]
name = "wide"
kind = "integer"
"#;

/// Everything but requirements and outputs. `sources` is 1 or 2: with one, a member's record is of `person`.
pub fn head(sources: usize) -> String {
    let mut text = r#"
id = "test"
version = 1
title = { en = "Test", zh = "测试" }
legal_reference = "none"
shape = "household"
identity = "identity"
nullifier = "record-per-scope"
[in_force]
from = "2026-01-01"
[[source]]
name = "household"
of = "household"
agency = "civil-registry"
schema = "household"
period = "timeless"
[[source]]
name = "person"
of = "member"
agency = "civil-registry"
schema = "person"
period = "timeless"
"#
    .to_owned();
    if sources == 2 {
        text += "[[source]]\nname = \"tax\"\nof = \"member\"\nagency = \"tax-office\"\nschema = \"tax\"\nmonths_before = 12\n";
    }
    text += r#"
[parameter.limit]
value = "1000.00"
unit = "EUR"
[parameter.free]
value = "100.00"
unit = "EUR"
[parameter.by_size]
value = ["500.00", "900.00", "1200.00", "1400.00", "1600.00", "1800.00", "2000.00", "2250.00"]
unit = "EUR"
[parameter.by_district]
value = { north = "50.00", south = "70.00", harbour = "70.00" }
unit = "EUR"
[parameter.towns]
value = ["Northport", "北镇"]
[member.adult]
value = "age(member.born) >= 18"
[member.child]
value = "!member.adult && member.role == 'child'"
[definition.adults]
value = "members.filter(m, m.adult)"
"#;
    text
}

/// A schema by the name under which [`head`] reads it: `household`, `person` or `tax`.
pub fn schema(reference: &str) -> Schema {
    let mut text = match reference {
        "person" => PERSON.to_owned(),
        "tax" => TAX.to_owned(),
        _ => "name = \"household\"\nhousehold = true\n[[attribute]]\nname = \"members\"\nkind = \"integer\"\nmin = 1\nmax = 8\n"
            .to_owned(),
    };
    if reference == "household" {
        for i in 1..=8 {
            write!(text, "[[attribute]]\nname = \"member_{i}\"\nkind = \"member\"\n").unwrap();
        }
        text += HOUSEHOLD;
    }
    Schema::from_toml(&text).unwrap()
}

/// Compiles a whole text over these schemas.
pub fn compile_text(text: String) -> Result<Compiled, Diagnostics> {
    let find = |request: SchemaRequest<'_>| Ok(schema(request.reference));
    compile(&PolicySource { file: "test.policy.toml".to_owned(), text }, &find)
}

/// A requirement as it stands in a policy file.
pub fn requirement(code: &str, when: &str) -> String {
    format!("[[requirement]]\ncode = \"{code}\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n")
}

/// A policy of one requirement, and one output if given.
pub fn policy(sources: usize, when: &str, output: Option<&str>) -> Result<Compiled, Diagnostics> {
    let mut text = head(sources) + &requirement("r", when);
    if let Some(output) = output {
        text += &format!("[[output]]\nname = \"o\"\nvalue = '''{output}'''\ntitle = {{ en = \"o\", zh = \"o\" }}\n");
    }
    compile_text(text)
}
