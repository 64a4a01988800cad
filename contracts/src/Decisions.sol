// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agencies} from "./Agencies.sol";
import {Calendar} from "./Calendar.sol";
import {Field} from "./Field.sol";
import {Policies} from "./Policies.sol";
import {Programs} from "./Programs.sol";
import {Request, Requests} from "./Request.sol";
import {Requesters} from "./Requesters.sol";

/// Decisions: an approval spends its nullifier. One approval per nullifier; the first accepted one for a (nullifier, request)
/// is final; a correction replaces it and only the difference counts. Refusals spend nothing and appear only in batches.
///
/// Checked here: everything but the proofs, which the requester has verified before its key records the decision.
/// `Decision.assurance` says so (1); verification in this contract will say 2, with the same checks and storage: the policy
/// key comes in the call and must have the enacted hash.
contract Decisions {
    struct Decision {
        bytes32 request;
        bytes32 bundle;
        uint64 amount;
        uint64 recordedAt;
        uint64 blockNumber;
        uint8 assurance;
        uint256 scope;
    }

    struct Refusals {
        bytes32 requester;
        uint64 recordedAt;
        uint64 blockNumber;
    }

    /// What a proof of one part shows, beside what follows from the request: its public inputs.
    struct Part {
        uint256[] roots;
        uint256 decision;
        uint256[2] outputs;
    }

    /// Slot 0.
    mapping(uint256 nullifier => Decision) public decisions;

    /// Minor units, by program. Slot 1.
    mapping(bytes32 program => uint256) public spent;

    /// By the Merkle root of the digests of refused bundles. Slot 2.
    mapping(bytes32 root => Refusals) public refusals;

    /// Scopes computed so far. Slot 3.
    mapping(bytes32 program => mapping(uint32 periodStart => uint256)) private scopes;

    uint8 public constant RECORDED = 1;
    uint64 public constant MAX_LIFETIME = 60 days;

    Agencies public immutable agencies;
    Policies public immutable policies;
    Requesters public immutable requesters;
    Programs public immutable programs;

    event Approved(
        bytes32 indexed program,
        uint256 indexed nullifier,
        bytes32 indexed request,
        bytes32 bundle,
        uint64 amount,
        int256 difference,
        address recipient
    );
    event Refused(bytes32 indexed requester, bytes32 indexed root);

    error NotTheRequester(address sender);
    error NotYetValid(uint64 notBefore);
    error Expired(uint64 expiry);
    error BadLifetime();
    error BadPurpose();
    error SignerNotAccepted(address signer);
    error WrongPeriodEnd(uint32 expected);
    error WrongScope(uint256 expected);
    error OutsideClaimWindow(uint32 opens, uint32 closes, uint32 today);
    error AsOfInTheFuture(uint32 asOf);
    error WrongNumberOfPolicies(uint256 expected);
    error WrongNumberOfParts(uint256 expected);
    error WrongNumberOfRoots(uint256 expected);
    error RootDoesNotCount(bytes32 agency, bytes32 root);
    error NotApproved(uint256 decision);
    error OutputTooLarge(uint256 output);
    error OverBudget(uint256 total, uint256 budget);
    error NullifierSpent(bytes32 request);
    error AlreadyDecided();
    error NothingToCorrect(bytes32 corrects);
    error EmptyDigest();
    error AlreadyRecorded(bytes32 root);

    constructor(Agencies agencies_, Policies policies_, Requesters requesters_, Programs programs_) {
        agencies = agencies_;
        policies = policies_;
        requesters = requesters_;
        programs = programs_;
    }

    /// Records an approval that the requester has verified. `bundle` is the digest of the bundle without its evidence.
    function record(
        Request calldata request,
        bytes calldata signature,
        Part[] calldata parts,
        uint256 nullifier,
        bytes32 bundle
    ) external {
        if (!requesters.isActive(msg.sender, request.requester)) revert NotTheRequester(msg.sender);
        bytes32 digest = _checkRequest(request, signature);
        Programs.Program memory program = programs.openTo(request.program, request.requester);
        _checkPeriod(request, program);
        uint64 amount = _checkParts(request, program, parts);
        _settle(request, program.budget, digest, nullifier, bundle, amount);
    }

    /// Dates a batch of refusals by the Merkle root of their bundles' digests.
    function recordRefusals(bytes32 requester, bytes32 root) external {
        if (!requesters.isActive(msg.sender, requester)) revert NotTheRequester(msg.sender);
        if (root == 0) revert EmptyDigest();
        if (refusals[root].recordedAt != 0) revert AlreadyRecorded(root);
        refusals[root] = Refusals(requester, uint64(block.timestamp), uint64(block.number));
        emit Refused(requester, root);
    }

    /// The request's digest: the first 31 bytes of its EIP-712 hash.
    function requestDigest(Request calldata request) public view returns (bytes32) {
        return Requests.signingHash(request, address(programs)) >> 8;
    }

    function _checkRequest(Request calldata q, bytes calldata signature) private view returns (bytes32) {
        if (q.expiry < q.notBefore || q.expiry - q.notBefore > MAX_LIFETIME) revert BadLifetime();
        if (block.timestamp < q.notBefore) revert NotYetValid(q.notBefore);
        if (block.timestamp > q.expiry) revert Expired(q.expiry);
        if (bytes(q.purpose).length == 0 || bytes(q.purpose).length > 500) revert BadPurpose();
        Field.check(q.applicant);
        bytes32 hash = Requests.signingHash(q, address(programs));
        address signer = Requests.signer(hash, signature);
        if (!requesters.vouches(signer, q.requester, q.notBefore)) revert SignerNotAccepted(signer);
        return hash >> 8;
    }

    function _checkPeriod(Request calldata q, Programs.Program memory program) private {
        uint32 last = programs.periodEnd(q.program, q.periodStart);
        if (last != q.periodEnd) revert WrongPeriodEnd(last);
        uint256 start = Calendar.day(q.periodStart);
        uint256 today = block.timestamp / 1 days;
        if (today < start + program.opensAfterDays || today > start + program.closesAfterDays) {
            revert OutsideClaimWindow(
                Calendar.date(start + program.opensAfterDays),
                Calendar.date(start + program.closesAfterDays),
                Calendar.date(today)
            );
        }
        // The window never opens before the period, so only the last day can lie ahead.
        if (program.asOfRule == 2 && Calendar.date(today) < last) revert AsOfInTheFuture(last);
        uint256 scope = scopes[q.program][q.periodStart];
        if (scope == 0) {
            scope = programs.scope(q.program, q.periodStart);
            scopes[q.program][q.periodStart] = scope;
        }
        if (q.scope != scope) revert WrongScope(scope);
    }

    function _checkParts(Request calldata q, Programs.Program memory program, Part[] calldata parts)
        private
        view
        returns (uint64 amount)
    {
        if (q.policies.length != program.policyCount) revert WrongNumberOfPolicies(program.policyCount);
        if (parts.length != program.policyCount) revert WrongNumberOfParts(program.policyCount);
        for (uint256 i = 0; i < parts.length; i++) {
            Part calldata part = parts[i];
            if (part.decision != 1) revert NotApproved(part.decision);
            if (part.outputs[0] >= 1 << 63) revert OutputTooLarge(part.outputs[0]);
            if (part.outputs[1] >= 1 << 63) revert OutputTooLarge(part.outputs[1]);
            _checkRoots(q.policies[i], program.policies[i], q.periodStart, part.roots);
        }
        if (program.pays == 1) amount = uint64(parts[program.paidPart].outputs[program.paidOutput]);
    }

    function _checkRoots(bytes32 digest, bytes32 policy, uint32 periodStart, uint256[] calldata roots) private view {
        (uint8 sources, bytes32[3] memory owners) = policies.sourcesInForce(digest, policy, periodStart);
        if (roots.length != sources) revert WrongNumberOfRoots(sources);
        for (uint256 i = 0; i < sources; i++) {
            Field.check(roots[i]);
            if (!agencies.counts(owners[i], bytes32(roots[i]))) revert RootDoesNotCount(owners[i], bytes32(roots[i]));
        }
    }

    function _settle(
        Request calldata q,
        uint256 budget,
        bytes32 digest,
        uint256 nullifier,
        bytes32 bundle,
        uint64 amount
    ) private {
        Field.check(nullifier);
        if (bundle == 0) revert EmptyDigest();
        Decision storage d = decisions[nullifier];
        uint64 before = d.amount;
        if (d.request == 0) {
            if (q.corrects != 0) revert NothingToCorrect(q.corrects);
        } else {
            if (d.request == digest) revert AlreadyDecided();
            if (q.corrects == 0) revert NullifierSpent(d.request);
            // Only the approval that stands can be corrected, and only within its own scope.
            if (q.corrects != d.request || q.scope != d.scope) revert NothingToCorrect(q.corrects);
        }
        uint256 total = spent[q.program] + amount - before;
        if (amount > before && total > budget) revert OverBudget(total, budget);
        spent[q.program] = total;
        d.request = digest;
        d.bundle = bundle;
        d.amount = amount;
        d.recordedAt = uint64(block.timestamp);
        d.blockNumber = uint64(block.number);
        d.assurance = RECORDED;
        d.scope = q.scope;
        emit Approved(
            q.program, nullifier, digest, bundle, amount, int256(uint256(amount)) - int256(uint256(before)), q.recipient
        );
    }
}
