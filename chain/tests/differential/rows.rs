//! The table of pairs, and of orders: each with its reason, and the faults that may lead to it.
//!
//! The most dangerous pair would be a call by proof that the contract takes and the verifier wouldn't: each of those here is about something that stands in no call.

use crate::{judges::Said, pairs::Pair};
use sealroot_protocol::snapshot::Assurance;

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Office,
    Proof,
    Either,
}

pub struct Row {
    /// The reason.
    why: &'static str,
    way: Way,
    native: &'static [Said],
    contract: &'static [Said],
    /// How names of faults begin that lead to it; none: any.
    faults: &'static [&'static str],
}

/// Documents of the bundle: the call names digests, and the contract can't read what is behind them.
const DOCUMENTS: &[&str] = &["the program", "policies' documents", "a policy's"];

/// Whatever the contract says.
const ANYTHING: &[Said] = &[];

pub const ROWS: &[Row] = &[
    Row {
        why: "by the office the contract sees no proof and no public input but roots, and takes the requester's word",
        way: Way::Office,
        native: &[
            "refusal",
            "proof-invalid",
            "proof-malformed",
            "part-request-mismatch",
            "part-scope-mismatch",
            "part-as-of-mismatch",
            "part-applicant-mismatch",
            "part-nullifier-mismatch",
            "decision-mismatch",
        ],
        contract: &["accepted"],
        faults: &[],
    },
    Row {
        why: "the equation's inputs are the contract's own: a part about anything else is a proof that doesn't hold",
        way: Way::Proof,
        native: &[
            "refusal",
            "part-request-mismatch",
            "part-scope-mismatch",
            "part-as-of-mismatch",
            "part-applicant-mismatch",
            "part-nullifier-mismatch",
            "output-not-paid",
            "decision-mismatch",
        ],
        contract: &["proof-invalid"],
        faults: &[],
    },
    Row {
        why: "a call names no universal key; the policy key's hash is what was enacted",
        way: Way::Either,
        native: &["part-universal-key-mismatch"],
        contract: &["accepted"],
        faults: &["a part names another universal key"],
    },
    Row {
        why: "a call names no policy in its parts",
        way: Way::Either,
        native: &["parts-mismatch"],
        contract: &["accepted"],
        faults: &["a part names another policy"],
    },
    Row {
        why: "what stands in a document, the contract can't read",
        way: Way::Either,
        native: &[
            "program-mismatch",
            "program-not-enacted",
            "program-invalid",
            "policies-mismatch",
            "policies-not-of-program",
            "policy-edited",
        ],
        contract: &["accepted"],
        faults: DOCUMENTS,
    },
    Row {
        why: "whether a program is anonymous stands in its document",
        way: Way::Either,
        native: &["applicant-required"],
        contract: &["accepted"],
        faults: &["no applicant"],
    },
    Row {
        why: "0 and none are one word in a call, and the purpose is a hash",
        way: Way::Either,
        native: &["request-malformed"],
        contract: &["accepted"],
        faults: &["recipient 0", "corrects 0", "no purpose", "a long purpose"],
    },
    Row {
        why: "the same: what corrects nothing is a first claim",
        way: Way::Either,
        native: &["request-malformed"],
        contract: &["nullifier-spent", "claim-too-late"],
        faults: &["corrects 0"],
    },
    Row {
        why: "a request for no policy has a form that no request has",
        way: Way::Either,
        native: &["request-malformed"],
        contract: &["wrong-number-of-policies"],
        faults: &["a policy less"],
    },
    Row {
        why: "the verifier compares the request with the bundle's documents before either with the chain",
        way: Way::Either,
        native: &["policies-mismatch", "policies-not-of-program"],
        contract: &["policy-not-enacted", "policies-not-of-program", "wrong-number-of-policies"],
        faults: &[
            "a policy that isn't",
            "policies exchanged",
            "a policy twice",
            "a policy less",
            "under another program's",
        ],
    },
    Row {
        why: "the same: under another program it is another claim, which the contract judges by that program's rules",
        way: Way::Either,
        native: &["program-mismatch"],
        contract: ANYTHING,
        faults: &["under another program", "under a program that doesn't exist"],
    },
    Row {
        why: "the bundle says what no call does: the proof is of the inputs that the contract takes",
        way: Way::Proof,
        native: &[
            "proof-invalid",
            "part-request-mismatch",
            "part-scope-mismatch",
            "part-as-of-mismatch",
            "part-applicant-mismatch",
            "part-nullifier-mismatch",
            "decision-mismatch",
        ],
        contract: &["accepted"],
        faults: &["proved before: ", "a no is stated"],
    },
    Row {
        why: "parts of a call have no names: in another order they are proofs under others' roots",
        way: Way::Either,
        native: &["parts-mismatch"],
        contract: &["root-unknown"],
        faults: &["parts exchanged", "one part in every place"],
    },
    Row {
        why: "the chain is in what is signed and not in the call: the signature is another's",
        way: Way::Either,
        native: &["wrong-deployment"],
        contract: &["requester-key-unknown"],
        faults: &["for another"],
    },
    Row {
        why: "a bundle has no sender",
        way: Way::Office,
        native: &["accepted"],
        contract: &["not-the-requester"],
        faults: &["sent by", "the office's key", "entered the other way"],
    },
    Row {
        why: "the same: the contract looks at the sender first, who is nobody's key where the signer is none",
        way: Way::Office,
        native: &["requester-key-not-valid", "requester-not-authorised", "requester-key-unknown"],
        contract: &["not-the-requester"],
        faults: &["the office's key", "by an office that doesn't exist", "the office was dismissed", "sent by"],
    },
    Row {
        why: "the verifier doesn't know what a program has spent",
        way: Way::Either,
        native: &["accepted"],
        contract: &["over-budget"],
        faults: &["any amount", "an amount beyond", "the largest amount"],
    },
    Row {
        why: "the verifier derives the policy key, and is handed none",
        way: Way::Proof,
        native: &["accepted"],
        contract: &["policy-key-mismatch"],
        faults: &["another policy's key", "a policy key", "no policy key"],
    },
    Row {
        why: "officers entered the hash of another key than the derived one; the contract can't derive keys",
        way: Way::Proof,
        native: &["policy-entry-mismatch"],
        contract: &["policy-key-unusable", "proof-invalid"],
        faults: &[],
    },
    Row {
        why: "the same; by the office no key is needed",
        way: Way::Office,
        native: &["policy-entry-mismatch"],
        contract: &["accepted"],
        faults: &[],
    },
    Row {
        why: "the verifier says of a decision that stands that it does; the contract enters none twice",
        way: Way::Either,
        native: &["accepted", "decided-otherwise", "record-mismatch"],
        contract: &["already-decided"],
        faults: &["sent before", "entered before"],
    },
    Row {
        why: "what no type of the verifier can hold, its decoder refuses",
        way: Way::Either,
        native: &["bundle-unreadable"],
        contract: &["not-reduced"],
        faults: &["nullifier + ", "root + ", "applicant + "],
    },
    Row {
        why: "the same",
        way: Way::Either,
        native: &["bundle-unreadable", "part-scope-mismatch"],
        contract: &["wrong-scope"],
        faults: &["scope + ", "another scope"],
    },
    Row {
        why: "the same",
        way: Way::Either,
        native: &["bundle-unreadable"],
        contract: &["request-signature"],
        faults: &["a signature", "no signature"],
    },
    Row {
        why: "the same, and the decoder of calls refuses without a word",
        way: Way::Either,
        native: &["bundle-unreadable"],
        contract: &["reverted"],
        faults: &["amount + 2^64"],
    },
    Row {
        why: "a bundle isn't encoded as a call",
        way: Way::Either,
        native: &["accepted"],
        contract: &["reverted"],
        faults: &[
            "a call cut short",
            "a recipient with",
            "a period with",
            "a nonce with",
            "an expiry with",
            "amount + 2^64",
        ],
    },
    Row {
        why: "a bundle's digest isn't 0",
        way: Way::Office,
        native: &["accepted"],
        contract: &["empty-digest"],
        faults: &["no bundle digest"],
    },
    Row {
        why: "an output of 2^63 or more contradicts itself before the equation",
        way: Way::Either,
        native: &["proof-invalid", "decision-mismatch"],
        contract: &["amount-too-large"],
        faults: &["an amount that no output holds", "the largest amount"],
    },
    Row {
        why: "the verifier looks at what is stated before it looks at what stands",
        way: Way::Either,
        native: &["decision-mismatch"],
        contract: &["corrects-unknown"],
        faults: &["another nullifier is stated"],
    },
    Row {
        why: "a call has one nullifier, and the contract looks for what stands under it before it looks at the proofs",
        way: Way::Either,
        native: &["part-nullifier-mismatch"],
        contract: &["corrects-unknown"],
        faults: &["a part of another nullifier"],
    },
    Row {
        why: "a bundle that says no is entered in no way, so the verifier doesn't ask what stands",
        way: Way::Either,
        native: &["proof-invalid", "decision-mismatch"],
        contract: &[
            "nullifier-spent",
            "corrects-unknown",
            "assurance-lowered",
            "another-offices-approval",
            "correction-too-late",
        ],
        faults: &["a part that says no", "all parts say no", "a no is stated", "proved before: decision"],
    },
    Row {
        why: "an amount that the parts don't state, in a program that pays nothing",
        way: Way::Either,
        native: &["decision-mismatch"],
        contract: &["nothing-is-paid"],
        faults: &["another amount is stated"],
    },
];

/// Two faults that both judges see, and meet in another order.
pub struct Order {
    why: &'static str,
    native: &'static [Said],
    contract: &'static [Said],
}

const POLICIES: &[Said] =
    &["policy-not-enacted", "policy-withdrawn", "policy-not-in-force", "policies-not-of-program", "other-currency"];

const ROOTS: &[Said] = &["root-unknown", "root-withdrawn", "root-superseded", "root-not-fresh", "part-input-mismatch"];

pub const ORDERS: &[Order] = &[
    Order {
        why: "the verifier looks at a request's form before its signature",
        native: &["request-lifetime"],
        contract: &["request-signature"],
    },
    Order {
        why: "the contract reads the program's rules before it asks whose the signature is",
        native: &["requester-key-unknown", "requester-key-not-valid", "request-not-yet-valid", "request-expired"],
        contract: &["program-closed"],
    },
    Order {
        why: "the contract takes each policy with the roots of its part, the verifier all policies before any part",
        native: POLICIES,
        contract: ROOTS,
    },
    Order {
        why: "the contract counts the parts before it looks at any policy",
        native: POLICIES,
        contract: &["parts-mismatch"],
    },
    Order {
        why: "the verifier compares all names of policies before it looks at any policy",
        native: &["policies-not-of-program"],
        contract: &["policy-not-enacted", "policy-withdrawn", "policy-not-in-force", "other-currency"],
    },
    Order {
        why: "the verifier decodes a part's proof with the part, the contract after all that costs less",
        native: &["proof-malformed"],
        contract: ROOTS,
    },
    Order {
        why: "the same, and it decodes the proofs of all parts before it checks any",
        native: &["proof-malformed"],
        contract: &[
            "nullifier-spent",
            "corrects-unknown",
            "assurance-lowered",
            "another-offices-approval",
            "correction-too-late",
            "proof-invalid",
        ],
    },
];

impl Row {
    /// Whether it explains a pair that these faults led to.
    pub fn holds(&self, pair: Pair, faults: &[&str]) -> bool {
        assert!(!self.why.is_empty());
        let way = match self.way {
            Way::Either => true,
            Way::Office => pair.way == Assurance::ByOffice,
            Way::Proof => pair.way == Assurance::ByProof,
        };
        let led = self.faults.is_empty() || self.faults.iter().any(|start| faults.iter().any(|f| f.starts_with(start)));
        way && led
            && self.native.contains(&pair.native)
            && (self.contract == ANYTHING || self.contract.contains(&pair.contract))
    }
}

impl Order {
    /// Whether each judge meets another of two faults first, and says so.
    pub fn holds(&self, pair: Pair) -> bool {
        assert!(!self.why.is_empty());
        self.native.contains(&pair.native) && self.contract.contains(&pair.contract)
    }
}
