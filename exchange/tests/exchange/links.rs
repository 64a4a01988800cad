//! Links, the requests behind them, and what a wallet asks a post to show.

use crate::town::{self, digest, request, rng};
use sealroot_exchange::{
    Link, LinkSecret, Organisation, Role,
    evidence_request::{EvidenceRequest, EvidenceRequestError},
    link::{SEALED_REQUEST, SealedRequestError, open_request, seal_request},
};
use sealroot_protocol::{
    canonical,
    code::{Code, Coded},
    name::Name,
    snapshot::{Registry, SnapshotQuery},
};
use sealroot_testing::town as places;

fn link() -> Link {
    let secret = LinkSecret::from_bytes(&std::array::from_fn(|i| i as u8));
    Link { post: "https://post.example:8443".parse().unwrap(), office: places::welfare_office(), secret }
}

#[test]
fn a_link_has_one_spelling() {
    let text = link().reveal().to_string();
    assert_eq!(text, "https://post.example:8443/#welfare-office/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    assert_eq!(text.parse(), Ok(link()));
    assert_eq!(format!("{:?}", link().secret), "LinkSecret(…)");
    let replaced = |from: &str, to: &str| text.replacen(from, to, 1);
    for bad in [
        String::new(),
        text[..text.len() - 1].to_owned(),
        format!("{text}="),
        format!("{text}A"),
        format!("{text}/"),
        format!(" {text}"),
        format!("{text}\n"),
        // The same bytes with unused bits set.
        replaced("HR4f", "HR4f").replace("Hh8", "Hh9"),
        replaced("AAEC", "AA+C"),
        replaced("AAEC", "AA/C"),
        replaced("/#", "#"),
        replaced("/#", "/?"),
        replaced("/#", "/en/#"),
        replaced("https", "http"),
        replaced("post.example", "Post.example"),
        replaced("welfare-office", "Welfare-Office"),
        replaced("welfare-office/", ""),
        replaced("welfare-office", ""),
    ] {
        let refused = bad.parse::<Link>();
        assert_eq!(refused.clone().map_err(|refused| refused.code()), Err(Code::BadLink), "{bad}");
        assert!(!refused.unwrap_err().to_string().contains("AAEC"), "a message never shows a secret");
    }
}

/// HKDF-SHA256 of the bytes 0 to 31, computed by a separate implementation in Python (hmac, hashlib).
#[test]
fn three_values_come_of_one_secret() {
    let secret = link().secret;
    assert_eq!(secret.request_id().to_string(), "0x0628009e7841f814295ee6f364a23d2aec1d3b794518b3c16954b87dd4ab5eb7");
    assert_eq!(secret.case_secret().to_text(), "059f24b03c55d2f5e85f3e73bfb07bee");
    let other = LinkSecret::from_bytes(&[0; 32]);
    assert!(other.request_id() != secret.request_id() && other.case_secret() != secret.case_secret());
    assert!(!secret.request_id().to_string().contains(&secret.case_secret().to_text()));
}

#[test]
fn a_request_waits_sealed() {
    let link = link();
    let sealed = seal_request(&link.secret, &link.office, &request(), &mut rng(1)).unwrap();
    assert_eq!(sealed.len(), SEALED_REQUEST);
    assert_eq!(open_request(&link, &sealed).unwrap(), request());
    let again = seal_request(&link.secret, &link.office, &request(), &mut rng(2)).unwrap();
    assert_ne!(sealed[..12], again[..12], "a nonce is used once");
    let unopenable = |link: &Link, sealed: &[u8]| {
        let refused = open_request(link, sealed).unwrap_err();
        assert!(matches!(refused, SealedRequestError::NotOpened) && refused.code() == Code::Unopenable, "{refused}");
    };
    unopenable(&Link { secret: LinkSecret::from_bytes(&[1; 32]), ..link.clone() }, &sealed);
    unopenable(&Link { office: "other-office".parse().unwrap(), ..link.clone() }, &sealed);
    for i in (0..sealed.len()).step_by(97).chain([sealed.len() - 1]) {
        let mut changed = sealed.clone();
        changed[i] ^= 1;
        unopenable(&link, &changed);
        unopenable(&link, &sealed[..i]);
    }
    unopenable(&link, &[sealed.as_slice(), b"\0"].concat());
}

#[test]
fn a_link_leads_to_a_request_of_its_office() {
    let (link, other): (Link, Name) = (link(), "other-office".parse().unwrap());
    let refused = seal_request(&link.secret, &other, &request(), &mut rng(1)).unwrap_err();
    assert!(matches!(refused, SealedRequestError::OtherOffice { .. }), "{refused}");
    let mut unsigned = request();
    unsigned.request.purpose.clear();
    let refused = seal_request(&link.secret, &link.office, &unsigned, &mut rng(1)).unwrap_err();
    assert_eq!(refused.code(), Code::RequestMalformed);
}

/// The wallet's question: what the command line's evidence holds, and the cards that it will seal to.
#[test]
fn a_question_names_no_request() {
    let signed = request();
    let agencies = [places::tax_office(), places::civil_registry(), places::tax_office()];
    let question = EvidenceRequest::of(&signed, agencies).unwrap();
    let query = question.query();
    let known = SnapshotQuery::of_request(&signed, signed.signer().unwrap());
    assert_eq!(SnapshotQuery { cards: Default::default(), ..query.clone() }, known);
    let cards = [
        (Registry::Agencies, places::civil_registry()),
        (Registry::Agencies, places::tax_office()),
        (Registry::Requesters, places::welfare_office()),
    ];
    assert_eq!(query.cards, cards.into());
    let text = String::from_utf8(question.to_bytes().unwrap()).unwrap();
    assert_eq!(EvidenceRequest::from_bytes(text.as_bytes()).unwrap(), question);
    assert!(!text.contains(&digest().to_string()) && !text.contains(&signed.request.applicant.to_string()));
    assert!(!text.contains(&signed.request.purpose) && !text.contains("0x09090909"));
    // Two requests of one office under one program: the post sees one question.
    let mut other = sealroot_testing::asked::Case::new();
    other.request.nonce = sealroot_protocol::request::Nonce([1; 16].into());
    assert_eq!(
        EvidenceRequest::of(&other.signed(), [places::tax_office(), places::civil_registry()]).unwrap(),
        question
    );
}

#[test]
fn a_question_has_one_spelling() {
    let mut question = EvidenceRequest::of(&request(), [town::agency()]).unwrap();
    let text = String::from_utf8(question.to_bytes().unwrap()).unwrap();
    let [first, second] = [0, 1].map(|i| request().request.policies[i].to_string());
    let (low, high) = if first < second { (&first, &second) } else { (&second, &first) };
    let ordered = format!("\"{low}\",\"{high}\"");
    for (from, to) in [
        (ordered.clone(), format!("\"{high}\",\"{low}\"")),
        (ordered.clone(), format!("\"{low}\",\"{low}\",\"{high}\"")),
        ("\"version\":1".into(), "\"version\":2".into()),
        ("\"program\"".into(), "\"nonce\":\"0x\",\"program\"".into()),
    ] {
        assert!(text.contains(&from), "{from}");
        let refused = EvidenceRequest::from_bytes(text.replace(&from, &to).as_bytes()).unwrap_err();
        assert!(matches!(refused, EvidenceRequestError::Document(_)), "{from}: {refused}");
    }
    assert!(matches!(EvidenceRequest::from_bytes(&vec![b' '; 8193]), Err(EvidenceRequestError::TooLarge)));
    question.policies.clear();
    assert!(matches!(question.to_bytes(), Err(EvidenceRequestError::Count)));
    let mut question = EvidenceRequest::of(&request(), [town::agency()]).unwrap();
    question.cards =
        (0..26).map(|i| Organisation { role: Role::Agency, name: format!("a-{i}").parse().unwrap() }).collect();
    let bytes = canonical::to_bytes(&question).unwrap();
    assert!(matches!(EvidenceRequest::from_bytes(&bytes), Err(EvidenceRequestError::Count)));
}
