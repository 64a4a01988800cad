//! Rules, their words and the words' JSON say the same.

use sealroot_protocol::machine::{Shape, ValidWords, Words, decode, encode};
use sealroot_testing::rules::Generator;

#[test]
fn random_rules_round_trip() {
    let mut generator = Generator::new(1);
    for shape in Shape::ALL.into_iter().cycle().take(300) {
        let valid = generator.rules(shape);
        let json = serde_json::to_string(valid.words()).unwrap();
        let back: Words = serde_json::from_str(&json).unwrap();
        assert_eq!(&back, valid.words());
        assert_eq!(&decode(&back, shape).unwrap(), valid.rules());
        assert_eq!(&encode(valid.rules(), shape).unwrap(), valid.words());
        assert_eq!(ValidWords::check(shape, back).unwrap(), valid);
    }
}
