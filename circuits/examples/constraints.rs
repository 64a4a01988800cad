//! Prints what each obligation of the solo statement costs: `cargo run -p sealroot-circuits --example constraints`.

#![allow(clippy::print_stdout)]

use sealroot_circuits::{costs, matrices};
use sealroot_protocol::machine::Shape;

fn main() {
    for shape in Shape::ALL {
        println!("{shape}\n{:<16}{:>12}{:>8}", "obligation", "constraints", "words");
        let costs = costs(shape);
        for cost in &costs {
            println!("{:<16}{:>12}{:>8}", cost.obligation, cost.constraints, cost.words);
        }
        let matrices = matrices(shape);
        println!("{:<16}{:>12}{:>8}", "sum", matrices.constraints(), costs.iter().map(|c| c.words).sum::<usize>());
        println!("{:<16}{:>12}  (public inputs, words and the constant 1)", "instance", matrices.instance);
        println!("{:<16}{:>12}  of {}", "size", matrices.size(), matrices.size().next_power_of_two());
        println!("{:<16}{:>12}", "variables", matrices.variables);
        let entries = [&matrices.a, &matrices.b, &matrices.c].map(|matrix| matrix.entries());
        println!("{:<16}{:>12}  {entries:?}", "entries", entries.iter().sum::<usize>());
        println!("{:<16}{}", "digest", matrices.digest());
    }
}
