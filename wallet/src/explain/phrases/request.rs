//! Before a consent: who asks what, why, who will learn what, who won't, until when, how often before.

use super::{Section, as_far_as, reads, section};
use crate::explain::{
    facts::{Facts, OutputFacts, PartFacts, SourceFacts},
    summary::Language,
};
use sealroot_protocol::machine::NullifierMode;

pub(super) fn english(f: &Facts) -> Vec<Section> {
    let office = &f.requester;
    let mut learned = vec![format!("{office} learns whether you are eligible: yes or no.")];
    if f.parts.len() > 1 {
        learned.push(format!("If no, {office} learns whose part said no: {}.", agencies(f, " or ")));
    }
    let outputs: Vec<&OutputFacts> = f.parts.iter().flat_map(|p| &p.outputs).collect();
    if !outputs.is_empty() {
        let titles: Vec<&str> = outputs.iter().map(|output| output.title.as_str()).collect();
        learned.push(format!("If yes, {office} also learns: {}.", titles.join(", ")));
    }
    learned.extend(outputs.iter().filter(|output| !output.tells.is_empty()).map(|output| {
        let OutputFacts { title, tells, is_attribute } = output;
        if *is_attribute {
            format!("The {title} is a value of your record, as it stands there: {}.", reads_en(tells))
        } else {
            format!("The {title} is computed from these values, and so tells something of them: {}.", reads_en(tells))
        }
    }));
    let reasons: Vec<String> = f.parts.iter().flat_map(|p| p.reasons.clone()).collect();
    learned.push(if reasons.is_empty() {
        "If no, no reason is shown.".into()
    } else {
        format!("If no, {office} learns which of these reasons it has: {}.", quoted_list(&reasons, "\"", "\"", "; "))
    });
    learned.push(if f.anonymous {
        "The proof tells nobody who you are; only the agencies that make it know.".into()
    } else {
        format!("{office} knows who applies, and learns that the records are yours. Beside it only the agencies that make the proof know who applies.")
    });
    learned.push(match &f.paid {
        Some((label, currency)) => format!(
            "If yes, everybody can see on the chain that somebody was approved under this program, and the {label} in {currency}."
        ),
        None => "If yes, everybody can see on the chain that somebody was approved under this program.".into(),
    });
    if f.by_proof {
        learned.push(
            "The proofs may be checked on the chain, where everybody can read them: they show that the rules are fulfilled, and nothing else of the records."
                .into(),
        );
    }
    for part in &f.parts {
        learned.push(match part.sources.as_slice() {
            [own] => format!(
                "{} reads {} in its own records to make the proof, learns of this request and its part's answer, and can find an approval on the chain.",
                own.agency,
                reads_en(&own.reads),
            ),
            sources => format!(
                "The prover that you chose opens the records that you and your household release to it, and so learns all that they hold; \
                 the rules read of it: {}. It learns of this request and its answer, and can find an approval on the chain. Choose one that all of you trust.",
                of_sources(sources, "; ", |s| format!("{} ({}): {}", s.record, s.agency, reads_en(&s.reads))),
            ),
        });
    }

    let mut hidden: Vec<String> = f
        .parts
        .iter()
        .map(|p| match p.sources.as_slice() {
            [own] => match &own.facts {
                Some(period) => format!(
                    "{office} doesn't see your record \"{}\" at {} (from {period} on). Of its values it learns what the answers above tell, and no more.",
                    own.record, own.agency
                ),
                None => {
                    format!("{office} doesn't see your record \"{}\" at {}. Of its values it learns what the answers above tell, and no more.", own.record, own.agency)
                }
            },
            sources => format!(
                "{office} doesn't see who lives in your household, how many you are, nor your records. Of their values it learns what the answers above tell, and no more. The records: {}.",
                of_sources(sources, "; ", |s| match &s.facts {
                    Some(period) => format!("\"{}\" at {} (from {period} on)", s.record, s.agency),
                    None => format!("\"{}\" at {}", s.record, s.agency),
                })
            ),
        })
        .collect();
    if f.parts.len() > 1 {
        hidden.push("No agency sees what another holds.".into());
    }
    hidden.extend(f.parts.iter().filter(|p| p.sources.len() > 1).map(|p| {
        format!(
            "Of your household {} learns nothing new; each agency only logs that its records were released.",
            agencies_of(p, " and ")
        )
    }));
    hidden.push(match (f.nullifier, f.is_of_household()) {
        (NullifierMode::Holder, _) => {
            "The chain shows nobody that this claim and your claims for other periods or programs are one person's.".into()
        }
        (NullifierMode::RecordPerScope, false) => {
            "An approval counts for this record and period: there is only one, even if the record changes hands. Anybody who knows the record's serial number, as its agency does, can find out that it was used for this claim; others can't.".into()
        }
        (NullifierMode::RecordPerScope, true) => {
            "An approval counts for your household and this period: there is only one, no matter which of you applies. Anybody who knows the serial number of the household's record, as its agency and the prover that you chose do, can find out that it was used for this claim; others can't.".into()
        }
        (NullifierMode::RecordOnce, _) => {
            "An approval uses this record up: it can be claimed for once, ever, even if it changes hands. Anybody who knows the record's serial number, as its agency does, can find out that it was used for this claim; others can't.".into()
        }
    });

    let mut payment = Vec::new();
    if let Some(recipient) = &f.recipient {
        payment.push(format!("An approved amount goes to {recipient}."));
        payment.push(if f.earlier.recipient_used {
            "You used this address before: everybody can see that these payments go to one person. Prefer a fresh address.".into()
        } else {
            "A fresh address for each claim keeps payments from being linked to each other.".into()
        });
    }
    if f.corrects {
        payment.push("This corrects an earlier approval: only the difference is paid.".into());
    }

    let mut before = vec![match (&f.last_asked, f.earlier.asked) {
        (Some(last), 1) => format!("{office} asked you once before, with another request, on {last}."),
        (Some(last), n) => format!("{office} asked you {n} times before, with other requests, last on {last}."),
        (None, _) => format!("This is the first request of {office} that this wallet has seen."),
    }];
    if f.earlier.rejected > 0 {
        before
            .push(format!("{} of these were rejected by the wallet, because no law allows them.", f.earlier.rejected));
    }
    before.push(match (&f.last, f.earlier.times) {
        (Some(last), 1) => format!("You consented once before to a request of {office}, on {last}."),
        (Some(last), n) => format!("You consented {n} times before to requests of {office}, last on {last}."),
        (None, _) => format!("You have not consented to a request of {office} before."),
    });
    if f.earlier.same_scope > 0 && !f.corrects {
        before.push(
            "You already consented to a request for this program and period; it can be approved only once.".into(),
        );
    }
    before.push(as_far_as(Language::En));

    let mut asks =
        vec![format!("{office} asks under the program \"{}\", for {} to {}.", f.program, f.period.0, f.period.1)];
    asks.extend(f.retroactive.iter().map(|policy| {
        format!("RETROACTIVE: the rules \"{policy}\" were made for these days after they had begun, in the place of rules that were withdrawn.")
    }));
    let mut all = vec![
        section("Who asks", asks),
        section("Why", vec![format!("\"{}\"", f.purpose)]),
        section("What will be learned, and by whom", learned),
        section("What will not be learned", hidden),
    ];
    if !payment.is_empty() {
        all.push(section("Payment", payment));
    }
    let mut until = vec![
        format!("The request expires on {}; this period can be claimed until {}.", f.expiry, f.last_claim_day),
        "Your consent is for this one request. It can't be used for another office, purpose or period.".into(),
    ];
    until.extend(
        f.fresh_since
            .iter()
            .map(|day| format!("What counts are records that their agency has confirmed on {day} or later.")),
    );
    all.push(section("Until when", until));
    all.push(section("Before", before));
    all.push(section("If you don't want this", vec![f.manual_path.clone()]));
    all
}

pub(super) fn chinese(f: &Facts) -> Vec<Section> {
    let office = &f.requester;
    let mut learned = vec![format!("{office} 会知道您是否符合条件：是或否。")];
    if f.parts.len() > 1 {
        learned.push(format!("若否，{office} 会知道是哪个机构的部分不符合：{}。", agencies(f, " 或 ")));
    }
    let outputs: Vec<&OutputFacts> = f.parts.iter().flat_map(|p| &p.outputs).collect();
    if !outputs.is_empty() {
        let titles: Vec<&str> = outputs.iter().map(|output| output.title.as_str()).collect();
        learned.push(format!("若是，{office} 还会知道：{}。", titles.join("、")));
    }
    learned.extend(outputs.iter().filter(|output| !output.tells.is_empty()).map(|output| {
        let OutputFacts { title, tells, is_attribute } = output;
        if *is_attribute {
            format!("{title} 就是您记录中的数值本身：{}。", reads_zh(tells))
        } else {
            format!("{title} 由以下数值算出，因而会透露它们的部分信息：{}。", reads_zh(tells))
        }
    }));
    let reasons: Vec<String> = f.parts.iter().flat_map(|p| p.reasons.clone()).collect();
    learned.push(if reasons.is_empty() {
        "若否，不显示任何原因。".into()
    } else {
        format!("若否，{office} 会知道是以下哪些原因：{}。", quoted_list(&reasons, "“", "”", "；"))
    });
    learned.push(if f.anonymous {
        "证明不会告诉任何人您是谁；只有生成证明的机构知道。".into()
    } else {
        format!("{office} 知道申请人是谁，并确认记录属于您。此外只有生成证明的机构知道申请人是谁。")
    });
    learned.push(match &f.paid {
        Some((label, currency)) => {
            format!("若是，任何人都能在链上看到有人在此项目下获批，以及 {label}（{currency}）。")
        }
        None => "若是，任何人都能在链上看到有人在此项目下获批。".into(),
    });
    if f.by_proof {
        learned.push("证明可能在链上验证，任何人都能读到：它们只表明规则已满足，不透露记录的其他内容。".into());
    }
    for part in &f.parts {
        learned.push(match part.sources.as_slice() {
            [own] => format!(
                "{} 在其自己的记录中读取 {} 以生成证明，会知道此请求及其部分的结果，并能在链上找到批准记录。",
                own.agency,
                reads_zh(&own.reads),
            ),
            sources => format!(
                "您选择的证明方会打开您和您的家庭成员授权给它的记录，因而知道其中的全部内容；规则从中读取：{}。它会知道此请求及其结果，\
                 并能在链上找到批准记录。请选择你们都信任的证明方。",
                of_sources(sources, "；", |s| format!("{}（{}）：{}", s.record, s.agency, reads_zh(&s.reads))),
            ),
        });
    }

    let mut hidden: Vec<String> = f
        .parts
        .iter()
        .map(|p| match p.sources.as_slice() {
            [own] => match &own.facts {
                Some(period) => {
                    format!(
                        "{office} 看不到您在 {} 的记录“{}”（自 {period} 起）。对其中的数值，它只知道以上结果所透露的。",
                        own.agency, own.record
                    )
                }
                None => format!(
                    "{office} 看不到您在 {} 的记录“{}”。对其中的数值，它只知道以上结果所透露的。",
                    own.agency, own.record
                ),
            },
            sources => format!(
                "{office} 看不到您家庭中有谁、有几人，也看不到以下记录：{}。对其中的数值，它只知道以上结果所透露的。",
                of_sources(sources, "；", |s| match &s.facts {
                    Some(period) => format!("{} 的“{}”（自 {period} 起）", s.agency, s.record),
                    None => format!("{} 的“{}”", s.agency, s.record),
                })
            ),
        })
        .collect();
    if f.parts.len() > 1 {
        hidden.push("任何机构都看不到其他机构持有的内容。".into());
    }
    hidden.extend(f.parts.iter().filter(|p| p.sources.len() > 1).map(|p| {
        format!("{} 不会由此得知您家庭的任何新信息；各机构只记录其记录已被授权提供。", agencies_of(p, " 和 "))
    }));
    hidden.push(match (f.nullifier, f.is_of_household()) {
        (NullifierMode::Holder, _) => "任何人都无法从链上得知此次申领与您在其他期间或项目的申领属于同一人。".into(),
        (NullifierMode::RecordPerScope, false) => {
            "批准按该记录和该期间计：无论谁持有该记录，只有一次。知道该记录序列号的人（例如其机构）可以得知它被用于此次申领；其他人不能。".into()
        }
        (NullifierMode::RecordPerScope, true) => {
            "批准按您的家庭和该期间计：无论家庭中谁申请，只有一次。知道家庭记录序列号的人（其机构和您选择的证明方）可以得知它被用于此次申领；其他人不能。".into()
        }
        (NullifierMode::RecordOnce, _) => {
            "批准会用尽该记录：无论谁持有，一生只能申领一次。知道该记录序列号的人（例如其机构）可以得知它被用于此次申领；其他人不能。".into()
        }
    });

    let mut payment = Vec::new();
    if let Some(recipient) = &f.recipient {
        payment.push(format!("获批金额将付至 {recipient}。"));
        payment.push(if f.earlier.recipient_used {
            "您以前用过此地址：任何人都能看到这些款项付给同一人。建议使用新地址。".into()
        } else {
            "每次申领使用新地址，可避免款项之间被关联。".into()
        });
    }
    if f.corrects {
        payment.push("这是对先前批准的更正：只支付差额。".into());
    }

    let mut before = vec![match &f.last_asked {
        Some(last) => format!("{office} 此前已以其他请求向您询问 {} 次，最近一次在 {last}。", f.earlier.asked),
        None => format!("这是本钱包首次见到 {office} 的请求。"),
    }];
    if f.earlier.rejected > 0 {
        before.push(format!("其中 {} 次因无法律依据被钱包拒绝。", f.earlier.rejected));
    }
    before.push(match &f.last {
        Some(last) => format!("您此前已 {} 次同意 {office} 的请求，最近一次在 {last}。", f.earlier.times),
        None => format!("您此前从未同意过 {office} 的请求。"),
    });
    if f.earlier.same_scope > 0 && !f.corrects {
        before.push("您已同意过针对此项目和期间的请求；只能获批一次。".into());
    }
    before.push(as_far_as(Language::Zh));

    let mut asks = vec![format!("{office} 依据项目“{}”请求，期间 {} 至 {}。", f.program, f.period.0, f.period.1)];
    asks.extend(
        f.retroactive.iter().map(|policy| format!("追溯：规则“{policy}”在这些日期开始之后才制定，取代已撤回的规则。")),
    );
    let mut all = vec![
        section("谁在请求", asks),
        section("目的", vec![format!("“{}”", f.purpose)]),
        section("谁会知道什么", learned),
        section("什么不会被知道", hidden),
    ];
    if !payment.is_empty() {
        all.push(section("付款", payment));
    }
    let mut until = vec![
        format!("请求于 {} 失效；此期间可申领至 {}。", f.expiry, f.last_claim_day),
        "您的同意仅针对这一个请求，不能用于其他机关、目的或期间。".into(),
    ];
    until.extend(f.fresh_since.iter().map(|day| format!("只有其机构在 {day} 或之后确认过的记录才有效。")));
    all.push(section("有效期", until));
    all.push(section("以往", before));
    all.push(section("如果您不同意", vec![f.manual_path.clone()]));
    all
}

/// Whole sentences of the law, told apart by quotation marks.
fn quoted_list(sentences: &[String], opens: &str, closes: &str, between: &str) -> String {
    sentences.iter().map(|sentence| format!("{opens}{sentence}{closes}")).collect::<Vec<_>>().join(between)
}

fn agencies(f: &Facts, or: &str) -> String {
    f.parts.iter().map(|p| agencies_of(p, "/")).collect::<Vec<_>>().join(or)
}

/// A part's agencies, each once.
fn agencies_of(part: &PartFacts, and: &str) -> String {
    let mut names: Vec<&str> = part.sources.iter().map(|s| s.agency.as_str()).collect();
    names.dedup();
    names.join(and)
}

fn of_sources(sources: &[SourceFacts], comma: &str, one: impl Fn(&SourceFacts) -> String) -> String {
    sources.iter().map(one).collect::<Vec<_>>().join(comma)
}

fn reads_en(facts: &[(String, usize)]) -> String {
    reads(facts, ", ", |title, n| format!("{title} ({n} values)"))
}

fn reads_zh(facts: &[(String, usize)]) -> String {
    reads(facts, "、", |title, n| format!("{title}（{n} 个值）"))
}
