//! Corrections in words and in `--json`: what a decision replaces, and the difference. No amount without its currency.

use sealroot_protocol::{amount::Amount, consent::RequestDigest, language::Language};
use serde::Serialize;

/// What a correction replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Correction {
    /// The request whose approval it replaces.
    request: RequestDigest,
    /// What that approval paid; none where nobody here knows it, or nothing is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    paid: Option<Amount>,
    /// What the correction pays more; less if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<Difference>,
}

/// A difference of two amounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Difference {
    /// In minor units.
    minor: i128,
    currency: String,
}

impl Correction {
    /// Of a decision that pays `amount`, where the approval that it replaces paid `before`, if that is known.
    pub fn new(request: RequestDigest, amount: u64, before: Option<u64>, currency: Option<&str>) -> Self {
        let known = before.zip(currency);
        Self {
            request,
            paid: known.map(|(before, currency)| Amount::new(before, currency)),
            difference: known.map(|(before, currency)| Difference {
                minor: i128::from(amount) - i128::from(before),
                currency: currency.to_owned(),
            }),
        }
    }
}

impl Correction {
    /// `replaces 295.75 EUR, pays 4.94 EUR more`.
    pub fn words(&self, language: Language) -> String {
        let (Some(paid), Some(difference)) = (&self.paid, &self.difference) else {
            return match language {
                Language::En => format!("replaces the approval under request {}", self.request),
                Language::Zh => format!("取代请求 {} 的批准", self.request),
            };
        };
        let difference = difference.words(language);
        match language {
            Language::En => format!("replaces {paid}, {difference}"),
            Language::Zh => format!("取代 {paid}，{difference}"),
        }
    }
}

impl Difference {
    fn words(&self, language: Language) -> String {
        // Both amounts are less than 2^63, and so is what lies between them.
        let size = Amount::new(u64::try_from(self.minor.unsigned_abs()).unwrap_or(u64::MAX), &*self.currency);
        match (self.minor, language) {
            (0, _) => language.say("pays the same", "金额不变").into(),
            (1.., Language::En) => format!("pays {size} more"),
            (_, Language::En) => format!("pays {size} less"),
            (1.., Language::Zh) => format!("增发 {size}"),
            (_, Language::Zh) => format!("少付 {size}"),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use sealroot_protocol::field::F;

    #[test]
    fn a_correction_says_what_it_replaces_and_the_difference() {
        let request = RequestDigest(F::from(1u8));
        for (amount, before, says, minor) in [
            (30_069, 29_575, "replaces 295.75 EUR, pays 4.94 EUR more", 494),
            (29_075, 29_575, "replaces 295.75 EUR, pays 5.00 EUR less", -500),
            (29_575, 29_575, "replaces 295.75 EUR, pays the same", 0),
        ] {
            let correction = Correction::new(request, amount, Some(before), Some("EUR"));
            assert_eq!(correction.words(Language::En), says);
            let json = serde_json::to_value(&correction).unwrap();
            assert_eq!(json["difference"]["minor"].as_i64(), Some(minor));
            assert_eq!(json["paid"], serde_json::json!({ "minor": before, "currency": "EUR" }));
        }
        let unknown = Correction::new(request, 1, None, Some("EUR"));
        assert_eq!(unknown.words(Language::En), format!("replaces the approval under request {request}"));
        assert!(serde_json::to_value(&unknown).unwrap().get("difference").is_none());
    }
}
