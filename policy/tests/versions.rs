//! The second version of the compiler takes no more of any capacity than the first, and decides every law's cases alike. A document is compiled
//! again with the version that its manifest names.
//!
//! `cargo test -p sealroot-policy --test versions -- --nocapture` prints what each law takes in each version, and how long compiling takes.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use sealroot_policy::{CompilerVersion, RecompileError, recompile};
use sealroot_protocol::code::{Code, Coded};
use sealroot_protocol::field::Digest;
use sealroot_testing::policies::laws;
use std::time::Instant;

#[test]
fn the_second_takes_no_more() {
    let mut less = 0;
    for name in laws::names().unwrap() {
        let start = Instant::now();
        // what only the second says in few enough registers has no first
        let Ok(first) = laws::compiled_with(CompilerVersion::One, &name) else { continue };
        let between = Instant::now();
        let second = laws::compiled_with(CompilerVersion::Two, &name).unwrap();
        let (one, two) = (between - start, between.elapsed());
        let d = first.shape().dimensions();
        let taken = [&first, &second].map(|law| law.usage().of_capacities(&d));
        let shown = |i: usize| taken[i].iter().map(|(_, taken, _)| format!("{taken:3}")).collect::<String>();
        println!("{name:72}{} → {}   {:.1?} → {:.1?}", shown(0), shown(1), one, two);
        for ((what, one, _), (_, two, _)) in taken[0].iter().zip(&taken[1]) {
            assert!(two <= one, "{name}: {two} {what} instead of {one}");
            less += usize::from(two < one);
        }
        for (case, facts) in laws::cases(&first).unwrap() {
            let [one, two] = [&first, &second].map(|law| law.evaluate(&facts).unwrap());
            assert_eq!((one.decision, one.failed, one.outputs), (two.decision, two.failed, two.outputs), "{case}");
        }
    }
    assert!(less > 0);
}

#[test]
fn a_document_is_compiled_with_the_version_that_it_names() {
    for name in laws::names().unwrap() {
        for version in CompilerVersion::ALL {
            let Ok(law) = laws::compiled_with(version, &name) else {
                assert_eq!(version, CompilerVersion::One, "{name}");
                continue;
            };
            let document = law.document(Digest([0; 32]));
            assert_eq!(document.policy.compiler, version.number());
            assert_eq!(recompile(&document).unwrap().compiler(), version, "{name}");
        }
    }
    let law = "parenting-allowance/parenting-allowance.policy.toml";
    let mut document = laws::compiled_with(CompilerVersion::One, law).unwrap().document(Digest([0; 32]));
    document.policy.compiler = 2;
    assert!(matches!(recompile(&document), Err(RecompileError::OtherPolicy)), "the words are the first version's");
    document.policy.compiler = 3;
    let error = recompile(&document).unwrap_err();
    assert!(matches!(error, RecompileError::OtherCompiler(3)));
    assert_eq!(error.code(), Code::PolicyOtherCompiler);
}
