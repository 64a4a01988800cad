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
    ProvingFailed "proving-failed" Damaged Operator "check memory and key files, delete the table file and prove again; report it if it fails once more";
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
    VaultInconsistent "vault-inconsistent" Damaged Caller "";
    VoucherKey "voucher-key" Rejected Caller "";
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
    Contradicted "contradicted" Rejected Office "audit the bundles together with what the office recorded: one of two that contradict each other is not what it decided";
    EvidenceInvalid "evidence-invalid" Rejected Sender "";
    EvidenceMissing "evidence-missing" Rejected Sender "";
    PolicyDoesNotCompile "policy-does-not-compile" Rejected Officer "";
    PolicyTextMismatch "policy-text-mismatch" Rejected Officer "";
    WithdrawnBefore "withdrawn-before" Rejected Office "";
    WithdrawnUndated "withdrawn-undated" Rejected Office "";
    // The wallet.
    ApplicantMismatch "applicant-mismatch" Rejected Office "";
    BadEnrolment "bad-enrolment" Rejected Office "";
    CaseSecretMissing "case-secret-missing" Rejected Office "";
    DeploymentNotPinned "deployment-not-pinned" Rejected Office "";
    DocumentUnreadable "document-unreadable" Rejected Office "";
    OtherRole "other-role" Rejected Office "";
    PolicyApplicantRule "policy-applicant-rule" Rejected Office "";
    RequestPurpose "request-purpose" Rejected Office "";
    BadWalletFile "bad-wallet-file" BadInput Holder "Name the wallet's own file, as this program wrote it; a damaged one is restored from its recovery phrase.";
    HistoryInUse "history-in-use" Unavailable Holder "Close the other wallet first.";
    HistoryTampered "history-tampered" Damaged Holder "Keep the file for an inquiry, and start with a new one.";
    TooManyDeployments "too-many-deployments" BadInput Holder "Use another wallet for further programs.";
    WrongPassphrase "wrong-passphrase" BadInput Holder "Try again, or restore the wallet from its recovery phrase.";
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
    RecipientKey "recipient-key" BadInput Sender "Ask the recipient for the public key of a new key file.";
    Unopenable "unopenable" Rejected Sender "Get the file again from where it came; it is needed byte for byte.";
    // Records that a prover puts together.
    MemberRecordAmbiguous "member-record-ambiguous" Rejected Holder "";
    MemberRecordMissing "member-record-missing" Rejected Holder "";
    RecordAmbiguous "record-ambiguous" Rejected Holder "";
    RecordMissing "record-missing" Rejected Holder "";
    RecordNotNeeded "record-not-needed" Rejected Holder "";
    RecordOfNoMember "record-of-no-member" Rejected Holder "";
    RootsDiffer "roots-differ" Rejected Holder "";
    // The vault.
    AccessLogInconsistent "access-log-inconsistent" Damaged Operator "restore the vault from its newest backup, and find out who changed the log";
    AccessLogUnwritable "access-log-unwritable" Unavailable Operator "nothing was disclosed. Make room, or mend the disk, and run it again";
    AnchorLandedLate "anchor-landed-late" Rejected Agency "withdraw this root and anchor again";
    BadImportPlan "bad-import-plan" BadInput Caller "name the columns as the file's first line does";
    BadKeyRing "bad-key-ring" Damaged Operator "restore keyring.json from its newest backup";
    BadMasterKeyFile "bad-master-key-file" BadInput Caller "name the file of 32 bytes with which the vault was created";
    ChainBehindVault "chain-behind-vault" Rejected Operator "name the chain on which this vault anchors, or restore the newest state of it";
    DataKeyGone "data-key-gone" Damaged Operator "if nobody erased the record, restore keys.db from its newest backup";
    Database "database" Unavailable Operator "look after the disk and the rights of the vault's directory, and run it again";
    DatabaseForeignValue "database-foreign-value" Damaged Operator "restore the vault from its newest backup";
    DatabaseMigration "database-migration" Unavailable Operator "open the vault with the newest version of this program";
    DatabaseNotDurable "database-not-durable" Unavailable Operator "keep the vault on a local disk; file systems of a network can't give what is needed";
    EnrolmentNonce "enrolment-nonce" Rejected Agency "make a new challenge, and have it answered within a day";
    KeyRingTooOld "key-ring-too-old" Damaged Operator "restore the newest keyring.json";
    MembershipsInconsistent "memberships-inconsistent" Damaged Operator "restore the vault from its newest backup";
    NeedsBusinessKey "needs-business-key" BadInput Caller "name the record's business key";
    NoAnchoredRoot "no-anchored-root" Rejected Agency "anchor a root first";
    NoLogEntry "no-log-entry" NotFound Caller "name an entry that the log has";
    NoRecord "no-record" NotFound Caller "compare subject, schema and period with what the vault holds; what was changed since the newest anchor needs an anchor first";
    OtherMasterKey "other-master-key" BadInput Caller "give the passphrase or the key file, whichever locks this vault";
    PossessionUnproved "possession-unproved" Rejected Holder "ask the wallet for a new answer to this challenge";
    RootGraceEnded "root-grace-ended" Rejected Caller "use the newest root";
    RootNotOfThisVault "root-not-of-this-vault" NotFound Caller "take a root that the vault's status lists";
    StoreUnavailable "store-unavailable" Unavailable Operator "run it again when nobody else reads the vault's files";
    StoredRecordMalformed "stored-record-malformed" Damaged Operator "restore the vault from its newest backup";
    StoredRecordReplaced "stored-record-replaced" Damaged Operator "restore the vault from its newest backup, and find out who put an older row back";
    StoredRowChanged "stored-row-changed" Damaged Operator "restore the vault from its newest backup, and find out who changed it";
    TooManyRepresentatives "too-many-representatives" Rejected Agency "remove a representative first";
    TreeFull "tree-full" Unavailable Agency "the agency needs a second vault under another name";
    TreeInconsistent "tree-inconsistent" Damaged Operator "restore the vault from its newest backup, and find out who changed it";
    VaultBehindChain "vault-behind-chain" Rejected Operator "restore the newest copy of the vault's databases";
    VaultExists "vault-exists" Conflict Caller "open the vault that is there, or choose an empty directory";
    VaultInUse "vault-in-use" Unavailable Operator "wait for the other process, or stop it";
    VaultMissing "vault-missing" NotFound Caller "create a vault first, or name its directory";
    VaultOtherAgency "vault-other-agency" BadInput Caller "open the directory of this agency's vault";
    WrongMasterKey "wrong-master-key" BadInput Caller "give the passphrase or key file with which the vault is locked";
    // Contracts.
    AgencyExists "agency-exists" Rejected Officer "choose another id";
    AgencyIsWithdrawn "agency-is-withdrawn" Rejected Officer "a withdrawal is for ever; register the agency under a new id";
    AlreadyAnOfficer "already-an-officer" Rejected Officer "nothing is left to do";
    AlreadyAuthorised "already-authorised" Rejected Officer "nothing is left to do";
    AlreadyBegun "already-begun" Rejected Officer "choose a day after today";
    AlreadyDecided "already-decided" Rejected Office "make a new request that corrects it";
    AlreadyProposed "already-proposed" Rejected Officer "let another officer confirm it";
    AlreadyRecorded "already-recorded" Rejected Office "nothing is left to do";
    AmountTooLarge "amount-too-large" Rejected Office "an amount is less than 2^63; have the policy's output corrected";
    AnchoredTooLate "anchored-too-late" Rejected Agency "set a later first day for the new key and anchor again";
    AsOfInTheFuture "as-of-in-the-future" Rejected Office "wait until that day";
    BadLifetime "bad-lifetime" Rejected Office "make a request that expires within 60 days";
    BadSignature "bad-signature" Rejected Office "sign the request again";
    CantBeExtended "cant-be-extended" Rejected Officer "enact a new version";
    DelayNotOver "delay-not-over" Rejected Officer "confirm it when the delay is over";
    EmptyDigest "empty-digest" Rejected Officer "send the document's digest";
    EndsBeforeItBegins "ends-before-it-begins" Rejected Officer "choose a last day that is not before the first";
    Expired "expired" Rejected Office "make a new request";
    GraceTooLong "grace-too-long" Rejected Officer "choose a grace of at most 90 days";
    KeyInUse "key-in-use" Rejected Officer "generate a fresh key";
    KeyNotActive "key-not-active" Rejected Caller "sign with a current key";
    NeedsTwoPeople "needs-two-people" Rejected Officer "let one officer propose and another confirm";
    NobodysAddress "nobodys-address" Rejected Officer "name a person's own address";
    NotADate "not-a-date" Rejected Caller "write a date between 1970 and 9999";
    NotAName "not-a-name" Rejected Caller "write 1 to 31 characters of a-z, 0-9 and '-', beginning with a letter";
    NotAnOfficer "not-an-officer" Rejected Officer "sign with an officer's key";
    NotCanonical "not-canonical" Rejected Officer "cancel the proposal and propose the act anew";
    NotOnTheGrid "not-on-the-grid" Rejected Office "name one of the program's periods";
    NotProposed "not-proposed" Rejected Officer "propose it first, with the same content";
    NotReduced "not-reduced" Rejected Caller "send the canonical value";
    NotTheKeysOwner "not-the-keys-owner" Rejected Caller "sign with the key itself, or let two officers act";
    NotTheRequester "not-the-requester" Rejected Office "sign with a current key of the requester";
    NotTheSuccessor "not-the-successor" Rejected Agency "anchor the successor of the agency's current root";
    NotYetValid "not-yet-valid" Rejected Office "wait until the request is valid";
    NothingIsPaid "nothing-is-paid" Rejected Office "send the amount 0";
    NothingToCorrect "nothing-to-correct" Rejected Office "name the request of the approval that stands";
    OnlyItsProposer "only-its-proposer" Rejected Officer "let its proposer cancel it";
    OutsideClaimWindow "outside-claim-window" Rejected Office "record the claim within the window";
    OverBudget "over-budget" Rejected Officer "two officers amend the program's budget";
    Overlaps "overlaps" Rejected Officer "end the other version first";
    PolicyExists "policy-exists" Rejected Officer "nothing is left to do; another text is another version";
    PolicyIsWithdrawn "policy-is-withdrawn" Rejected Officer "a withdrawal is for ever; enact another version";
    ProgramExists "program-exists" Rejected Officer "amend it, or enact another id";
    ProgramIsClosed "program-is-closed" Rejected Officer "nothing is approved under it any more; enact another program";
    ProposalExpired "proposal-expired" Rejected Officer "propose it anew, so that it waits again";
    ProposerLeft "proposer-left" Rejected Officer "propose it anew";
    RequesterExists "requester-exists" Rejected Officer "choose another id";
    Reverted "reverted" Rejected Caller "check the addresses of the contracts, and what was sent";
    RootDoesNotCount "root-does-not-count" Rejected Prover "prove against a current root";
    RootIsWithdrawn "root-is-withdrawn" Rejected Agency "change the tree and anchor again";
    SamePerson "same-person" Rejected Officer "let another officer confirm it";
    SignerNotAccepted "signer-not-accepted" Rejected Office "make a new request, signed with a current key of the requester";
    TooFew "too-few" Rejected Officer "add another officer first";
    UnknownAgency "unknown-agency" Rejected Officer "register the agency first";
    UnknownKey "unknown-key" Rejected Caller "check the key's address";
    UnknownOwner "unknown-owner" Rejected Officer "register it first";
    UnknownProgram "unknown-program" Rejected Officer "enact the program first";
    UnknownRequester "unknown-requester" Rejected Officer "register the requester first";
    UnknownRoot "unknown-root" Rejected Agency "anchor the root first";
    UnusableTerms "unusable-terms" Rejected Officer "correct the program and propose it anew";
    WrongNumberOfParts "wrong-number-of-parts" Rejected Office "bring exactly one part for each policy of the program";
    WrongNumberOfPolicies "wrong-number-of-policies" Rejected Office "make a request that names one version of each policy";
    WrongNumberOfRoots "wrong-number-of-roots" Rejected Office "give one root for each source of the policy";
    WrongNumberOfSources "wrong-number-of-sources" Rejected Officer "give the policy 1 to 3 sources";
    WrongPeriodEnd "wrong-period-end" Rejected Office "make the request for a period of the program";
    WrongScope "wrong-scope" Rejected Office "make the request from the enacted program";
    // Chains and their hosts.
    CallFailed "call-failed" Unavailable Operator "check the addresses of the contracts";
    ChainDamaged "chain-damaged" Damaged Operator "restore the chain from a backup";
    ChainDatabase "chain-database" Unavailable Operator "check the disk and the directory's permissions, and try again";
    ChainExists "chain-exists" Conflict Caller "choose another directory";
    ChainFile "chain-file" Unavailable Operator "check that the file and its directory can be read and written";
    ChainInUse "chain-in-use" Unavailable Operator "wait until the other process ends";
    ChainReadOnly "chain-read-only" Unavailable Operator "restore the sealer's key file to add blocks";
    ChainUnfinished "chain-unfinished" Unavailable Operator "create the chain again: nothing of it was acknowledged";
    ChainUnreadable "chain-unreadable" Unavailable Operator "check the addresses of the contracts: they are not of this version";
    ClockBackwards "clock-backwards" BadInput Caller "name a time that is not before the newest block's";
    DiskNotDurable "disk-not-durable" Unavailable Operator "keep the database on a local disk";
    NoChain "no-chain" NotFound Caller "create a chain there first, or name the directory of one";
    NoSuchBlock "no-such-block" NotFound Caller "name a block up to the chain's head";
    NotAnApproval "not-an-approval" Rejected Office "date refusals in batches";
    NothingToProve "nothing-to-prove" NotFound Caller "put it on chain first, or ask at a later block";
    NumberTooLarge "number-too-large" BadInput Caller "choose a smaller number";
    SignatureMalformed "signature-malformed" Rejected Sender "have it signed again";
    SignedByAnother "signed-by-another" Rejected Caller "check which key the signer holds";
    SignerUnavailable "signer-unavailable" Unavailable Operator "check the token or key service, and try again";
    TransactionOutOfTurn "transaction-out-of-turn" Conflict Caller "prepare it again: another transaction of the same key came first";
    UnusableKey "unusable-key" BadInput Caller "sign with a secp256k1 key";
}
