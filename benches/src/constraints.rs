//! What each obligation of the statement costs.

use crate::measure::Figures;
use sealroot_circuits::{costs, matrices};
use sealroot_protocol::machine::Shape;
use serde_json::json;

pub fn run() -> Result<Figures, String> {
    let mut figures = Figures::default();
    for shape in Shape::ALL {
        for cost in costs(shape) {
            figures.row(json!({
                "shape": shape.name(),
                "obligation": cost.obligation.to_string(),
                "constraints": cost.constraints,
                "words": cost.words,
            }));
        }
        let matrices = matrices(shape);
        figures.row(json!({
            "shape": shape.name(),
            "obligation": "all, with instance variables",
            "constraints": matrices.size(),
            "limit": matrices.size().next_power_of_two(),
        }));
    }
    Ok(figures)
}
