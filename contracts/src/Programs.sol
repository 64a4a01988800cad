// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";
import {Names} from "./Names.sol";
import {Poseidon6} from "./Poseidon6.sol";
import {Requesters} from "./Requesters.sol";
import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// Enacted programs. Grid, claim window, as-of rule, what is paid and policy ids never change; document digest, budget and
/// requesters can be amended by two people. This contract's address is part of every scope and of every request's signature.
contract Programs is TwoPerson {
    /// `enactedAt` is since when the document is `digest`: an amendment isn't the law of the time before it.
    struct Program {
        bytes32 digest;
        uint64 enactedAt;
        uint64 closedAt;
        uint32 firstMonth;
        uint8 monthsPerPeriod;
        uint16 periods;
        uint16 opensAfterDays;
        uint16 closesAfterDays;
        uint128 budget;
        uint8 asOfRule;
        uint8 pays;
        uint8 paidPart;
        uint8 paidOutput;
        uint8 policyCount;
        bytes32[8] policies;
    }

    /// What an enactment says. `asOfRule`: 1 first day, 2 last day of the period. `pays`: 1 if an output is paid, else 0.
    struct Terms {
        bytes32 digest;
        uint32 firstMonth;
        uint8 monthsPerPeriod;
        uint16 periods;
        uint16 opensAfterDays;
        uint16 closesAfterDays;
        uint8 asOfRule;
        uint8 pays;
        uint8 paidPart;
        uint8 paidOutput;
        uint128 budget;
        bytes32[] policies;
        bytes32[] requesters;
    }

    /// `since` is when the requester was last authorised, so that a time between dismissal and return is no standing.
    struct Standing {
        uint64 since;
        uint64 until;
    }

    /// Slot 1.
    mapping(bytes32 id => Program) private programs;

    /// Slot 2.
    mapping(bytes32 id => mapping(bytes32 requester => Standing)) public standing;

    uint8 public constant PERIOD_START = 1;
    uint8 public constant PERIOD_END = 2;

    /// "sealroot/1:scope" as a big-endian integer.
    uint256 private constant SCOPE_TAG = uint256(uint128(bytes16("sealroot/1:scope")));

    Requesters public immutable requesters;
    Poseidon6 public immutable poseidon;

    event Enacted(bytes32 indexed id, Terms terms);
    event Amended(bytes32 indexed id, bytes32 digest, uint128 budget);
    event Authorised(bytes32 indexed id, bytes32 indexed requester);
    event Dismissed(bytes32 indexed id, bytes32 indexed requester);
    event Closed(bytes32 indexed id);

    error ProgramExists(bytes32 id);
    error UnknownProgram(bytes32 id);
    error ProgramIsClosed(bytes32 id);
    error UnusableTerms(string why);
    error UnknownRequester(bytes32 requester);
    error RequesterNotAuthorised(bytes32 requester);
    error AlreadyAuthorised(bytes32 requester);
    error NotOnTheGrid(uint32 periodStart);

    constructor(IOfficers officers_, Requesters requesters_, Poseidon6 poseidon_) TwoPerson(officers_) {
        requesters = requesters_;
        poseidon = poseidon_;
    }

    function enact(bytes32 id, Terms calldata terms) external act(abi.encode(id, terms)) {
        Names.check(id);
        if (programs[id].digest != 0) revert ProgramExists(id);
        _checkTerms(terms);
        Program storage p = programs[id];
        p.digest = terms.digest;
        p.enactedAt = uint64(block.timestamp);
        p.firstMonth = terms.firstMonth;
        p.monthsPerPeriod = terms.monthsPerPeriod;
        p.periods = terms.periods;
        p.opensAfterDays = terms.opensAfterDays;
        p.closesAfterDays = terms.closesAfterDays;
        p.budget = terms.budget;
        p.asOfRule = terms.asOfRule;
        p.pays = terms.pays;
        p.paidPart = terms.paidPart;
        p.paidOutput = terms.paidOutput;
        p.policyCount = uint8(terms.policies.length);
        for (uint256 i = 0; i < terms.policies.length; i++) p.policies[i] = terms.policies[i];
        emit Enacted(id, terms);
        for (uint256 i = 0; i < terms.requesters.length; i++) _authorise(id, terms.requesters[i]);
    }

    /// A new document under the same grid, window, rule, payment and policies, and a new budget.
    function amend(bytes32 id, bytes32 digest, uint128 budget) external act(abi.encode(id, digest, budget)) {
        Program storage p = _open(id);
        if (digest == 0) revert UnusableTerms("no digest");
        p.digest = digest;
        p.enactedAt = uint64(block.timestamp);
        p.budget = budget;
        emit Amended(id, digest, budget);
    }

    function authorise(bytes32 id, bytes32 requester) external act(abi.encode(id, requester)) {
        _open(id);
        _authorise(id, requester);
    }

    /// At once.
    function dismiss(bytes32 id, bytes32 requester) external act(abi.encode(id, requester)) {
        Standing storage s = standing[id][requester];
        if (s.since == 0 || s.until != 0) revert RequesterNotAuthorised(requester);
        s.until = uint64(block.timestamp);
        emit Dismissed(id, requester);
    }

    /// At once, and for ever.
    function close(bytes32 id) external act(abi.encode(id)) {
        _open(id).closedAt = uint64(block.timestamp);
        emit Closed(id);
    }

    /// The entry.
    function program(bytes32 id) external view returns (Program memory) {
        return programs[id];
    }

    /// The entry of a program under which `requester` may ask now; reverts otherwise.
    function openTo(bytes32 id, bytes32 requester) external view returns (Program memory) {
        Program storage p = _open(id);
        Standing storage s = standing[id][requester];
        if (s.since == 0 || s.until != 0) revert RequesterNotAuthorised(requester);
        return p;
    }

    /// Last day of the period that begins on `start`; reverts unless it is on the grid.
    function periodEnd(bytes32 id, uint32 start) public view returns (uint32) {
        Program storage p = programs[id];
        if (p.digest == 0) revert UnknownProgram(id);
        uint32 month = start / 100;
        if (start % 100 != 1 || month < p.firstMonth || month % 100 < 1 || month % 100 > 12) revert NotOnTheGrid(start);
        uint256 months = _index(month) - _index(p.firstMonth);
        if (months % p.monthsPerPeriod != 0 || months / p.monthsPerPeriod >= p.periods) revert NotOnTheGrid(start);
        return Calendar.date(Calendar.day(Calendar.plusMonths(month, p.monthsPerPeriod) * 100 + 1) - 1);
    }

    /// `Poseidon(tag, deployment, program, period_start, period_end)` of a period on the grid.
    function scope(bytes32 id, uint32 start) external view returns (uint256) {
        uint32 last = periodEnd(id, start);
        return poseidon.hash([SCOPE_TAG, deployment(), Names.element(id), start, last]);
    }

    /// This chain and contract as a field element: the first 31 bytes of keccak256(abi.encode(chain id, address)).
    function deployment() public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) >> 8;
    }

    function _checkTerms(Terms calldata t) private pure {
        if (t.digest == 0) revert UnusableTerms("no digest");
        if (t.policies.length < 1 || t.policies.length > 8) revert UnusableTerms("1 to 8 policies");
        for (uint256 i = 0; i < t.policies.length; i++) {
            Names.check(t.policies[i]);
            for (uint256 j = 0; j < i; j++) {
                if (t.policies[i] == t.policies[j]) revert UnusableTerms("a policy twice");
            }
        }
        if (t.requesters.length < 1 || t.requesters.length > 64) revert UnusableTerms("1 to 64 requesters");
        if (t.monthsPerPeriod < 1 || t.monthsPerPeriod > 120 || t.periods < 1) {
            revert UnusableTerms("periods of 1 to 120 months, at least one");
        }
        // One month past the end must be a date, for the last period's last day to be one.
        Calendar.plusMonths(t.firstMonth, uint256(t.monthsPerPeriod) * t.periods);
        if (t.opensAfterDays > t.closesAfterDays) revert UnusableTerms("the claim window closes before it opens");
        if (t.asOfRule != PERIOD_START && t.asOfRule != PERIOD_END) revert UnusableTerms("as-of rule 1 or 2");
        if (t.pays > 1 || t.paidPart >= t.policies.length || t.paidOutput > 1) revert UnusableTerms("what is paid");
        if (t.pays == 0 && (t.paidPart != 0 || t.paidOutput != 0 || t.budget != 0)) revert UnusableTerms("nothing is paid");
    }

    function _authorise(bytes32 id, bytes32 requester) private {
        if (requesters.registered(requester) == 0) revert UnknownRequester(requester);
        Standing storage s = standing[id][requester];
        if (s.since != 0 && s.until == 0) revert AlreadyAuthorised(requester);
        s.since = uint64(block.timestamp);
        s.until = 0;
        emit Authorised(id, requester);
    }

    function _open(bytes32 id) private view returns (Program storage p) {
        p = programs[id];
        if (p.digest == 0) revert UnknownProgram(id);
        if (p.closedAt != 0) revert ProgramIsClosed(id);
    }

    function _index(uint32 month) private pure returns (uint256) {
        return uint256(month / 100) * 12 + (month % 100) - 1;
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.dismiss.selector || selector == this.close.selector;
    }
}
