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

            /// The party that can mend it.
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
    RefusalTwice "refusal-twice" BadInput Caller "Leave the copy out of the directory.";
    AlreadyDated "already-dated" Rejected Caller "Take the bundle out of the directory; its batch has dated it.";
    AnchorTooLate "anchor-too-late" Rejected Agency "Run the anchor again; the keys get a later first day. Where it says so once more, compare the chain's clock with this machine's: docs/OPERATING.md, Clocks.";
    AnonymousProgram "anonymous-program" BadInput Office "Don't name an applicant under this program.";
    AttackSucceeded "attack-succeeded" Rejected Operator "Report it in private, as SECURITY.md says.";
    BadBatch "bad-batch" BadInput Caller "Choose another output directory.";
    BadBundle "bad-bundle" BadInput Sender "Get the bundle again from its sender.";
    BadCaseSecret "bad-case-secret" BadInput Caller "Use the case secret as the office wrote it.";
    BadAddress "bad-address" BadInput Caller "Copy the address again: a digit is wrong. An address in lower case alone has no checksum.";
    BadChainId "bad-chain-id" BadInput Caller "Choose a chain id from 1 to 9007199254740991 that no other chain of yours has.";
    BadConsent "bad-consent" BadInput Holder "Consent again with the wallet, and hand over the file byte for byte.";
    BadDocument "bad-document" BadInput Sender "Get the document again: it must be canonical JSON (RFC 8785), byte for byte as it was written.";
    BadFact "bad-fact" BadInput Caller "Correct the fact: its name and form are those of the schema.";
    BadKeyFile "bad-key-file" BadInput Caller "Name another key file, or make one with `sealroot key new`.";
    BadName "bad-name" BadInput Caller "Use 1 to 31 characters of a-z, 0-9 and '-', beginning with a letter.";
    BadNationalId "bad-national-id" BadInput Caller "Write the id in the one spelling that its agency uses; the message says what is wrong with it.";
    BadPassphrase "bad-passphrase" BadInput Caller "Choose a passphrase of at least 12 characters.";
    BadPeriod "bad-period" Rejected Office "Ask for a period for which the law names facts that exist.";
    BadPolicy "bad-policy" Rejected Author "Get the enacted document of the policy again.";
    BadProgram "bad-program" BadInput Author "Correct the program's text, or get the enacted document again.";
    BadProvingKey "bad-proving-key" BadInput Operator "Make keys with `sealroot setup`, or copy the proving key that keys.json pins.";
    BadRelease "bad-release" BadInput Holder "Sign the release again with the wallet.";
    BadRequest "bad-request" Rejected Office "Make the request again.";
    BadRows "bad-rows" Rejected Agency "Correct the file, or import its good rows with --skip-bad-rows.";
    BadSchema "bad-schema" BadInput Author "Correct the schema at the place that the message names.";
    BadSubjectKey "bad-subject-key" BadInput Operator "Use the subject key file that the first agency exported.";
    BadTables "bad-tables" BadInput Operator "Make the tables again with `sealroot setup --tables`; without them, proofs are made from the key alone.";
    BadSnarkjsFile "bad-snarkjs-file" BadInput Caller "Give verification_key.json, proof.json and public.json as snarkjs 0.4 or later writes them for groth16 over bn128.";
    BadTrustFile "bad-trust-file" BadInput Caller "Correct the trust file at the place that the message names.";
    BadUniversalKey "bad-universal-key" BadInput Operator "Use the universal key that is pinned; development keys need --allow-insecure-dev-keys.";
    BothIds "both-ids" Conflict Agency "Find out whose id it is: two ids that both were somebody's can't become one. Decide the person's claims by the manual path until records of one of them are gone.";
    IdsDiffer "ids-differ" Rejected Agency "Correct the lines; for ids that the vault knows otherwise, use `sealroot agency change-id`.";
    LookAlikeId "look-alike-id" Rejected Agency "Correct the id that is in the wrong letters; state the pattern of ids in the schema's [national_id], so that others are refused. Where both are one person's, use `sealroot agency change-id`.";
    IdReplaced "id-replaced" Rejected Caller "Use the person's new id.";
    SameId "same-id" BadInput Caller "Nothing to change: name the id that the vault has, and another one.";
    UnknownPerson "unknown-person" Rejected Caller "Compare the id with the person's papers; import the person's records first.";
    BadPhrase "bad-phrase" BadInput Caller "Type the 24 words of the recovery phrase in their order.";
    BatchIncomplete "batch-incomplete" BadInput Caller "Put the missing refusals back into the directory: their batch was begun.";
    SameOfficer "same-officer" BadInput Officer "Name the key files of different people: what one proposes, another confirms.";
    BundleDecided "bundle-decided" Conflict Caller "Choose another path: only this bundle shows when it was decided, and on what. `sealroot inspect` says what stands in it.";
    CountsOtherwise "counts-otherwise" Rejected Author "Write the same `nullifier` as the replaced version, over the same records.";
    Clock "clock" BadInput Operator "Set the clock of this machine.";
    ConsentMismatch "consent-mismatch" Rejected Holder "Consent to this very request.";
    Date "date" BadInput Caller "Write the day as YYYY-MM-DD.";
    DirectoryExists "directory-exists" Conflict Caller "Name a directory that doesn't exist yet.";
    FileExists "file-exists" Conflict Caller "Choose another path, or move the old file away.";
    FileNotFound "file-not-found" NotFound Caller "Name a file that exists.";
    FileProtected "file-protected" Conflict Caller "Choose another path. Move the file away yourself if nobody needs it.";
    FileTooLarge "file-too-large" TooLarge Caller "Name the right file; documents are at most 64 MiB.";
    FileUnreadable "file-unreadable" Unavailable Operator "Allow this user to read the file.";
    FileUnwritable "file-unwritable" Unavailable Operator "Name a place where files can be made, and look whether the disk is full.";
    ForeignPart "foreign-part" BadInput Caller "Name one part for each policy of the request, and no other.";
    GraceMismatch "grace-mismatch" BadInput Agency "Create the vault with `agency init --grace-days` of at least what officers registered.";
    InputOutput "input-output" Unavailable Operator "Look whether the disk is full and the file can be read.";
    InvalidWords "invalid-words" BadInput Author "Get the enacted document of the policy again.";
    Json "json" BadInput Caller "Correct the JSON at the place that the message names.";
    MasterKey "master-key" BadInput Operator "Name the key file or passphrase that locks this vault.";
    MissingPart "missing-part" BadInput Prover "Get the part from the agency that holds the data; it makes it with `sealroot prove`.";
    NeedsReleasedRecords "needs-released-records" BadInput Prover "Have the records released to a prover's key, and name them with --released.";
    NoApplicant "no-applicant" BadInput Office "Name the applicant with --applicant and --case-secret.";
    NoCeremony "no-ceremony" BadInput Operator "Allow development keys explicitly; no ceremony has been held.";
    NoConsent "no-consent" Rejected Holder "Nothing to mend: the holder didn't agree, and nothing was signed.";
    ImplausibleTime "implausible-time" BadInput Caller "Name a time in seconds since 1970; where it is the machine's, set the machine's clock.";
    NoContract "no-contract" NotFound Operator "Open a chain that holds all seven contracts.";
    NoDecision "no-decision" BadInput Prover "Have the parts proved again for one request.";
    NoKey "no-key" NotFound Operator "Make the key of this shape with `sealroot setup`.";
    NoPassphrase "no-passphrase" BadInput Caller "Run it in a terminal, or set the environment variable that the message names.";
    NoPeriod "no-period" BadInput Office "Choose a day within one of the program's periods.";
    NoPolicy "no-policy" BadInput Office "Get the enacted version's document into the published directory.";
    NoWhy "no-why" BadInput Agency "Say how the person was identified, or name the document that gives a representative the right, with --why.";
    NoRefusals "no-refusals" BadInput Caller "Name a directory that holds bundles (*.json).";
    NoRepresentative "no-representative" NotFound Agency "List the representatives, and copy the key.";
    NoTerminal "no-terminal" BadInput Caller "Name a file for the recovery phrase.";
    NotARefusal "not-a-refusal" Rejected Caller "Decide an approval by itself; it spends its nullifier.";
    NotCsv "not-csv" BadInput Agency "Save it as CSV in UTF-8 (a spreadsheet calls it \"CSV UTF-8\"), and import that.";
    NotConfirmed "not-confirmed" BadInput Caller "Repeat it with --yes if you mean it: it can't be undone.";
    NotEnrolled "not-enrolled" BadInput Holder "Enrol this wallet at the agency first.";
    NotRecorded "not-recorded" Rejected Operator "Look whether the chain is the right one, then run it again.";
    NotTheAgencysKey "not-the-agencys-key" BadInput Agency "Name the key with which the agency anchors.";
    NotRegularFile "not-regular-file" BadInput Caller "Name a regular file: no directory, pipe or device.";
    NotUtf8 "not-utf-8" BadInput Caller "Save the file as UTF-8.";
    NothingToDecide "nothing-to-decide" BadInput Caller "Name a bundle, or --refusals and a directory.";
    OtherAgency "other-agency" Rejected Caller "Deal with the agency that the document names.";
    OtherPerson "other-person" Rejected Holder "Repeat it with --replace if the name shall stand for the new person.";
    OtherRecipient "other-recipient" Rejected Prover "Name the key file that the record was released to.";
    OutputIsInput "output-is-input" BadInput Caller "Choose another path for the output.";
    PassphrasesDiffer "passphrases-differ" BadInput Caller "Type the same passphrase twice.";
    Period "period" BadInput Caller "Write the period as the message says.";
    PolicyCheckFailed "policy-check-failed" Rejected Author "Correct the policy or its cases.";
    PolicyRejected "policy-rejected" Rejected Author "Correct the policy at the places that the message names.";
    ProgramDoesNotFit "program-does-not-fit" Rejected Author "Let program and policies agree on what is paid, in which currency, and when it can be claimed.";
    ProvingFailed "proving-failed" Damaged Operator "Check memory and key files, delete the table file and prove again; report it if it fails once more.";
    RecordErased "record-erased" Rejected Agency "Nothing brings the record back. If the person is to be served again, import the record anew and enrol the person's key.";
    EnrolledAfterAnchor "enrolled-after-anchor" Rejected Agency "Run `sealroot agency anchor`, then prove again.";
    RecordNotAnchored "record-not-anchored" Rejected Agency "Run `sealroot agency anchor`, then prove again.";
    RecordOfOtherPeriod "record-of-other-period" Rejected Agency "Import the record of the month that the message names; if the law means another month, its authors correct months_before.";
    RecordRemoved "record-removed" Rejected Agency "Import the record again if it was removed by mistake, and anchor.";
    ReleaseAmbiguous "release-ambiguous" BadInput Holder "Name the record's schema with --record.";
    ReleaseBeforeRequest "release-before-request" Rejected Holder "Release the record for this request.";
    ReleaseNotNeeded "release-not-needed" Rejected Holder "Nothing to release: the request reads no such record.";
    ReleasedForAnotherRequest "released-for-another-request" Rejected Holder "Release the record for this request.";
    SameDirectory "same-directory" BadInput Caller "Choose another output directory.";
    ScopeMismatch "scope-mismatch" Rejected Office "Get the program's enacted document; the published one differs.";
    SecretReadableByOthers "secret-readable-by-others" BadInput Operator "Let only its owner read the file: chmod 600.";
    SetupFailed "setup-failed" BadInput Operator "Look at the message; no key was written.";
    SeveralRequesters "several-requesters" BadInput Caller "Keep one directory per requester.";
    StoryBroken "story-broken" Rejected Operator "Report it: the demo's own story doesn't hold.";
    SubjectKeyUnwritable "subject-key-unwritable" Unavailable Operator "Name a place where a new file can be made.";
    UnknownCurrency "unknown-currency" BadInput Author "Write the three letters of a currency of ISO 4217, such as EUR.";
    UnderivablePolicyKey "underivable-policy-key" BadInput Author "Use the universal key under which the policy is enacted.";
    UnknownFile "unknown-file" BadInput Caller "Name a file of this version; JSON documents must be canonical (RFC 8785).";
    UnknownPolicy "unknown-policy" Rejected Caller "Name one of the request's policies.";
    UnknownSchema "unknown-schema" NotFound Agency "Look at `sealroot agency status` for the schemas; `agency init --schema` and `import --schema FILE` add one.";
    Unprovable "unprovable" Rejected Prover "Look at the message: it names the part of the statement that doesn't hold.";
    UnregisteredAgency "unregistered-agency" NotFound Officer "Have two officers register the agency with `sealroot chain register-agency`.";
    Usage "usage" BadInput Caller "Look at the examples of `--help`.";
    VaultInconsistent "vault-inconsistent" Damaged Operator "Restore the vault from a backup.";
    VoucherKey "voucher-key" Rejected Agency "Prove nothing from it: get the record from the agency again.";
    // The office's request, the program and its policies, the bundle.
    ApplicantRequired "applicant-required" Rejected Office "Ask the office for a request that names an applicant exactly where the program does.";
    AsOfInFuture "as-of-in-future" Rejected Holder "Claim when the day has come.";
    BundleUnreadable "bundle-unreadable" Rejected Sender "Get the bundle again from its sender.";
    ClaimTooEarly "claim-too-early" Rejected Holder "Claim when the window opens.";
    ClaimTooLate "claim-too-late" Rejected Holder "Ask the office about the program's manual path.";
    CorrectsUnknown "corrects-unknown" Rejected Office "Name the request of the approval that stands under this nullifier.";
    DecidedOtherwise "decided-otherwise" Rejected Holder "Use the bundle that was decided; the first is final.";
    DecisionMismatch "decision-mismatch" Rejected Sender "Put the bundle together again from its parts.";
    NullifierSpent "nullifier-spent" Rejected Holder "There is an approval for this person and period; a correction replaces it.";
    PartApplicantMismatch "part-applicant-mismatch" Rejected Prover "Prove the part from the applicant's own record, with the office's case secret.";
    PartAsOfMismatch "part-as-of-mismatch" Rejected Prover "Prove the part again, as of the program's day.";
    PartInputMismatch "part-input-mismatch" Rejected Prover "Prove the part again for this request.";
    PartNullifierMismatch "part-nullifier-mismatch" Rejected Prover "Prove all parts with one consent.";
    PartRequestMismatch "part-request-mismatch" Rejected Prover "Prove the part again for this request.";
    PartScopeMismatch "part-scope-mismatch" Rejected Prover "Prove the part again for this program and period.";
    PartUniversalKeyMismatch "part-universal-key-mismatch" Rejected Prover "Prove the part under the universal key that the policy names.";
    OutputNotPaid "output-not-paid" Rejected Author "Let the program be decided by the office, or its policies have no output but the paid one: what everybody reads reveals nothing else.";
    PartsMismatch "parts-mismatch" Rejected Sender "Put together exactly one part for each policy, in the request's order.";
    PeriodNotOnGrid "period-not-on-grid" Rejected Office "Ask for a period of the program's grid.";
    PoliciesMismatch "policies-mismatch" Rejected Sender "Put in the versions that the request lists, in its order.";
    PoliciesNotOfProgram "policies-not-of-program" Rejected Office "Ask under exactly the program's policies, in its order.";
    PolicyDoesNotCompose "policy-does-not-compose" Rejected Officer "Let a policy with record nullifiers be a program's only one.";
    PolicyEdited "policy-edited" Rejected Sender "Get the enacted document of the policy again.";
    PolicyEntryMismatch "policy-entry-mismatch" Rejected Officer "Compare the policy's document with what was enacted.";
    PolicyKeyUnderivable "policy-key-underivable" Rejected Officer "Enact the policy under the universal key of its shape.";
    PolicyManifestInvalid "policy-manifest-invalid" Rejected Officer "Compile the policy again with this version, and enact what it gives as the next version.";
    PolicyNotEnacted "policy-not-enacted" Rejected Officer "Ask under enacted policies only.";
    PolicyNotInForce "policy-not-in-force" Rejected Officer "Ask under the version that is in force on the period's first day.";
    PolicySchemasMismatch "policy-schemas-mismatch" Rejected Sender "Put in the schemas that the policy's words name.";
    PolicyWithdrawn "policy-withdrawn" Rejected Officer "Ask under a version that wasn't withdrawn.";
    PolicyWordsInvalid "policy-words-invalid" Rejected Officer "Compile the policy again with this version.";
    ProgramClosed "program-closed" Rejected Officer "Nothing is approved under this program any more; ask about its manual path.";
    ProgramEntryMismatch "program-entry-mismatch" Rejected Officer "Get the program's enacted document.";
    ProgramInvalid "program-invalid" Rejected Officer "Correct the program's document.";
    ProgramMismatch "program-mismatch" Rejected Sender "Put in the program that the request names.";
    ProgramNotEnacted "program-not-enacted" Rejected Officer "Ask under an enacted program, with its enacted document.";
    PublicInputsMismatch "public-inputs-mismatch" Rejected Sender "Give as many public inputs as the key has, each less than the field's modulus.";
    ProofInvalid "proof-invalid" Rejected Prover "Prove the part again; the proof doesn't hold.";
    ProofMalformed "proof-malformed" Rejected Prover "Get the part again: its proof isn't one.";
    RecordMismatch "record-mismatch" Rejected Office "Compare the bundle with what the office entered on chain.";
    RequestExpired "request-expired" Rejected Office "Ask the office for a new request.";
    RequestLifetime "request-lifetime" Rejected Office "Make a request that lives at most 60 days.";
    RequestMalformed "request-malformed" Rejected Office "Ask the office for a new request.";
    RequestNotYetValid "request-not-yet-valid" Rejected Office "Wait until the request's first second, or look at the clocks.";
    RequestSignature "request-signature" Rejected Office "Ask the office for a request that it signed.";
    RequesterKeyNotValid "requester-key-not-valid" Rejected Office "Ask the office to sign with a key that counts.";
    RequesterKeyUnknown "requester-key-unknown" Rejected Office "Don't trust the request: it isn't signed by the office that it names.";
    RequesterNotAuthorised "requester-not-authorised" Rejected Office "Have officers authorise the requester for this program.";
    RootSuperseded "root-superseded" Rejected Agency "Prove the part again, under the newest root.";
    RootUnknown "root-unknown" Rejected Agency "Prove the part under a root that the agency has anchored.";
    RootWithdrawn "root-withdrawn" Rejected Agency "Prove the part again, under a root that counts.";
    TimeOutOfRange "time-out-of-range" Rejected Operator "Set the clock; dates can't be derived from this time.";
    UnsafeVerifyingKey "unsafe-verifying-key" Rejected Sender "Get a key from a setup to whose both phases somebody contributed.";
    UniversalKeyMismatch "universal-key-mismatch" Rejected Operator "Add the universal key under which the policy is enacted.";
    UniversalKeyMissing "universal-key-missing" Rejected Operator "Add the universal key of this shape.";
    WrongDeployment "wrong-deployment" Rejected Office "Look at the chain and contract that the request names.";
    // Audits.
    ApprovalInBatch "approval-in-batch" Rejected Sender "Audit the approval with its own entry; batches date refusals.";
    BatchOfAnotherRequester "batch-of-another-requester" Rejected Sender "Get the bundle with the path in its own requester's batch.";
    Equivocation "equivocation" Rejected Operator "Get the blocks' hashes from others who follow the chain, and pin the right one in the trust file.";
    Contradicted "contradicted" Rejected Office "Audit the bundles together with what the office entered on chain: one of two that contradict each other is not what it decided.";
    EvidenceAhead "evidence-ahead" Rejected Holder "Set this device's clock. If it is right, the chain's is wrong: tell the office.";
    EvidenceInvalid "evidence-invalid" Rejected Sender "Get the bundle with its evidence again from the office.";
    EvidenceTooOld "evidence-too-old" Rejected Holder "Fetch the evidence again. If it stays old, look at this device's clock, and ask the office whether its chain is served.";
    EvidenceMissing "evidence-missing" Rejected Sender "Get the bundle with its evidence from the office that decided it.";
    PolicyDoesNotCompile "policy-does-not-compile" Rejected Sender "Get the enacted text of the policy again.";
    PolicyOtherCompiler "policy-other-compiler" BadInput Caller "Audit with a release of this program that has the compiler which the manifest names.";
    PolicyTextMismatch "policy-text-mismatch" Rejected Sender "Get the enacted text of the policy again.";
    WithdrawnBefore "withdrawn-before" Rejected Sender "The decision relies on what was withdrawn before it; it doesn't count.";
    WithdrawnUndated "withdrawn-undated" Rejected Sender "Get evidence that dates the decision: it relies on what was withdrawn since.";
    // The wallet.
    ApplicantMismatch "applicant-mismatch" Rejected Holder "Compare the id and the case secret with the office's letter.";
    BadEnrolment "bad-enrolment" Rejected Agency "Take a new challenge from the agency.";
    CaseSecretMissing "case-secret-missing" Rejected Holder "Give the case secret from the office's letter, and your id.";
    DeploymentNotPinned "deployment-not-pinned" Rejected Holder "Pin the chain only if your office confirms it.";
    DocumentUnreadable "document-unreadable" Rejected Sender "Get the document again.";
    OtherRole "other-role" Rejected Holder "Name the person that you represent with --for, or leave it out for yourself.";
    PolicyApplicantRule "policy-applicant-rule" Rejected Officer "Correct program or policy: they disagree on whether the applicant is named.";
    RequestPurpose "request-purpose" Rejected Office "Ask the office for a request whose purpose is plain text.";
    BadWalletFile "bad-wallet-file" BadInput Holder "Name the wallet's own file, as this program wrote it; a damaged one is restored from its recovery phrase.";
    HistoryInUse "history-in-use" Unavailable Holder "Close the other wallet first.";
    HistoryTampered "history-tampered" Damaged Holder "Keep the file for an inquiry, and start with a new one.";
    TooManyDeployments "too-many-deployments" BadInput Holder "Use another wallet for further programs.";
    WrongPassphrase "wrong-passphrase" BadInput Holder "Try again, or restore the wallet from its recovery phrase.";
    // Releases of records.
    ReleaseBeforeSigner "release-before-signer" Rejected Holder "Sign a new release, now that the key counts.";
    ReleaseExpired "release-expired" Rejected Holder "Sign a new release.";
    ReleaseLifetime "release-lifetime" Rejected Holder "Sign a release that lives at most 30 days.";
    ReleaseMalformed "release-malformed" Rejected Holder "Sign a new release.";
    ReleaseNeedsVoucher "release-needs-voucher" Rejected Agency "Name the agency's signing key with --signing-key, which vouches for the signer.";
    ReleaseNotYetValid "release-not-yet-valid" Rejected Holder "Wait until the release begins, or look at the clocks.";
    ReleaseOtherAgency "release-other-agency" Rejected Holder "Take the release to the agency that it names.";
    ReleaseOtherDeployment "release-other-deployment" Rejected Holder "Sign a release for this chain.";
    ReleaseSignature "release-signature" Rejected Holder "Sign the release again with the wallet.";
    ReleaseSigner "release-signer" Rejected Holder "Sign with the key that is enrolled now, or as a registered representative.";
    ReleaseUsed "release-used" Rejected Holder "Sign another release: each lets a record out once.";
    ReleaseVoucher "release-voucher" Rejected Agency "Get the record from the agency again, vouched for by a key of its own.";
    ReleasedAnotherRecord "released-another-record" Rejected Agency "Get the record that the release names.";
    ReleasedToAnother "released-to-another" Rejected Agency "Get the record sealed to the key that the release names.";
    RecipientKey "recipient-key" BadInput Sender "Ask the recipient for the public key of a new key file.";
    Unopenable "unopenable" Rejected Sender "Get the file again from where it came; it is needed byte for byte.";
    // What crosses an organisation: cards, envelopes, claims, messages, links.
    BadCard "bad-card" Rejected Sender "Get the organisation's newest card: this one can't be used.";
    BadClaim "bad-claim" Rejected Holder "Make the claim again with the wallet.";
    BadEnvelope "bad-envelope" BadInput Sender "Send it again: an envelope is needed byte for byte.";
    BadLink "bad-link" BadInput Caller "Copy the whole link again, or scan its code.";
    BadMessage "bad-message" Rejected Holder "Write the message again with the wallet.";
    BadReceipt "bad-receipt" Rejected Sender "Ask the organisation for its receipt again.";
    CardKeyRevoked "card-key-revoked" Rejected Operator "Send nothing: the organisation must set its card again with a key that counts.";
    CardKeysEnded "card-keys-ended" Rejected Operator "Wait for the organisation's next card: no key of this one can be used now.";
    CardNotOnChain "card-not-on-chain" Rejected Sender "Fetch the organisation's newest card, and fresh evidence with it.";
    CardOfAnother "card-of-another" Rejected Sender "Get the card of the organisation that the request or policy names.";
    ClaimExpired "claim-expired" Rejected Holder "Claim again, while the request is valid.";
    ClaimOfAnother "claim-of-another" Rejected Holder "Send the claim to the agency that it names.";
    EnvelopeExpired "envelope-expired" Rejected Sender "Send it again, to the recipient's newest card.";
    EnvelopeExpiry "envelope-expiry" Rejected Sender "Let the envelope expire by the last day of the key that it is sealed to.";
    EnvelopeKeyUnknown "envelope-key-unknown" Rejected Sender "Send it again, to the recipient's newest card.";
    EnvelopeOfAnother "envelope-of-another" Rejected Sender "Put the envelope into the mailbox that it names.";
    EnvelopeTooLarge "envelope-too-large" TooLarge Sender "Hand it over as a file; an envelope holds at most 255 KiB.";
    HolderSignature "holder-signature" Rejected Holder "Sign it again with the wallet whose key is enrolled.";
    KindOutOfPlace "kind-out-of-place" Rejected Sender "Send it as its kind is sent: claims and messages unasked, answers as replies.";
    MessageAhead "message-ahead" Rejected Holder "Set this device's clock, and send the message again.";
    MessageOfAnother "message-of-another" Rejected Holder "Send the message to the organisation that it names.";
    MessageTooOld "message-too-old" Rejected Holder "Sign the message again, and look at this device's clock.";
    NotAReply "not-a-reply" Rejected Sender "Answer to the envelope that asked: this is an answer to another one, or to none.";
    ReplyRepeated "reply-repeated" Rejected Sender "Nothing to do: the reply of this number was opened before.";
    SuccessorUnsigned "successor-unsigned" Rejected Sender "Keep the trust card that you have, and compare the new one's words with an organisation that you trust.";
    // Records that a prover puts together.
    MemberRecordAmbiguous "member-record-ambiguous" Rejected Holder "Name one file for each member.";
    MemberRecordMissing "member-record-missing" Rejected Holder "Have the missing member's record released.";
    RecordAmbiguous "record-ambiguous" Rejected Holder "Name one file for each record that the policy reads.";
    RecordMissing "record-missing" Rejected Holder "Have the missing record released.";
    RecordNotNeeded "record-not-needed" Rejected Holder "Leave the file out: the policy doesn't read it.";
    RecordOfNoMember "record-of-no-member" Rejected Holder "Leave the file out: the household's record doesn't name this person.";
    RootsDiffer "roots-differ" Rejected Holder "Have all records of one agency released under one root.";
    // The vault.
    AccessLogInconsistent "access-log-inconsistent" Damaged Operator "Put the newest log.db back: an older copy beside a newer records.db is refused as well. If no copy was put back, restore the vault from its newest backup, and find out who changed the log.";
    AccessLogUnwritable "access-log-unwritable" Unavailable Operator "Nothing was disclosed. Make room, or mend the disk, and run it again.";
    AnchorLandedLate "anchor-landed-late" Rejected Agency "Withdraw this root and anchor again.";
    BadImportPlan "bad-import-plan" BadInput Caller "Name the columns and the period as the file and its schema have them.";
    BadKeyRing "bad-key-ring" Damaged Operator "Restore keyring.json from its newest backup.";
    BadMasterKeyFile "bad-master-key-file" BadInput Caller "Name the file of 32 bytes with which the vault was created.";
    ChainBehindVault "chain-behind-vault" Rejected Operator "Name the chain on which this vault anchors, or restore the newest state of it.";
    DataKeyGone "data-key-gone" Damaged Operator "If nobody erased the record, restore keys.db from its newest backup.";
    Database "database" Unavailable Operator "Look after the disk and the rights of the vault's directory, and run it again.";
    DatabaseForeignValue "database-foreign-value" Damaged Operator "Restore the vault from its newest backup.";
    DatabaseForeignSchema "database-foreign-schema" Damaged Operator "Restore the vault from its newest backup, and find out who can write to its files.";
    DatabaseMigration "database-migration" Unavailable Operator "Open the vault with the newest version of this program.";
    DatabaseNotDurable "database-not-durable" Unavailable Operator "Keep the vault on a local disk; file systems of a network can't give what is needed.";
    AnswerUsed "answer-used" Conflict Agency "Nothing to do: the key is enrolled. For another key, make a new challenge.";
    DatabaseOtherVersion "database-other-version" Unavailable Operator "Use the version of this program that made the vault, or make a new vault and import again.";
    DatabaseWriteLost "database-write-lost" Damaged Operator "Restore the vault from its newest backup, and find out who can write to its files.";
    EnrolmentNonce "enrolment-nonce" Rejected Agency "Make a new challenge, and have it answered within a day.";
    KeyRingTooOld "key-ring-too-old" Damaged Operator "Bring keyring.json and keys.db of the same side of a rotation together: the newest of both.";
    MembershipsInconsistent "memberships-inconsistent" Damaged Operator "Restore the vault from its newest backup.";
    NeedsBusinessKey "needs-business-key" BadInput Caller "Name the record's business key.";
    NoAnchoredRoot "no-anchored-root" Rejected Agency "Anchor a root first.";
    NoLogEntry "no-log-entry" NotFound Caller "Name an entry that the log has.";
    KeyRingMissing "key-ring-missing" Conflict Operator "Put keyring.json back from its backup: without it no record opens. Where nothing was ever imported, `agency init` goes on.";
    NoRecord "no-record" Rejected Agency "Compare the id and the schema with the agency's register; import the record and anchor, if it belongs there.";
    OtherMasterKey "other-master-key" BadInput Caller "Give the passphrase or the key file, whichever locks this vault.";
    PossessionUnproved "possession-unproved" Rejected Holder "Ask the wallet for a new answer to this challenge.";
    RootGraceEnded "root-grace-ended" Rejected Caller "Use the newest root.";
    RootNotOfThisVault "root-not-of-this-vault" NotFound Caller "Take a root that the vault's status lists.";
    StoreUnavailable "store-unavailable" Unavailable Operator "Run it again when nobody else reads the vault's files.";
    StoredRecordMalformed "stored-record-malformed" Damaged Operator "Restore the vault from its newest backup.";
    StoredRecordReplaced "stored-record-replaced" Damaged Operator "Restore the vault from its newest backup, and find out who put an older row back.";
    StoredRowChanged "stored-row-changed" Damaged Operator "Restore the vault from its newest backup, and find out who changed it.";
    StoredRowForged "stored-row-forged" Damaged Operator "Restore the vault from its newest backup, and find out who can write to its files.";
    StoredRowsReplaced "stored-rows-replaced" Damaged Operator "Restore the vault from its newest backup, and find out who can write to its files.";
    TooManyRepresentatives "too-many-representatives" Rejected Agency "Remove a representative first.";
    NoRows "no-rows" Rejected Agency "Look whether the right file was written, and wholly: it has a header and nothing else.";
    OtherKeyColumn "other-key-column" Conflict Agency "Import with the key column that the message names. Records with another kind of key have a schema of another name.";
    TooManyRemovals "too-many-removals" Rejected Agency "Look with --dry-run at what the file lacks; if all of it is to go, say its number with --confirm-removals.";
    RemovalUnsafe "removal-unsafe" Rejected Agency "Correct the line, or import without --remove-missing: nothing is removed then.";
    TreeFull "tree-full" Unavailable Agency "The agency needs a second vault under another name.";
    TreeInconsistent "tree-inconsistent" Damaged Operator "Restore the vault from its newest backup, and find out who changed it.";
    VaultBehindChain "vault-behind-chain" Rejected Operator "Find a copy of the vault that was made after that anchor. Where there is none, `sealroot agency restore` lets the newest copy go on.";
    BackupDamaged "backup-damaged" Rejected Operator "Take another backup. A medium that changed one file may have changed others.";
    BackupsOutdated "backups-outdated" Rejected Operator "Delete what the message names, in every copy of those backups.";
    VaultSetBack "vault-set-back" Damaged Operator "Put the newest files back. Where only an older copy is left, let it go on with `sealroot agency restore`.";
    VaultExists "vault-exists" Conflict Caller "Open the vault that is there, or choose an empty directory.";
    VaultFileMissing "vault-file-missing" Damaged Operator "Put the file back, or restore all of the vault's files from one backup.";
    DatabaseDamaged "database-damaged" Damaged Operator "Restore all of the vault's files from one backup, and look after the disk.";
    VaultInUse "vault-in-use" Unavailable Operator "Wait for the other process, or stop it.";
    VaultMissing "vault-missing" NotFound Caller "Create a vault first, or name its directory.";
    VaultOtherAgency "vault-other-agency" BadInput Caller "Open the directory of this agency's vault.";
    WrongMasterKey "wrong-master-key" BadInput Caller "Give the passphrase or key file with which the vault is locked.";
    // Contracts.
    AccessLogShrank "access-log-shrank" Rejected Agency "Restore the vault from its newest backup, and anchor again once its access log is longer than the anchored one.";
    AgencyExists "agency-exists" Rejected Officer "Choose another id.";
    AgencyWithdrawn "agency-withdrawn" Rejected Officer "A withdrawal is for ever; register the agency under a new id.";
    AlreadyAnOfficer "already-an-officer" Rejected Officer "Nothing is left to do.";
    AlreadyAuthorised "already-authorised" Rejected Officer "Nothing is left to do.";
    AlreadyBegun "already-begun" Rejected Officer "Choose a day after today.";
    AlreadyDecided "already-decided" Rejected Office "Make a new request that corrects it.";
    AlreadyEnacted "already-enacted" Rejected Officer "Nothing is left to do.";
    AlreadyReduced "already-reduced" Rejected Office "Nothing is left to do: it was entered before.";
    AlreadyProposed "already-proposed" Rejected Officer "Let another officer confirm it (--confirm), if that officer agrees.";
    AnotherOfficesApproval "another-offices-approval" Rejected Office "Ask that office to correct it; where the program allows it, correct it by proof. Once that office is dismissed from the program, any other one can.";
    AmountTooLarge "amount-too-large" Rejected Office "An amount is less than 2^63; have the policy's output corrected.";
    AssuranceLowered "assurance-lowered" Rejected Office "Correct it by proof: where a proof stands, an office's word replaces nothing.";
    CantBeExtended "cant-be-extended" Rejected Officer "Enact a new version.";
    CorrectionTooLate "correction-too-late" Rejected Office "Nothing corrects that approval any more; ask about the program's manual path.";
    DelayNotOver "delay-not-over" Rejected Officer "Confirm it when the delay is over.";
    DelayTooLong "delay-too-long" Rejected Officer "Choose a delay of at most 90 days.";
    EmptyDigest "empty-digest" Rejected Officer "Send the document's digest.";
    EndsBeforeItBegins "ends-before-it-begins" Rejected Officer "Choose a last day that is not before the first.";
    GasTooLow "gas-too-low" Rejected Caller "Send it again with more gas.";
    GraceTooLong "grace-too-long" Rejected Officer "Choose a grace of at most 90 days.";
    KeyInUse "key-in-use" Rejected Officer "Generate a fresh key.";
    KeyNotActive "key-not-active" Rejected Caller "Sign with a current key.";
    NeedsTwoKeys "needs-two-keys" Rejected Office "Let one key of the requester sign, and another one send.";
    NeedsTwoPeople "needs-two-people" Rejected Officer "Let one officer propose, and another one confirm.";
    NoPeriodLeft "no-period-left" Rejected Officer "Let the grid reach further, or the claim window close later.";
    NoVersionOnDay "no-version-on-day" Rejected Officer "Enact a version of the policy for that day first; where the day has begun, let the grid begin later.";
    NobodysAddress "nobodys-address" Rejected Officer "Name a person's own address.";
    NotACurrency "not-a-currency" Rejected Officer "Write the three capital letters of a currency of ISO 4217, such as EUR.";
    NotADate "not-a-date" Rejected Caller "Write a date between 1970 and 9999.";
    NotAName "not-a-name" Rejected Caller "Write 1 to 31 characters of a-z, 0-9 and '-', beginning with a letter.";
    NotAReduction "not-a-reduction" Rejected Office "Name what stands now and less than that; an approval of 0 can be taken back once.";
    NotAnOfficer "not-an-officer" Rejected Officer "Sign with an officer's key.";
    NotCanonical "not-canonical" Rejected Officer "Cancel the proposal and propose the act anew.";
    NotCovered "not-covered" Rejected Officer "Enact it for days that the withdrawn version covered, and for days that haven't begun.";
    NotDecidedByOffice "not-decided-by-office" Rejected Office "Send the proofs: this program's decisions are made by proof.";
    NotDecidedByProof "not-decided-by-proof" Rejected Office "Let the office decide: this program's decisions are its word.";
    NotProposed "not-proposed" Rejected Officer "Propose it first, with the same content.";
    NotReduced "not-reduced" Rejected Caller "Send the canonical value.";
    NotTheKeysOwner "not-the-keys-owner" Rejected Caller "Sign with the key itself, or let two officers act.";
    NotTheRequester "not-the-requester" Rejected Office "Sign with a current key of the requester.";
    NotTheSuccessor "not-the-successor" Rejected Agency "Anchor the successor of the agency's current root.";
    NotYetBegun "not-yet-begun" Rejected Officer "Enact it as an ordinary version: its first day hasn't begun.";
    NothingIsPaid "nothing-is-paid" Rejected Office "Send the amount 0.";
    NothingToReduce "nothing-to-reduce" Rejected Office "Name the request of the approval that stands.";
    OnlyItsProposer "only-its-proposer" Rejected Officer "Let its proposer cancel it.";
    OtherCurrency "other-currency" Rejected Officer "Let program and policy agree on the currency of what is paid.";
    OverBudget "over-budget" Rejected Officer "Two officers amend the program's budget.";
    Overlaps "overlaps" Rejected Officer "End the other version first.";
    PolicyExists "policy-exists" Rejected Officer "Nothing is left to do; another text is another version.";
    PolicyKeyMismatch "policy-key-mismatch" Rejected Prover "Send the key that was enacted: derive it from the policy's words.";
    PolicyKeyUnusable "policy-key-unusable" Rejected Officer "Withdraw the version: its key has no points for the policy's inputs.";
    PolicyNotWithdrawn "policy-not-withdrawn" Rejected Officer "Withdraw the version first; a law in force is not replaced for days that have begun.";
    ProgramExists "program-exists" Rejected Officer "Amend it, or enact another id.";
    ProposalExpired "proposal-expired" Rejected Officer "Propose it anew, so that it waits again.";
    ProposerLeft "proposer-left" Rejected Officer "Propose it anew.";
    ReductionMismatch "reduction-mismatch" Rejected Sender "Get the bundle again from the office, with the reduction as it was entered.";
    ReductionExpired "reduction-expired" Rejected Office "Have the reduction signed again.";
    ReductionLifetime "reduction-lifetime" Rejected Office "Sign it with an earlier last day: 60 days ahead at most.";
    ReductionReason "reduction-reason" Rejected Office "State a reason in words, of 1 to 2000 bytes.";
    ReductionTooLate "reduction-too-late" Rejected Office "Nothing reduces that approval any more; claim back what was overpaid by other means.";
    RequesterExists "requester-exists" Rejected Officer "Choose another id.";
    Reverted "reverted" Rejected Caller "Check the addresses of the contracts, and what was sent.";
    RootNotFresh "root-not-fresh" Rejected Agency "Have the agency anchor, and prove the part under that root: the program demands facts that are confirmed later.";
    TooFew "too-few" Rejected Officer "Add another officer first.";
    UnknownKey "unknown-key" Rejected Caller "Check the key's address.";
    UnknownOwner "unknown-owner" Rejected Officer "Register it first.";
    UnknownRequester "unknown-requester" Rejected Officer "Register the requester first.";
    UnknownRoot "unknown-root" Rejected Agency "Anchor the root first.";
    UnusableTerms "unusable-terms" Rejected Officer "Correct the program and propose it anew.";
    WrongNumberOfPolicies "wrong-number-of-policies" Rejected Office "Make a request that names one version of each policy.";
    WrongNumberOfSources "wrong-number-of-sources" Rejected Officer "Give the policy 1 to 3 sources.";
    WrongScope "wrong-scope" Rejected Office "Make the request from the enacted program.";
    // Chains and their hosts.
    BadHostName "bad-host-name" BadInput Caller "Write a name, or a name and a port: node.example or node.example:8545.";
    BadTransaction "bad-transaction" BadInput Caller "Sign it again: type 0, 1 or 2, for this chain, without value and without fees where gas is free.";
    BadUrl "bad-url" BadInput Caller "Write it as http://127.0.0.1:8545 or https://node.example.";
    BlockInterrupted "block-interrupted" Unavailable Operator "Send the same transaction again: if it is in a block, the answer says in which.";
    CallFailed "call-failed" Unavailable Operator "Check the addresses of the contracts.";
    CannotListen "cannot-listen" Unavailable Operator "Choose an address of this machine and a port that nobody else has.";
    ChainBusy "chain-busy" Unavailable Caller "Try again in a few seconds.";
    ChainDamaged "chain-damaged" Damaged Operator "Restore the chain from a backup.";
    ChainDatabase "chain-database" Unavailable Operator "Check the disk and the directory's permissions, and try again.";
    ChainExists "chain-exists" Conflict Caller "Choose another directory.";
    ChainFile "chain-file" Unavailable Operator "Check that the file and its directory can be read and written.";
    ChainInUse "chain-in-use" Unavailable Operator "Wait until the other process ends.";
    ChainOtherFormat "chain-other-format" Unavailable Operator "Open it with the version of the program that made it, or create the chain anew.";
    ChainReadOnly "chain-read-only" Unavailable Operator "Restore the sealer's key file to add blocks.";
    ChainRolledBack "chain-rolled-back" Rejected Operator "Restore the newest copy of the chain's directory. If it was set back on purpose, accept its newest block with --accept-chain.";
    ChainUnfinished "chain-unfinished" Unavailable Operator "Create the chain again: nothing of it was acknowledged.";
    ChainUnreadable "chain-unreadable" Unavailable Operator "Check the addresses of the contracts: they are not of this version.";
    CheckpointsDiffer "checkpoints-differ" BadInput Caller "Name checkpoints of one block: the newest that all their signers have signed.";
    ClockBackwards "clock-backwards" BadInput Caller "Name a time that is not before the newest block's.";
    ClockBehind "clock-behind" Unavailable Operator "Set this machine's clock. If the chain's is the wrong one, docs/OPERATING.md says how to go back.";
    ClockDiffers "clock-differs" BadInput Operator "Set this machine's clock, or correct the day.";
    ClockJump "clock-jump" Unavailable Operator "Look at this machine's clock. If it is right, say so: `sealroot chain set-clock --system --confirm-day` with today's day.";
    DeployerUsed "deployer-used" Conflict Caller "Make a key that has sent nothing, and deploy with it.";
    DeploymentFalse "deployment-false" Rejected Officer "Don't use these contracts: ask their officers which ones are meant, who deployed them, and with which version of this program.";
    DiskNotDurable "disk-not-durable" Unavailable Operator "Keep the database on a local disk.";
    GasTooDear "gas-too-dear" Unavailable Operator "Wait until gas costs less, or allow more with --max-gas-price.";
    NoChain "no-chain" NotFound Caller "Create a chain there first, or name the directory of one.";
    NoChainTrust "no-chain-trust" BadInput Caller "Name one with --chain-trust: `sealroot trust` writes it where the chain's directory is.";
    NodeFalse "node-false" Damaged Operator "Ask another node. If it says the same, compare the trust file with the operator of the chain.";
    NodeRefused "node-refused" Unavailable Operator "Read the node's message. It must have eth_getProof and eth_getBlockReceipts, and past blocks' state where evidence is collected.";
    NodeUnreachable "node-unreachable" Unavailable Operator "Look whether the node runs and its address is right, and try again.";
    EventsIncomplete "events-incomplete" Damaged Operator "Ask a host that keeps all events, or open the chain from a whole copy.";
    NoSuchBlock "no-such-block" NotFound Caller "Name a block up to the chain's head.";
    NotAnApproval "not-an-approval" Rejected Office "Date refusals in batches.";
    NothingToProve "nothing-to-prove" NotFound Caller "Put it on chain first, or ask at a later block.";
    NumberTooLarge "number-too-large" BadInput Caller "Choose a smaller number.";
    NotAContract "not-a-contract" BadInput Caller "Send it to one of the contracts that `sealroot chain show` names.";
    OtherChain "other-chain" Rejected Caller "Check the node's address, and the trust file that names the chain.";
    SignatureMalformed "signature-malformed" Rejected Sender "Have it signed again.";
    SignedByAnother "signed-by-another" Rejected Caller "Check which key the signer holds.";
    SignerUnavailable "signer-unavailable" Unavailable Operator "Check the token or key service, and try again.";
    TransactionOutOfTurn "transaction-out-of-turn" Conflict Caller "Prepare it again: another transaction of the same key came first.";
    TransactionWaiting "transaction-waiting" Unavailable Operator "Look for the transaction by its hash before you send another: it may still come into a block.";
    UnusableKey "unusable-key" BadInput Caller "Sign with a secp256k1 key.";
    // Services.
    BadQuestion "bad-question" BadInput Caller "Ask as the service's description (`/openapi.json`) says.";
    BadSealedRequest "bad-sealed-request" BadInput Office "Seal the request anew, for at most 90 days.";
    Defect "defect" Damaged Operator "Report it, as SECURITY.md says, with the request id of the answer.";
    MailboxFull "mailbox-full" TooMany Caller "Try again later, or hand the envelope over as a file.";
    NoCard "no-card" NotFound Caller "Ask the organisation whether it takes part, and for its card as a file.";
    NoEnvelope "no-envelope" NotFound Caller "List the mailbox again: the envelope was fetched, or has expired.";
    NoMailbox "no-mailbox" NotFound Caller "Ask its owner for another one: nobody opened it, or nobody looked at it for 90 days.";
    NoRoute "no-route" NotFound Caller "Ask as the service's description (`/openapi.json`) says.";
    NoSealedRequest "no-sealed-request" NotFound Office "Ask the office for a new link.";
    NotPublished "not-published" NotFound Officer "Publish what was enacted, and put it into the post's directory.";
    NotYourMailbox "not-your-mailbox" Forbidden Caller "Use the token that the mailbox was made with; an organisation asks the post's operator to admit its mailbox.";
    PostDatabase "post-database" Unavailable Operator "Look after the disk and the rights of the post's directory, and start the service again.";
    PostFile "post-file" Unavailable Operator "Start with another directory. Envelopes in the old file are sent again by those who get no answer.";
    PostWithoutChain "post-without-chain" Unavailable Operator "Name a chain in the post's configuration.";
    PostFull "post-full" Unavailable Operator "Raise the post's limits, or give it more disk.";
    PublishedUnreadable "published-unreadable" Damaged Operator "Copy the published document again, byte for byte.";
    OtherDeployment "other-deployment" Rejected Caller "Ask a post of the chain that the wallet trusts.";
    RequestTooLarge "request-too-large" TooLarge Caller "Send less at a time.";
    SealedRequestExists "sealed-request-exists" Conflict Office "Make a new link: each is for one request.";
    TokenMissing "token-missing" Unauthenticated Caller "Send the mailbox's token, in base64url, as `Authorization: Bearer`.";
    TooManyRequests "too-many-requests" TooMany Caller "Wait a few seconds, and ask less often.";
    TooManyWait "too-many-wait" TooMany Caller "Ask without waiting, every minute.";
    TookTooLong "took-too-long" Unavailable Operator "Look at what the service waits for: its disk, or its chain.";
}
