// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";
import {Claims} from "./Claims.sol";
import {Groth16} from "./Groth16.sol";
import {Programs} from "./Programs.sol";
import {Reduction, Reductions} from "./Reduction.sol";
import {Request} from "./Request.sol";
import {Signatures} from "./Signatures.sol";

/// @notice Decisions: an approval spends its nullifier. One approval stands under a nullifier; the first accepted one for a
/// (nullifier, request) is final; a correction replaces it, and only the difference counts. Refusals spend nothing and appear only in batches.
///
/// By the office, everything is checked here but the proofs, which the requester verified before its key approves. By proof, the proofs are
/// checked too, and anybody may send them: nothing that is stored depends on the sender or on a proof's bytes, so a copy gains nothing.
///
/// Everybody reads calls for ever, so a call carries nothing of the proofs but what is checked: outputs that aren't paid, reasons and the
/// purpose stay with the requester.
contract Decisions is Claims {
    /// @dev Slots: request · amount, granted, approved · block, reduced, period, assurance · requester · bundle · reduction document.
    ///
    /// `granted` is all that was ever granted under the nullifier: it grows with every raise and never falls. If all of it was paid to one
    /// recipient, `granted − amount` was overpaid, and stays so until people settle it. Where a correction has another recipient than what it
    /// corrects, a payer compares both events: what was paid to one is not paid to the other. `bundle` is 0 by proof, because no proof says what a bundle holds
    /// beside it: a sender could write any digest there. `document` is 0 where `reducedAt` is.
    struct Decision {
        bytes32 request;
        uint64 amount;
        uint128 granted;
        uint64 approvedAt;
        uint64 blockNumber;
        uint64 reducedAt;
        uint32 periodStart;
        uint8 assurance;
        bytes32 requester;
        bytes32 bundle;
        bytes32 document;
    }

    /// @dev Slots: requester · dated, block.
    struct Refusals {
        bytes32 requester;
        uint64 datedAt;
        uint64 blockNumber;
    }

    /// @notice A policy's proof, with the policy key and a root per source. The key's hash must be the enacted one; it is derived from the policy's
    /// words by anybody, and isn't worth storing. `proof` is A, B, C (EIP-197).
    struct Part {
        bytes policyKey;
        uint256[8] proof;
        uint256[] roots;
    }

    /// @dev What `Approved` says. `corrects` is the request whose approval stood until now, `before` its amount, of the period that began on
    /// `periodBefore`; all three are 0 for a first approval. By proof, the request may name an earlier one than `corrects`. `signer` signed the
    /// request. `sender` is the office's key that approved, and 0 by proof, where it is nobody's word.
    struct Approval {
        bytes32 requester;
        uint32 periodStart;
        bytes32[] policies;
        uint64 amount;
        uint8 assurance;
        bytes32 bundle;
        address recipient;
        bytes32 corrects;
        uint64 before;
        uint32 periodBefore;
        address signer;
        address sender;
    }

    /// @notice What stands under each nullifier of a program. Per program: by the office, nothing ties a nullifier to a proof, so in one map for
    /// all the requesters of any program could spend those of another's for ever. Slot 0.
    mapping(bytes32 program => mapping(uint256 nullifier => Decision)) public decisions;

    /// @notice The sum of what stands, in minor units, by program. Slot 1.
    mapping(bytes32 program => uint256) public spent;

    /// @notice Batches, by the Merkle root of the digests of refused bundles. Per requester: a root is public before its block is, and a copy
    /// that came first would take the date from the office whose refusals it holds. Slot 2.
    mapping(bytes32 requester => mapping(bytes32 root => Refusals)) public refusals;

    /// @dev Scopes computed so far. Slot 3.
    mapping(bytes32 program => mapping(uint32 periodStart => uint256)) private scopes;

    /// @notice An approval stands.
    /// @param program The program.
    /// @param nullifier The nullifier, which it spends.
    /// @param request Digest of the request.
    /// @param approval The rest.
    event Approved(bytes32 indexed program, uint256 indexed nullifier, bytes32 indexed request, Approval approval);

    /// @notice An office lowered an approval, or took it back, without the holder.
    /// @param program The program.
    /// @param nullifier The nullifier.
    /// @param request Digest of the approval's request.
    /// @param from The amount until now.
    /// @param to The amount from now on.
    /// @param document Digest of the reduction document.
    /// @param signer The requester's key that signed.
    /// @param sender The requester's other key, which sent it.
    event Reduced(
        bytes32 indexed program,
        uint256 indexed nullifier,
        bytes32 indexed request,
        uint64 from,
        uint64 to,
        bytes32 document,
        address signer,
        address sender
    );

    /// @notice A batch of refusals has a date.
    /// @param requester The office.
    /// @param root Merkle root of the digests of its bundles.
    event RefusalsDated(bytes32 indexed requester, bytes32 indexed root);

    /// @notice The sender, or the signer of a reduction, isn't an active key of the requester.
    /// @param sender The address.
    error NotTheRequester(address sender);

    /// @notice The policy key isn't the one that was enacted.
    /// @param part The part, counted from 0.
    error PolicyKeyMismatch(uint256 part);

    /// @notice The program's budget would be exceeded.
    /// @param total What would be spent.
    /// @param budget The budget.
    error OverBudget(uint256 total, uint256 budget);

    /// @notice Another request's approval stands under the nullifier.
    /// @param request Digest of that request.
    error NullifierSpent(bytes32 request);

    /// @notice This request's approval stands. The first one is final.
    error AlreadyDecided();

    /// @notice The request corrects an approval that doesn't stand under the nullifier.
    /// @param corrects Digest of the request that it corrects.
    error CorrectsUnknown(bytes32 corrects);

    /// @notice An approval that a proof stands for isn't corrected by an office's word.
    error AssuranceLowered();

    /// @notice The approval that stands is another office's word, which decides under the program still: that office corrects it, or a proof does.
    /// @param requester That office.
    error AnotherOfficesApproval(bytes32 requester);

    /// @notice The approval that stands is of another period, and can't be corrected any more.
    /// @param last The last day on which it could.
    error CorrectionTooLate(uint32 last);

    /// @notice The approval that was to be reduced doesn't stand.
    /// @param request Digest of its request.
    error NothingToReduce(bytes32 request);

    /// @notice A reduction lowers the amount that stands, or takes back, once, an approval of 0.
    /// @param stands The amount that stands.
    /// @param to The amount that was to stand.
    error NotAReduction(uint64 stands, uint64 to);

    /// @notice The approval can't be reduced any more.
    /// @param last The last day on which it could.
    error ReductionTooLate(uint32 last);

    /// @notice The signature under the reduction has expired.
    /// @param expiry Its last second, Unix time.
    error ReductionExpired(uint64 expiry);

    /// @notice The signature under the reduction would live for more than 60 days.
    error ReductionLifetime();

    /// @notice A reduction takes two keys, and this one did both.
    /// @param key The key.
    error NeedsTwoKeys(address key);

    /// @notice A digest is 0.
    error EmptyDigest();

    /// @notice The requester has dated the batch already.
    /// @param root Its Merkle root.
    error AlreadyDated(bytes32 root);

    constructor(Programs programs_) Claims(programs_) {}

    /// @notice What the first of two keys signs under a reduction.
    /// @param reduction The reduction.
    /// @return Its EIP-712 hash.
    function reductionHash(Reduction calldata reduction) public view returns (bytes32) {
        return Signatures.typed(Reductions.structHash(reduction), address(programs));
    }

    /// @notice Approves, by the office: the sender is an active key of the requester, which has verified the proofs.
    /// @param request The request.
    /// @param signature By a key of the requester.
    /// @param roots A list per policy, with a root per source.
    /// @param amount The paid output, in minor units; 0 if the program pays nothing.
    /// @param nullifier The parts' nullifier.
    /// @param bundle Digest of the bundle without its evidence.
    function approve(
        Request calldata request,
        bytes calldata signature,
        uint256[][] calldata roots,
        uint64 amount,
        uint256 nullifier,
        bytes32 bundle
    ) external {
        if (!requesters.isActive(msg.sender, request.requester)) revert NotTheRequester(msg.sender);
        Claim memory c = _checkRequest(request, signature, BY_OFFICE);
        _checkParts(request, c, roots.length, amount, nullifier);
        for (uint256 i = 0; i < roots.length; i++) _checkPart(request, c, i, roots[i]);
        if (bundle == 0) revert EmptyDigest();
        _checkFinal(request, c);
        _enter(request, c, bundle);
    }

    /// @notice Approves, by proof: anybody may send it. The proofs are checked here, with every public input that request, program and
    /// period determine; decision 1, no reasons, and 0 for each output that isn't paid: a part that discloses more doesn't verify.
    /// @param request The request.
    /// @param signature By a key of the requester.
    /// @param parts A part per policy.
    /// @param amount The paid output, in minor units; 0 if the program pays nothing.
    /// @param nullifier The parts' nullifier.
    function approveByProof(
        Request calldata request,
        bytes calldata signature,
        Part[] calldata parts,
        uint64 amount,
        uint256 nullifier
    ) external {
        Claim memory c = _checkRequest(request, signature, BY_PROOF);
        _checkParts(request, c, parts.length, amount, nullifier);
        bytes32[] memory keyHashes = new bytes32[](parts.length);
        for (uint256 i = 0; i < parts.length; i++) keyHashes[i] = _checkPart(request, c, i, parts[i].roots);
        _checkFinal(request, c);
        for (uint256 i = 0; i < parts.length; i++) _checkProof(request, c, i, parts[i], keyHashes[i]);
        _enter(request, c, 0);
    }

    /// @notice Lowers an approval of one's own, or takes it back, without the holder: signed by one active key of the requester, sent by
    /// another. It never raises, frees no nullifier, and leaves `granted` as it is. A correction can raise again, and is how it is contested.
    ///
    /// Not known here: whether two keys are two people.
    /// @param reduction What is reduced.
    /// @param signature By the first key.
    function reduce(Reduction calldata reduction, bytes calldata signature) external {
        Decision storage d = decisions[reduction.program][reduction.nullifier];
        if (d.request == 0 || d.request != reduction.request) revert NothingToReduce(reduction.request);
        address signer = Signatures.signer(reductionHash(reduction), signature);
        if (!requesters.isActive(msg.sender, d.requester)) revert NotTheRequester(msg.sender);
        if (!requesters.isActive(signer, d.requester)) revert NotTheRequester(signer);
        if (signer == msg.sender) revert NeedsTwoKeys(signer);
        if (block.timestamp > reduction.expiry) revert ReductionExpired(reduction.expiry);
        if (reduction.expiry - block.timestamp > MAX_LIFETIME) revert ReductionLifetime();
        (Programs.Rules memory rules,) = programs.openTo(reduction.program, d.requester);
        uint256 last = _lastDay(rules, d.periodStart);
        if (_today(rules) > last) revert ReductionTooLate(Calendar.date(last));
        (uint64 stands, uint64 to) = (d.amount, reduction.to);
        bool takenBack = stands == 0 && to == 0 && d.reducedAt == 0;
        if (stands != reduction.from || (to >= stands && !takenBack)) revert NotAReduction(stands, to);
        if (reduction.document == 0) revert EmptyDigest();
        spent[reduction.program] -= stands - to;
        d.amount = to;
        d.reducedAt = uint64(block.timestamp);
        d.document = reduction.document;
        emit Reduced(
            reduction.program, reduction.nullifier, d.request, stands, to, reduction.document, signer, msg.sender
        );
    }

    /// @notice Dates a batch of refusals by the Merkle root of their bundles' digests, by an active key of the requester. Its first date stays.
    /// What is under a root isn't known here.
    /// @param requester The office.
    /// @param root The Merkle root.
    function dateRefusals(bytes32 requester, bytes32 root) external {
        if (!requesters.isActive(msg.sender, requester)) revert NotTheRequester(msg.sender);
        if (root == 0) revert EmptyDigest();
        if (refusals[requester][root].datedAt != 0) revert AlreadyDated(root);
        refusals[requester][root] = Refusals(requester, uint64(block.timestamp), uint64(block.number));
        emit RefusalsDated(requester, root);
    }

    /// @dev The Groth16 equation of a part. Every input is less than p: dates and amounts are small, the digest has 248 bits, and roots,
    /// applicant and nullifier were compared; the scope is the contract's own.
    function _checkProof(Request calldata q, Claim memory c, uint256 part, Part calldata given, bytes32 keyHash) private view {
        if (keccak256(given.policyKey) != keyHash) revert PolicyKeyMismatch(part);
        uint256 count = Groth16.inputsOf(given.policyKey.length);
        // Ten inputs beside the roots. A shape may have more sources than the policy; their roots are 0.
        if (count < 10 + given.roots.length) revert Groth16.PolicyKeyUnusable(part);
        uint256[] memory x = new uint256[](count);
        for (uint256 i = 0; i < given.roots.length; i++) x[i] = given.roots[i];
        uint256 base = count - 10;
        (x[base], x[base + 1]) = c.rules.asOfRule == 2 ? (q.periodEnd, c.lastDay) : (q.periodStart, c.firstDay);
        x[base + 2] = q.scope;
        x[base + 3] = uint256(c.digest);
        x[base + 4] = q.applicant;
        x[base + 5] = c.nullifier;
        x[base + 6] = 1;
        if (c.rules.pays == 1 && part == c.rules.paidPart) x[base + 7 + c.rules.paidOutput] = c.amount;
        Groth16.check(part, given.policyKey, given.proof, x);
    }

    /// @dev Whether this approval may stand under its nullifier.
    ///
    /// A correction may name an approval of another period: by the office, a requester can have entered a nullifier that isn't its
    /// applicant's there. A proof shows whose nullifier it is in this period, so it takes the place of an office's word at any time, whichever
    /// word stands by then: else a requester could keep a proof out by correcting its own word each time before it lands.
    ///
    /// An office's word is replaced by that office's, or by anybody's once it is dismissed: otherwise another office could replace it on the
    /// last day on which anybody can answer. Between equals an approval of another period must be one that can still be corrected:
    /// otherwise no approval of the past would be safe from any requester.
    function _checkFinal(Request calldata q, Claim memory c) private view {
        Decision storage d = decisions[q.program][c.nullifier];
        uint64 before = d.amount;
        if (d.request == 0) {
            if (q.corrects != 0) revert CorrectsUnknown(q.corrects);
        } else {
            if (d.request == c.digest) revert AlreadyDecided();
            if (q.corrects == 0) revert NullifierSpent(d.request);
            if (c.assurance <= d.assurance) _checkEquals(q, c, d);
        }
        uint256 total = spent[q.program] + c.amount - before;
        if (c.amount > before && total > c.rules.budget) revert OverBudget(total, c.rules.budget);
    }

    /// @dev Whether an approval may be replaced that a proof stands for as much as for this one, or no more.
    function _checkEquals(Request calldata q, Claim memory c, Decision storage d) private view {
        if (q.corrects != d.request) revert CorrectsUnknown(q.corrects);
        if (c.assurance < d.assurance) revert AssuranceLowered();
        if (c.assurance == BY_OFFICE && q.requester != d.requester) {
            (, uint64 until) = programs.standing(q.program, d.requester);
            if (until == 0) revert AnotherOfficesApproval(d.requester);
        }
        if (d.periodStart != q.periodStart) {
            uint256 last = _lastDay(c.rules, d.periodStart);
            if (_today(c.rules) > last) revert CorrectionTooLate(Calendar.date(last));
        }
    }

    function _enter(Request calldata q, Claim memory c, bytes32 bundle) private {
        Decision storage d = decisions[q.program][c.nullifier];
        (bytes32 corrects, uint64 before, uint32 periodBefore) = (d.request, d.amount, d.periodStart);
        spent[q.program] = spent[q.program] + c.amount - before;
        d.request = c.digest;
        d.amount = c.amount;
        if (c.amount > before) d.granted += c.amount - before;
        d.approvedAt = uint64(block.timestamp);
        d.blockNumber = uint64(block.number);
        d.reducedAt = 0;
        d.periodStart = q.periodStart;
        d.assurance = c.assurance;
        d.requester = q.requester;
        d.bundle = bundle;
        d.document = 0;
        emit Approved(
            q.program,
            c.nullifier,
            c.digest,
            Approval(
                q.requester,
                q.periodStart,
                q.policies,
                c.amount,
                c.assurance,
                bundle,
                q.recipient,
                corrects,
                before,
                periodBefore,
                c.signer,
                c.assurance == BY_OFFICE ? msg.sender : address(0)
            )
        );
    }

    function _scope(bytes32 program, uint32 start) internal override returns (uint256 scope) {
        scope = scopes[program][start];
        if (scope == 0) {
            scope = programs.scope(program, start);
            scopes[program][start] = scope;
        }
    }
}
