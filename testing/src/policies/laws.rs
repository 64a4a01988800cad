//! The laws under `examples/`, compiled, for tests that hold for every one of them.

use sealroot_policy::{Compiled, CompilerVersion, PlainFacts, PolicySource, SchemaRequest, compile_with};
use sealroot_protocol::schema::Schema;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder of the laws.
pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// All policy files, as `law/file`, in order.
pub fn names() -> io::Result<Vec<String>> {
    let mut files = Vec::new();
    for law in fs::read_dir(directory())? {
        let law = law?;
        for file in fs::read_dir(law.path())? {
            let name = format!("{}/{}", law.file_name().to_string_lossy(), file?.file_name().to_string_lossy());
            if name.ends_with(".policy.toml") {
                files.push(name);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// A law by its name among [`names`], with the schemas beside it.
pub fn compiled(name: &str) -> Result<Compiled, String> {
    edited(name, |text| text)
}

/// As [`compiled`], with a version of the compiler.
pub fn compiled_with(version: CompilerVersion, name: &str) -> Result<Compiled, String> {
    edited_with(version, name, |text| text)
}

/// As [`compiled`], of the text that `edit` makes of the law's.
pub fn edited(name: &str, edit: impl FnOnce(String) -> String) -> Result<Compiled, String> {
    edited_with(CompilerVersion::NEWEST, name, edit)
}

fn edited_with(version: CompilerVersion, name: &str, edit: impl FnOnce(String) -> String) -> Result<Compiled, String> {
    let path = directory().join(name);
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()));
    let schemas = |request: SchemaRequest<'_>| {
        Schema::from_toml(&read(path.with_file_name(request.reference))?).map_err(|e| e.to_string())
    };
    let text = edit(read(path.clone())?);
    compile_with(version, &PolicySource { file: name.to_owned(), text }, &schemas).map_err(|e| e.to_string())
}

/// The facts of the law's own cases, by the case's name.
pub fn cases(law: &Compiled) -> Result<Vec<(String, PlainFacts)>, String> {
    let named = |case| law.case_facts(case).map(|facts| (case.name.get_ref().clone(), facts));
    law.text().cases.iter().map(named).collect()
}
