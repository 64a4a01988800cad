//! The table of codes. A code never changes its meaning and is never given to something else; what is no longer said stays listed here no longer, and CHANGELOG names it.

use super::{Class, Party};

/// Makes the enum and its columns from one table, so that no code can lack one.
macro_rules! codes {
    ($($variant:ident $text:literal $class:ident $party:ident $remedy:literal;)*) => {
        /// What failed, for programs: stable, the same in a verb's `--json`, a service's problem document and `docs/ERRORS.md`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each variant is its own text, and `remedy` says the rest")]
        pub enum Code { $($variant,)* }

        impl Code {
            /// All of them, in the order of `docs/ERRORS.md`.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written everywhere: lower-case words joined by `-`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// What kind of failure it is, which decides exit code and HTTP status.
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }

            /// Who can mend it.
            pub const fn party(self) -> Party {
                match self { $(Self::$variant => Party::$party,)* }
            }

            /// What to do about it, where the place that failed knows nothing better.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    // Files, keys and the command line.
    AlreadyDated "already-dated" Rejected Caller "";
    AnchorTooLate "anchor-too-late" Rejected Caller "";
    AnonymousProgram "anonymous-program" BadInput Caller "";
    AttackSucceeded "attack-succeeded" Rejected Caller "";
    BadBatch "bad-batch" BadInput Caller "";
    BadBundle "bad-bundle" BadInput Caller "";
    BadCaseSecret "bad-case-secret" BadInput Caller "";
    BadConsent "bad-consent" BadInput Caller "";
    BadDocument "bad-document" BadInput Caller "";
    BadFact "bad-fact" BadInput Caller "";
    BadKeyFile "bad-key-file" BadInput Caller "";
    BadName "bad-name" BadInput Caller "";
    BadNationalId "bad-national-id" BadInput Caller "";
    BadPassphrase "bad-passphrase" BadInput Caller "";
    BadPeriod "bad-period" Rejected Caller "";
    BadPolicy "bad-policy" Rejected Caller "";
    BadProgram "bad-program" BadInput Caller "";
    BadProvingKey "bad-proving-key" BadInput Caller "";
    BadRelease "bad-release" BadInput Caller "";
    BadRequest "bad-request" Rejected Caller "";
    BadRows "bad-rows" Rejected Caller "";
    BadSchema "bad-schema" BadInput Caller "";
    BadSubjectKey "bad-subject-key" BadInput Caller "";
    BadTables "bad-tables" BadInput Caller "";
    BadTrustFile "bad-trust-file" BadInput Caller "";
    BadUniversalKey "bad-universal-key" BadInput Caller "";
    BadWords "bad-words" BadInput Caller "";
    BatchIncomplete "batch-incomplete" BadInput Caller "";
    Chain "chain" Unavailable Caller "";
    Clock "clock" BadInput Caller "";
    ConsentMismatch "consent-mismatch" Rejected Caller "";
    Date "date" BadInput Caller "";
    DirectoryExists "directory-exists" Conflict Caller "";
    FileExists "file-exists" Conflict Caller "";
    FileNotFound "file-not-found" NotFound Caller "";
    FileTooLarge "file-too-large" TooLarge Caller "";
    FileUnreadable "file-unreadable" Unavailable Caller "";
    FileUnwritable "file-unwritable" Unavailable Caller "";
    ForeignPart "foreign-part" BadInput Caller "";
    Grace "grace" BadInput Caller "";
    GraceMismatch "grace-mismatch" BadInput Caller "";
    History "history" Unavailable Caller "";
    InputOutput "input-output" Unavailable Caller "";
    InvalidWords "invalid-words" BadInput Caller "";
    Json "json" BadInput Caller "";
    MasterKey "master-key" BadInput Caller "";
    MissingPart "missing-part" BadInput Caller "";
    Name "name" BadInput Caller "";
    NeedsReleasedRecords "needs-released-records" BadInput Caller "";
    NoApplicant "no-applicant" BadInput Caller "";
    NoCaseSecret "no-case-secret" BadInput Caller "";
    NoCeremony "no-ceremony" BadInput Caller "";
    NoConsent "no-consent" Rejected Caller "";
    NoContract "no-contract" NotFound Caller "";
    NoDecision "no-decision" BadInput Caller "";
    NoKey "no-key" NotFound Caller "";
    NoPassphrase "no-passphrase" BadInput Caller "";
    NoPeriod "no-period" BadInput Caller "";
    NoPolicy "no-policy" BadInput Caller "";
    NoReason "no-reason" BadInput Caller "";
    NoRefusals "no-refusals" BadInput Caller "";
    NoRepresentative "no-representative" NotFound Caller "";
    NoTerminal "no-terminal" BadInput Caller "";
    NotARefusal "not-a-refusal" Rejected Caller "";
    NotConfirmed "not-confirmed" BadInput Caller "";
    NotEnrolled "not-enrolled" BadInput Caller "";
    NotRecorded "not-recorded" Rejected Caller "";
    NotTheAgencysKey "not-the-agencys-key" BadInput Caller "";
    NotUtf8 "not-utf-8" BadInput Caller "";
    NothingToDecide "nothing-to-decide" BadInput Caller "";
    OtherAgency "other-agency" Rejected Caller "";
    OtherPerson "other-person" Rejected Caller "";
    OtherRecipient "other-recipient" Rejected Caller "";
    Period "period" BadInput Caller "";
    PolicyCheckFailed "policy-check-failed" Rejected Caller "";
    PolicyRefused "policy-refused" Rejected Caller "";
    ProposedAlready "proposed-already" Rejected Caller "";
    ReleaseAmbiguous "release-ambiguous" BadInput Caller "";
    ReleaseBeforeRequest "release-before-request" Rejected Caller "";
    ReleaseNotNeeded "release-not-needed" Rejected Caller "";
    ReleasedForAnotherRequest "released-for-another-request" Rejected Caller "";
    SameDirectory "same-directory" BadInput Caller "";
    ScopeMismatch "scope-mismatch" Rejected Caller "";
    SecretReadableByOthers "secret-readable-by-others" BadInput Caller "";
    SetupFailed "setup-failed" BadInput Caller "";
    SeveralRequesters "several-requesters" BadInput Caller "";
    StoryBroken "story-broken" Rejected Caller "";
    SubjectKeyUnwritable "subject-key-unwritable" Unavailable Caller "";
    UnderivablePolicyKey "underivable-policy-key" BadInput Caller "";
    UnknownFile "unknown-file" BadInput Caller "";
    UnknownPolicy "unknown-policy" Rejected Caller "";
    UnknownSchema "unknown-schema" NotFound Caller "";
    Unprovable "unprovable" Rejected Caller "";
    UnregisteredAgency "unregistered-agency" NotFound Caller "";
    Usage "usage" BadInput Caller "";
    Vault "vault" Unavailable Caller "";
    VaultInconsistent "vault-inconsistent" Damaged Caller "";
    VoucherKey "voucher-key" Rejected Caller "";
    Wallet "wallet" Unavailable Caller "";
    // The office's request, the program and its policies, the bundle.
    ApplicantRequired "applicant-required" Rejected Office "";
    AsOfInFuture "as-of-in-future" Rejected Holder "";
    BundleUnreadable "bundle-unreadable" Rejected Sender "";
    ClaimTooEarly "claim-too-early" Rejected Holder "";
    ClaimTooLate "claim-too-late" Rejected Holder "";
    CorrectsUnknown "corrects-unknown" Rejected Office "";
    DecidedOtherwise "decided-otherwise" Rejected Holder "";
    DecisionMismatch "decision-mismatch" Rejected Sender "";
    NullifierSpent "nullifier-spent" Rejected Holder "";
    PartApplicantMismatch "part-applicant-mismatch" Rejected Prover "";
    PartAsOfMismatch "part-as-of-mismatch" Rejected Prover "";
    PartInputMismatch "part-input-mismatch" Rejected Prover "";
    PartNullifierMismatch "part-nullifier-mismatch" Rejected Prover "";
    PartRequestMismatch "part-request-mismatch" Rejected Prover "";
    PartScopeMismatch "part-scope-mismatch" Rejected Prover "";
    PartUniversalKeyMismatch "part-universal-key-mismatch" Rejected Prover "";
    PartsMismatch "parts-mismatch" Rejected Sender "";
    PeriodNotOnGrid "period-not-on-grid" Rejected Office "";
    PoliciesMismatch "policies-mismatch" Rejected Sender "";
    PoliciesNotOfProgram "policies-not-of-program" Rejected Office "";
    PolicyDoesNotCompose "policy-does-not-compose" Rejected Officer "";
    PolicyEdited "policy-edited" Rejected Sender "";
    PolicyEntryMismatch "policy-entry-mismatch" Rejected Officer "";
    PolicyKeyUnderivable "policy-key-underivable" Rejected Officer "";
    PolicyNotEnacted "policy-not-enacted" Rejected Officer "";
    PolicyNotInForce "policy-not-in-force" Rejected Officer "";
    PolicySchemasMismatch "policy-schemas-mismatch" Rejected Sender "";
    PolicyWithdrawn "policy-withdrawn" Rejected Officer "";
    PolicyWordsInvalid "policy-words-invalid" Rejected Officer "";
    ProgramClosed "program-closed" Rejected Officer "";
    ProgramEntryMismatch "program-entry-mismatch" Rejected Officer "";
    ProgramInvalid "program-invalid" Rejected Officer "";
    ProgramMismatch "program-mismatch" Rejected Sender "";
    ProgramNotEnacted "program-not-enacted" Rejected Officer "";
    ProofInvalid "proof-invalid" Rejected Prover "";
    ProofMalformed "proof-malformed" Rejected Prover "";
    RecordMismatch "record-mismatch" Rejected Office "";
    RequestExpired "request-expired" Rejected Office "";
    RequestLifetime "request-lifetime" Rejected Office "";
    RequestMalformed "request-malformed" Rejected Office "";
    RequestNotYetValid "request-not-yet-valid" Rejected Office "";
    RequestSignature "request-signature" Rejected Office "";
    RequesterKeyNotValid "requester-key-not-valid" Rejected Office "";
    RequesterKeyUnknown "requester-key-unknown" Rejected Office "";
    RequesterNotAuthorised "requester-not-authorised" Rejected Office "";
    RootSuperseded "root-superseded" Rejected Agency "";
    RootUnknown "root-unknown" Rejected Agency "";
    RootWithdrawn "root-withdrawn" Rejected Agency "";
    TimeOutOfRange "time-out-of-range" Rejected Operator "";
    UniversalKeyMismatch "universal-key-mismatch" Rejected Operator "";
    UniversalKeyMissing "universal-key-missing" Rejected Operator "";
    WrongDeployment "wrong-deployment" Rejected Office "";
    // Audits.
    ApprovalInBatch "approval-in-batch" Rejected Sender "";
    BatchOfAnotherRequester "batch-of-another-requester" Rejected Sender "";
    EvidenceInvalid "evidence-invalid" Rejected Sender "";
    EvidenceMissing "evidence-missing" Rejected Sender "";
    PolicyDoesNotCompile "policy-does-not-compile" Rejected Sender "";
    PolicyTextMismatch "policy-text-mismatch" Rejected Sender "";
    WithdrawnBefore "withdrawn-before" Rejected Sender "";
    WithdrawnUndated "withdrawn-undated" Rejected Sender "";
    // The wallet.
    ApplicantMismatch "applicant-mismatch" Rejected Office "";
    BadEnrolment "bad-enrolment" Rejected Office "";
    CaseSecretMissing "case-secret-missing" Rejected Office "";
    DeploymentNotPinned "deployment-not-pinned" Rejected Office "";
    DocumentUnreadable "document-unreadable" Rejected Office "";
    OtherRole "other-role" Rejected Office "";
    PolicyApplicantRule "policy-applicant-rule" Rejected Office "";
    RequestPurpose "request-purpose" Rejected Office "";
    // Releases of records.
    ReleaseBeforeSigner "release-before-signer" Rejected Holder "";
    ReleaseExpired "release-expired" Rejected Holder "";
    ReleaseLifetime "release-lifetime" Rejected Holder "";
    ReleaseMalformed "release-malformed" Rejected Holder "";
    ReleaseNeedsVoucher "release-needs-voucher" Rejected Holder "";
    ReleaseNotYetValid "release-not-yet-valid" Rejected Holder "";
    ReleaseOtherAgency "release-other-agency" Rejected Holder "";
    ReleaseOtherDeployment "release-other-deployment" Rejected Holder "";
    ReleaseSignature "release-signature" Rejected Holder "";
    ReleaseSigner "release-signer" Rejected Holder "";
    ReleaseUsed "release-used" Rejected Holder "";
    ReleaseVoucher "release-voucher" Rejected Holder "";
    ReleasedAnotherRecord "released-another-record" Rejected Holder "";
    ReleasedToAnother "released-to-another" Rejected Holder "";
    // Records that a prover puts together.
    MemberRecordAmbiguous "member-record-ambiguous" Rejected Holder "";
    MemberRecordMissing "member-record-missing" Rejected Holder "";
    RecordAmbiguous "record-ambiguous" Rejected Holder "";
    RecordMissing "record-missing" Rejected Holder "";
    RecordNotNeeded "record-not-needed" Rejected Holder "";
    RecordOfNoMember "record-of-no-member" Rejected Holder "";
    RootsDiffer "roots-differ" Rejected Holder "";
    // Contracts.
    AgencyExists "agency-exists" Rejected Caller "";
    AgencyIsWithdrawn "agency-is-withdrawn" Rejected Caller "";
    AlreadyAnOfficer "already-an-officer" Rejected Caller "";
    AlreadyAuthorised "already-authorised" Rejected Caller "";
    AlreadyBegun "already-begun" Rejected Caller "";
    AlreadyDecided "already-decided" Rejected Caller "";
    AlreadyProposed "already-proposed" Rejected Caller "";
    AlreadyRecorded "already-recorded" Rejected Caller "";
    AmountTooLarge "amount-too-large" Rejected Caller "";
    AnchoredTooLate "anchored-too-late" Rejected Caller "";
    AsOfInTheFuture "as-of-in-the-future" Rejected Caller "";
    BadLifetime "bad-lifetime" Rejected Caller "";
    BadSignature "bad-signature" Rejected Caller "";
    CantBeExtended "cant-be-extended" Rejected Caller "";
    DelayNotOver "delay-not-over" Rejected Caller "";
    EmptyDigest "empty-digest" Rejected Caller "";
    EndsBeforeItBegins "ends-before-it-begins" Rejected Caller "";
    Expired "expired" Rejected Caller "";
    GraceTooLong "grace-too-long" Rejected Caller "";
    KeyInUse "key-in-use" Rejected Caller "";
    KeyNotActive "key-not-active" Rejected Caller "";
    NeedsTwoPeople "needs-two-people" Rejected Caller "";
    NobodysAddress "nobodys-address" Rejected Caller "";
    NotADate "not-a-date" Rejected Caller "";
    NotAName "not-a-name" Rejected Caller "";
    NotAnOfficer "not-an-officer" Rejected Caller "";
    NotCanonical "not-canonical" Rejected Caller "";
    NotOnTheGrid "not-on-the-grid" Rejected Caller "";
    NotProposed "not-proposed" Rejected Caller "";
    NotReduced "not-reduced" Rejected Caller "";
    NotTheKeysOwner "not-the-keys-owner" Rejected Caller "";
    NotTheRequester "not-the-requester" Rejected Caller "";
    NotTheSuccessor "not-the-successor" Rejected Caller "";
    NotYetValid "not-yet-valid" Rejected Caller "";
    NothingIsPaid "nothing-is-paid" Rejected Caller "";
    NothingToCorrect "nothing-to-correct" Rejected Caller "";
    OnlyItsProposer "only-its-proposer" Rejected Caller "";
    OutsideClaimWindow "outside-claim-window" Rejected Caller "";
    OverBudget "over-budget" Rejected Caller "";
    Overlaps "overlaps" Rejected Caller "";
    PolicyExists "policy-exists" Rejected Caller "";
    PolicyIsWithdrawn "policy-is-withdrawn" Rejected Caller "";
    ProgramExists "program-exists" Rejected Caller "";
    ProgramIsClosed "program-is-closed" Rejected Caller "";
    ProposalExpired "proposal-expired" Rejected Caller "";
    ProposerLeft "proposer-left" Rejected Caller "";
    RequesterExists "requester-exists" Rejected Caller "";
    Reverted "reverted" Rejected Caller "";
    RootDoesNotCount "root-does-not-count" Rejected Caller "";
    RootIsWithdrawn "root-is-withdrawn" Rejected Caller "";
    SamePerson "same-person" Rejected Caller "";
    SignerNotAccepted "signer-not-accepted" Rejected Caller "";
    TooFew "too-few" Rejected Caller "";
    UnknownAgency "unknown-agency" Rejected Caller "";
    UnknownKey "unknown-key" Rejected Caller "";
    UnknownOwner "unknown-owner" Rejected Caller "";
    UnknownProgram "unknown-program" Rejected Caller "";
    UnknownRequester "unknown-requester" Rejected Caller "";
    UnknownRoot "unknown-root" Rejected Caller "";
    UnusableTerms "unusable-terms" Rejected Caller "";
    WrongNumberOfParts "wrong-number-of-parts" Rejected Caller "";
    WrongNumberOfPolicies "wrong-number-of-policies" Rejected Caller "";
    WrongNumberOfRoots "wrong-number-of-roots" Rejected Caller "";
    WrongNumberOfSources "wrong-number-of-sources" Rejected Caller "";
    WrongPeriodEnd "wrong-period-end" Rejected Caller "";
    WrongScope "wrong-scope" Rejected Caller "";
}
