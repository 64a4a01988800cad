//! Households while the power fails: somebody moves from each to the next, one file a move.

use sealroot_protocol::{date::FactsPeriod, schema::Schema};
use sealroot_testing::registry::UPDATE;
use sealroot_vault::{
    EmbeddedVault, VaultError,
    import::{ImportPlan, ImportReport},
    rows::{Columns, PeriodSource},
};
use std::{fmt::Write as _, io::Cursor};

const HOUSEHOLD: &str = r#"
name = "household"
household = true
[[attribute]]
name = "members"
kind = "integer"
min = 1
max = 8
[[attribute]]
name = "member"
kind = "member"
repeat = 8
"#;

const HEADER: &str =
    "number,national_id,members,member_01,member_02,member_03,member_04,member_05,member_06,member_07,member_08\n";

/// Household `i`: its head, and the person who moves, who comes or goes.
fn row(i: usize, with_mover: bool) -> String {
    let head = format!("HEAD-{i:06}");
    let mut text = format!("H{i:06},{head},{},{head},", if with_mover { 2 } else { 1 });
    if with_mover {
        text += "MOVER-000000";
    }
    for _ in 0..6 {
        text.push(',');
    }
    writeln!(text).unwrap();
    text
}

/// The move to household `i`, which is new: the one before lets go in the same file.
pub async fn moved(vault: &EmbeddedVault, i: usize) -> Result<ImportReport, VaultError> {
    let before = i.checked_sub(1).map_or_else(String::new, |before| row(before, false));
    let plan = ImportPlan {
        schema: Schema::from_toml(HOUSEHOLD).unwrap(),
        columns: Columns {
            national_id: "national_id".into(),
            business_key: Some("number".into()),
            period: PeriodSource::Fixed(FactsPeriod::Timeless),
        },
        mode: UPDATE,
        dry_run: false,
        skip_bad_rows: false,
    };
    vault.import(Cursor::new(format!("{HEADER}{before}{}", row(i, true))), plan, |_| {}).await
}
