// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agencies} from "./Agencies.sol";
import {Calendar} from "./Calendar.sol";
import {Field} from "./Field.sol";
import {Grid} from "./Grid.sol";
import {Policies} from "./Policies.sol";
import {Programs} from "./Programs.sol";
import {Request, Requests} from "./Request.sol";
import {Requesters} from "./Requesters.sol";
import {Signatures} from "./Signatures.sol";

/// @notice What every approval is checked for, whether an office or a proof stands for it: request, program, days, policies, roots.
///
/// The order of the checks is the verifier's (`docs/spec/keys-and-proofs.md`), so that one fault has one reason.
abstract contract Claims {
    /// @dev What the checks found out, for those that come after.
    struct Claim {
        bytes32 digest;
        address signer;
        uint256 firstDay;
        uint256 lastDay;
        uint8 assurance;
        uint64 amount;
        uint256 nullifier;
        Programs.Rules rules;
        bytes32[] policies;
    }

    /// @notice The office verified the proofs, and approved with its key: `assurance`, and a bit of the terms' `decidedBy`.
    uint8 public constant BY_OFFICE = 1;

    /// @notice The contract verified the proofs: `assurance`, and a bit of the terms' `decidedBy`.
    uint8 public constant BY_PROOF = 2;

    /// @notice The longest time from a request's first to its last second, and from a reduction's entry to its last one.
    uint64 public constant MAX_LIFETIME = 60 days;

    /// @notice Agencies and roots.
    Agencies public immutable agencies;

    /// @notice Policy versions.
    Policies public immutable policies;

    /// @notice Requesters and their keys.
    Requesters public immutable requesters;

    /// @notice Programs. Its address is in what requesters sign.
    Programs public immutable programs;

    /// @notice The request expires before it begins, or more than 60 days after.
    error RequestLifetime();

    /// @notice The request isn't valid yet.
    /// @param notBefore Its first second, Unix time.
    error RequestNotYetValid(uint64 notBefore);

    /// @notice The request isn't valid any more.
    /// @param expiry Its last second, Unix time.
    error RequestExpired(uint64 expiry);

    /// @notice The program's decisions aren't made by an office that vouches for them.
    error NotDecidedByOffice();

    /// @notice The program's decisions aren't made by proof.
    error NotDecidedByProof();

    /// @notice The claim window hasn't opened.
    /// @param opens Its first day.
    error ClaimTooEarly(uint32 opens);

    /// @notice The claim window is over; of a correction, the days after it, too.
    /// @param closes The last day.
    error ClaimTooLate(uint32 closes);

    /// @notice The reference day lies ahead.
    /// @param asOf The day.
    error AsOfInFuture(uint32 asOf);

    /// @notice The scope isn't that of the program and the period.
    /// @param expected The one that is.
    error WrongScope(uint256 expected);

    /// @notice The request doesn't name one version per policy of the program.
    /// @param expected How many there are.
    error WrongNumberOfPolicies(uint256 expected);

    /// @notice There isn't exactly one part per policy.
    /// @param expected How many there are.
    error PartsMismatch(uint256 expected);

    /// @notice There isn't exactly one root per source.
    /// @param part The part, counted from 0.
    /// @param expected How many sources its policy has.
    error PartInputMismatch(uint256 part, uint256 expected);

    /// @notice The agency hasn't confirmed the root since the day from which the program demands it.
    /// @param agency The agency's name.
    /// @param root The root.
    /// @param since The day.
    error RootNotFresh(bytes32 agency, bytes32 root, uint32 since);

    /// @notice No amount that is paid is so large.
    /// @param amount The amount.
    error AmountTooLarge(uint64 amount);

    /// @notice The program pays nothing.
    /// @param amount The amount.
    error NothingIsPaid(uint64 amount);

    /// @dev The programs know the others, so that no two can be joined that don't belong together. A second contract of decisions takes programs
    /// of its own: requests, scopes and nullifiers name the programs alone, and under the same ones everything could be approved twice.
    constructor(Programs programs_) {
        programs = programs_;
        requesters = programs_.requesters();
        policies = programs_.policies();
        agencies = programs_.policies().agencies();
    }

    /// @notice The digest by which a request is known.
    /// @param request The request.
    /// @return The first 31 bytes of its EIP-712 hash, as an integer.
    function requestDigest(Request calldata request) external view returns (bytes32) {
        return _signed(request) >> 8;
    }

    function _signed(Request calldata q) internal view returns (bytes32) {
        return Signatures.typed(Requests.structHash(q), address(programs));
    }

    /// @dev Everything that comes before the parts.
    function _checkRequest(Request calldata q, bytes calldata signature, uint8 by) internal returns (Claim memory c) {
        Field.check(q.applicant);
        bytes32 hash = _signed(q);
        address signer = Signatures.signer(hash, signature);
        if (q.expiry < q.notBefore || q.expiry - q.notBefore > MAX_LIFETIME) revert RequestLifetime();
        (c.rules, c.policies) = programs.openTo(q.program, q.requester);
        requesters.checkSigner(signer, q.requester, q.notBefore);
        if (block.timestamp < q.notBefore) revert RequestNotYetValid(q.notBefore);
        if (block.timestamp > q.expiry) revert RequestExpired(q.expiry);
        if (c.rules.decidedBy & by == 0) {
            if (by == BY_OFFICE) revert NotDecidedByOffice();
            revert NotDecidedByProof();
        }
        c.digest = hash >> 8;
        c.signer = signer;
        c.assurance = by;
        _checkPeriod(q, c);
    }

    /// @dev Days are the program's: they turn at midnight of its clocks. A correction may come after the claim window.
    function _checkPeriod(Request calldata q, Claim memory c) private {
        Programs.Rules memory p = c.rules;
        (uint256 first, uint256 last) = (Calendar.day(q.periodStart), Grid.end(p.firstMonth, p.monthsPerPeriod, p.periods, q.periodStart));
        if (Calendar.date(last) != q.periodEnd) revert Grid.PeriodNotOnGrid(q.periodStart);
        uint256 today = _today(p);
        uint256 closes = first + p.closesAfterDays + (q.corrects == 0 ? 0 : p.correctableDays);
        if (today < first + p.opensAfterDays) revert ClaimTooEarly(Calendar.date(first + p.opensAfterDays));
        if (today > closes) revert ClaimTooLate(Calendar.date(closes));
        // The window never opens before the period, so only the last day can lie ahead.
        if (p.asOfRule == 2 && today < last) revert AsOfInFuture(q.periodEnd);
        uint256 expected = _scope(q.program, q.periodStart);
        if (q.scope != expected) revert WrongScope(expected);
        (c.firstDay, c.lastDay) = (first, last);
    }

    /// @dev Checks how many parts there are, and the amount.
    function _checkParts(Request calldata q, Claim memory c, uint256 parts, uint64 amount, uint256 nullifier) internal pure {
        if (q.policies.length != c.policies.length) revert WrongNumberOfPolicies(c.policies.length);
        if (parts != c.policies.length) revert PartsMismatch(c.policies.length);
        if (amount >= 1 << 63) revert AmountTooLarge(amount);
        if (c.rules.pays == 0 && amount != 0) revert NothingIsPaid(amount);
        Field.check(nullifier);
        c.amount = amount;
        c.nullifier = nullifier;
    }

    /// @dev The version of a part's policy, with roots that count, each of its source's agency.
    function _checkPart(Request calldata q, Claim memory c, uint256 part, uint256[] calldata roots)
        internal
        view
        returns (bytes32 keyHash)
    {
        Programs.Rules memory p = c.rules;
        Policies.InForce memory version = policies.inForce(q.policies[part], c.policies[part], q.periodStart);
        if (p.pays == 1 && part == p.paidPart) {
            bytes3 currency = p.paidOutput == 0 ? version.currency0 : version.currency1;
            if (currency != p.currency) revert Programs.OtherCurrency(c.policies[part], currency);
        }
        if (roots.length != version.agencies.length) revert PartInputMismatch(part, version.agencies.length);
        uint256 since = _freshSince(c);
        for (uint256 i = 0; i < roots.length; i++) {
            Field.check(roots[i]);
            bytes32 root = bytes32(roots[i]);
            uint64 confirmed = agencies.confirmedAt(version.agencies[i], root);
            if (since != 0 && Calendar.local(confirmed, p.utcOffsetMinutes) < since) {
                revert RootNotFresh(version.agencies[i], root, Calendar.date(since));
            }
        }
        return version.keyHash;
    }

    /// @dev The program's day now.
    function _today(Programs.Rules memory p) internal view returns (uint256) {
        return Calendar.local(block.timestamp, p.utcOffsetMinutes);
    }

    /// @dev The last day on which an approval of the period that begins on `start` can be corrected or reduced.
    function _lastDay(Programs.Rules memory p, uint32 start) internal pure returns (uint256) {
        return Calendar.day(start) + p.closesAfterDays + p.correctableDays;
    }

    /// @dev The day since which roots must have been confirmed; 0 where the program doesn't demand one.
    function _freshSince(Claim memory c) private pure returns (uint256) {
        if (c.rules.freshness == 0) return 0;
        return (c.rules.freshness == 1 ? c.firstDay : c.lastDay) + c.rules.freshAfterDays;
    }

    /// @dev The scope of a program's period, which is on its grid.
    function _scope(bytes32 program, uint32 start) internal virtual returns (uint256);
}
