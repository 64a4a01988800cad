//! A policy of one person to write expressions into, and its schema.

use sealroot_policy::{Compiled, Diagnostics, PolicySource, SchemaRequest, compile};
use sealroot_protocol::schema::Schema;

/// One attribute of every kind and more.
pub const SCHEMA: &str = r#"
name = "facts"
[[attribute]]
name = "id"
kind = "text"
[[attribute]]
name = "street"
kind = "text"
[[attribute]]
name = "mailing_street"
kind = "text"
[[attribute]]
name = "born"
kind = "date"
[[attribute]]
name = "since"
kind = "day-number"
[[attribute]]
name = "employed"
kind = "boolean"
[[attribute]]
name = "student"
kind = "boolean"
[[attribute]]
name = "status"
kind = "enum"
values = ["single", "married", "widowed", "divorced"]
[[attribute]]
name = "children"
kind = "integer"
min = 0
max = 20
unit = "children"
[[attribute]]
name = "balance"
kind = "money"
currency = "EUR"
[[attribute]]
name = "rent"
kind = "money"
currency = "EUR"
min = 0
max = 10000000
[[attribute]]
name = "pay"
kind = "money"
currency = "EUR"
min = 0
max = 100000000
repeat = 3
[[attribute]]
name = "wide"
kind = "integer"
"#;

/// Everything but requirements and outputs: sources, and a parameter of every kind.
pub const HEAD: &str = r#"
id = "test"
version = 1
title = { en = "Test", zh = "测试" }
legal_reference = "none"
shape = "solo"
identity = "id"
nullifier = "holder"
[in_force]
from = "2026-01-01"
[[source]]
name = "registry"
agency = "civil-registry"
schema = "facts"
period = "timeless"
[parameter.limit]
value = "1000.00"
unit = "EUR"
[parameter.free]
value = "100.00"
unit = "EUR"
[parameter.streets]
value = ["High Street", "北街", "Main Street"]
[parameter.half]
value = 50
[parameter.start]
value = "2020-02-29"
unit = "date"
[parameter.ceilings]
value = { single = "500.00", married = "900.00", widowed = "500.00", divorced = "650.01" }
unit = "EUR"
[parameter.steps]
value = ["100.00", "200.00", "300.00", "400.00", "500.00"]
unit = "EUR"
[parameter.irregular]
value = ["100.00", "250.00", "250.00", "300.00", "280.00"]
unit = "EUR"
[parameter.factors]
value = [0, 5, 1, 3]
[parameter.switched]
value = true
[parameter.dollars]
value = "100.00"
unit = "USD"
[parameter.patience]
value = 30
unit = "days"
[parameter.rate]
value = "12.50"
unit = "EUR per child"
[parameter.hourly]
value = "3.00"
unit = "EUR per hour"
[parameter.bounds]
value = ["0.00", "500.00", "1000.00", "2500.00"]
unit = "EUR"
[parameter.percents]
value = [0, 10, 25, 20]
[parameter.amounts]
value = ["0.00", "35.00", "80.00", "20.00"]
unit = "EUR"
[parameter.grid]
value = { single = ["10.00", "20.00", "40.00"], married = ["15.00", "25.00", "35.00"], widowed = ["10.00", "20.00", "40.00"], divorced = ["9.00", "20.00", "41.00"] }
unit = "EUR"
[parameter.square]
value = [{ single = 3, married = 1, widowed = 1, divorced = 0 }, { single = 4, married = 1, widowed = 2, divorced = 2 }]
"#;

/// A policy of one requirement, and one output if given.
pub fn policy(when: &str, output: Option<&str>) -> Result<Compiled, Diagnostics> {
    let mut text =
        format!("{HEAD}[[requirement]]\ncode = \"r\"\nwhen = '''{when}'''\nmessage = {{ en = \"no\", zh = \"否\" }}\n");
    if let Some(output) = output {
        text += &format!("[[output]]\nname = \"o\"\nvalue = '''{output}'''\ntitle = {{ en = \"o\", zh = \"o\" }}\n");
    }
    compile_text(text)
}

/// Compiles a whole text over [`SCHEMA`].
pub fn compile_text(text: String) -> Result<Compiled, Diagnostics> {
    let schema = |_: SchemaRequest<'_>| Schema::from_toml(SCHEMA).map_err(|e| e.to_string());
    compile(&PolicySource { file: "test.policy.toml".to_owned(), text }, &schema)
}
