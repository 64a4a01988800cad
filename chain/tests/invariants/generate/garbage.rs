//! Calls that nobody means.

use super::{Generator, Made};
use crate::model::Model;
use alloy_primitives::Bytes;
use rand::RngExt;

impl Generator<'_> {
    pub(super) fn garbage(&mut self, model: &Model) -> Made {
        let contracts = model.contracts.in_order();
        let mut made = match self.rng.random_range(0..8) {
            0 => self.propose(model),
            1 => self.confirm(model),
            2 => self.anchor(model),
            3 => self.card(model),
            4 => self.date_refusals(model),
            5 if !model.programs.is_empty() => self.approve(model),
            6 if !model.decisions.is_empty() => self.reduce(model),
            _ => {
                let length = self.rng.random_range(0..200);
                let data: Vec<u8> = (0..length).map(|_| self.rng.random()).collect();
                Made { wait: 0, from: self.anybody(), to: self.one(&contracts), data: data.into(), what: "garbage" }
            }
        };
        let mut data = made.data.to_vec();
        match self.rng.random_range(0..6) {
            0 => made.from = self.anybody(),
            1 => made.to = self.one(&contracts),
            2 => data.extend(self.rng.random::<[u8; 32]>()),
            3 => data.truncate(self.rng.random_range(0..=data.len())),
            _ if !data.is_empty() => {
                let at = self.rng.random_range(0..data.len());
                data[at] ^= 1 << self.rng.random_range(0..8);
            }
            _ => {}
        }
        made.data = Bytes::from(data);
        made.what = "garbage";
        made
    }
}
