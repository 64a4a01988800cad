//! The pages of all examples, in both languages, are as people read and approved them: `policy/tests/pages/`.
//!
//! `SEALROOT_WRITE=1 cargo test -p sealroot-policy --test pages` writes them anew. Read the difference before you commit it.
#![allow(clippy::unwrap_used, clippy::panic)]

use sealroot_policy::{Compiled, Language};
use sealroot_testing::policies::laws;
use std::{fs, path::Path};

fn all() -> Vec<(String, Compiled)> {
    let laws = laws::names().unwrap();
    laws.iter().map(|law| (law.clone(), laws::compiled(law).unwrap_or_else(|e| panic!("{e}")))).collect()
}

#[test]
fn every_examples_page_is_as_it_was_approved() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let write = std::env::var("SEALROOT_WRITE").is_ok_and(|write| write == "1");
    let mut different = Vec::new();
    let mut files = Vec::new();
    for (law, compiled) in all() {
        let name = law.rsplit('/').next().unwrap().trim_end_matches(".policy.toml");
        for language in Language::ALL {
            let file = folder.join(format!("{name}.{language}.md"));
            let page = compiled.page(language).to_markdown();
            if write {
                fs::create_dir_all(&folder).unwrap();
                fs::write(&file, &page).unwrap();
            }
            let approved = fs::read_to_string(&file).unwrap_or_default();
            let line = page.lines().zip(approved.lines()).position(|(a, b)| a != b);
            if page != approved {
                let line = line.unwrap_or_else(|| page.lines().count().min(approved.lines().count()));
                let [now, then] = [&page, &approved].map(|text| text.lines().nth(line).unwrap_or("(the end)"));
                different.push(format!("{name}.{language}.md:{}\n  now: {now}\n  was: {then}", line + 1));
            }
            files.push(file);
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
    for file in fs::read_dir(&folder).unwrap() {
        let file = file.unwrap().path();
        assert!(files.contains(&file), "{} is no example's page", file.display());
    }
}
