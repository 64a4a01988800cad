//! The vault's behaviour, one suite over every store: each test runs on each backing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

macro_rules! suite {
    ($($test:ident),* $(,)?) => {
        mod embedded {
            use sealroot_testing::registry::Embedded;
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test::<Embedded>().await;
                }
            )*
        }
    };
}

mod changed_id;
mod clerk;
mod consistency;
mod copies;
mod custody;
mod disclosure;
mod enrolment;
mod exchange;
mod household;
mod import;
mod people;
mod release;
mod restored;
mod roots;
mod update;
