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
///
/// Everybody reads calls for ever, so a call carries nothing of the proofs but roots, nullifier and amount: outputs that aren't
/// paid, reasons and the purpose stay with the requester.
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

    /// Per program: nothing here ties a nullifier to a scope, so in one map for all the requesters of any program could spend
    /// those of another's for ever. Within a program a squatted nullifier is won back by a correction. Slot 0.
    mapping(bytes32 program => mapping(uint256 nullifier => Decision)) public decisions;

    /// Minor units, by program. Slot 1.
    mapping(bytes32 program => uint256) public spent;

    /// By the Merkle root of the digests of refused bundles. Per requester: a root is public before its block is, and whoever
    /// recorded it first would take the date from the office whose refusals it holds. Slot 2.
    mapping(bytes32 requester => mapping(bytes32 root => Refusals)) public refusals;

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
    error SignerNotAccepted(address signer);
    error WrongPeriodEnd(uint32 expected);
    error WrongScope(uint256 expected);
    error OutsideClaimWindow(uint32 opens, uint32 closes, uint32 today);
    error AsOfInTheFuture(uint32 asOf);
    error WrongNumberOfPolicies(uint256 expected);
    error WrongNumberOfParts(uint256 expected);
    error WrongNumberOfRoots(uint256 expected);
    error RootDoesNotCount(bytes32 agency, bytes32 root);
    error AmountTooLarge(uint64 amount);
    error NothingIsPaid(uint64 amount);
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

    /// Records an approval that the requester has verified. `roots` has a list per policy, with a root per source; `amount` is
    /// the paid output, in minor units; `bundle` the digest of the bundle without its evidence.
    function record(
        Request calldata request,
        bytes calldata signature,
        uint256[][] calldata roots,
        uint64 amount,
        uint256 nullifier,
        bytes32 bundle
    ) external {
        if (!requesters.isActive(msg.sender, request.requester)) revert NotTheRequester(msg.sender);
        bytes32 digest = _checkRequest(request, signature);
        Programs.Program memory program = programs.openTo(request.program, request.requester);
        _checkPeriod(request, program);
        _checkParts(request, program, roots);
        if (amount >= 1 << 63) revert AmountTooLarge(amount);
        if (program.pays == 0 && amount != 0) revert NothingIsPaid(amount);
        _settle(request, program.budget, digest, nullifier, bundle, amount);
    }

    /// Dates a batch of refusals by the Merkle root of their bundles' digests.
    function recordRefusals(bytes32 requester, bytes32 root) external {
        if (!requesters.isActive(msg.sender, requester)) revert NotTheRequester(msg.sender);
        if (root == 0) revert EmptyDigest();
        if (refusals[requester][root].recordedAt != 0) revert AlreadyRecorded(root);
        refusals[requester][root] = Refusals(requester, uint64(block.timestamp), uint64(block.number));
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

    function _checkParts(Request calldata q, Programs.Program memory program, uint256[][] calldata roots) private view {
        if (q.policies.length != program.policyCount) revert WrongNumberOfPolicies(program.policyCount);
        if (roots.length != program.policyCount) revert WrongNumberOfParts(program.policyCount);
        for (uint256 i = 0; i < roots.length; i++) {
            _checkRoots(q.policies[i], program.policies[i], q.periodStart, roots[i]);
        }
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
        Decision storage d = decisions[q.program][nullifier];
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
