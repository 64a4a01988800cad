#![no_main]
#![allow(missing_docs, reason = "a program of libFuzzer's")]
libfuzzer_sys::fuzz_target!(|data: &[u8]| sealroot_fuzz::envelope(data));
