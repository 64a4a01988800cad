//! How often each office asked, and what it got.

use super::{Section, as_far_as, section};
use crate::{
    history::Dealings,
    summary::{Language, minute},
};

pub(super) fn english(dealings: &[Dealings]) -> Vec<Section> {
    if dealings.is_empty() {
        return vec![section(
            "Who asked",
            vec!["No office has asked this wallet anything yet.".into(), as_far_as(Language::En)],
        )];
    }
    let times = |n: usize| if n == 1 { "once".to_owned() } else { format!("{n} times") };
    let line = |d: &Dealings| {
        let mut text = format!("{} asked {}; you consented {}", d.requester, times(d.asked), times(d.consented));
        if d.released > 0 {
            text += &format!(", and released records {}", times(d.released));
        }
        if d.rejected > 0 {
            text += &format!("; the wallet rejected {} of its requests, because no law allows them", d.rejected);
        }
        text + &format!(". Last on {}.", minute(d.last.unix()))
    };
    vec![section("Who asked", dealings.iter().map(line).chain([as_far_as(Language::En)]).collect())]
}

pub(super) fn chinese(dealings: &[Dealings]) -> Vec<Section> {
    if dealings.is_empty() {
        return vec![section("谁询问过", vec!["还没有机关向本钱包提出请求。".into(), as_far_as(Language::Zh)])];
    }
    let line = |d: &Dealings| {
        let mut text = format!("{} 询问 {} 次；您同意 {} 次", d.requester, d.asked, d.consented);
        if d.released > 0 {
            text += &format!("，授权提供记录 {} 次", d.released);
        }
        if d.rejected > 0 {
            text += &format!("；其中 {} 次因无法律依据被钱包拒绝", d.rejected);
        }
        text + &format!("。最近一次在 {}。", minute(d.last.unix()))
    };
    vec![section("谁询问过", dealings.iter().map(line).chain([as_far_as(Language::Zh)]).collect())]
}
