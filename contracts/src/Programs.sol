// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";
import {Grid} from "./Grid.sol";
import {Names} from "./Names.sol";
import {Policies} from "./Policies.sol";
import {Poseidon6} from "./Poseidon6.sol";
import {Requesters} from "./Requesters.sol";
import {Terms, TermsCheck} from "./Terms.sol";
import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// @notice Enacted programs. Document digest, budget and requesters can be amended by two people; all other terms never change. This
/// contract's address is part of every scope and of every request's signature.
///
/// An enactment is checked against the policies as far as the chain knows them. Not checked: what only documents say, and the versions
/// of later periods, which may be enacted later. `Decisions` checks those when somebody claims.
contract Programs is TwoPerson {
    /// @dev Slots: digest · enacted, closed, first month, months, periods, opens, closes, correctable days, offset from UTC, decided by ·
    /// budget, as-of rule, pays, part, output, policies, freshness, its days, currency.
    /// `enactedAt` is since when the document is `digest`: an amendment isn't the law of the time before it.
    struct Rules {
        bytes32 digest;
        uint64 enactedAt;
        uint64 closedAt;
        uint32 firstMonth;
        uint8 monthsPerPeriod;
        uint16 periods;
        uint16 opensAfterDays;
        uint16 closesAfterDays;
        uint16 correctableDays;
        int16 utcOffsetMinutes;
        uint8 decidedBy;
        uint128 budget;
        uint8 asOfRule;
        uint8 pays;
        uint8 paidPart;
        uint8 paidOutput;
        uint8 policyCount;
        uint8 freshness;
        uint16 freshAfterDays;
        bytes3 currency;
    }

    /// @dev Slots: three of rules · eight policy ids.
    struct Program {
        Rules rules;
        bytes32[8] policies;
    }

    /// @dev `since` is when the requester was last authorised, so that a time between dismissal and return is no standing.
    struct Standing {
        uint64 since;
        uint64 until;
    }

    /// @dev Slot 1.
    mapping(bytes32 id => Program) private programs;

    /// @notice Each program's requesters. Slot 2.
    mapping(bytes32 id => mapping(bytes32 requester => Standing)) public standing;

    /// @dev "sealroot/1:scope" as a big-endian integer.
    uint256 private constant SCOPE_TAG = uint256(uint128(bytes16("sealroot/1:scope")));

    /// @notice Where requesters are registered.
    Requesters public immutable requesters;

    /// @notice The scope's hash.
    Poseidon6 public immutable poseidon;

    /// @notice Where the programs' policies are enacted.
    Policies public immutable policies;

    /// @notice A program is enacted.
    /// @param id Its name.
    /// @param terms What was enacted.
    event Enacted(bytes32 indexed id, Terms terms);

    /// @notice A program has another document or budget.
    /// @param id Its name.
    /// @param digest Digest of the document.
    /// @param budget Minor units that it pays at most in all.
    event Amended(bytes32 indexed id, bytes32 digest, uint128 budget);

    /// @notice A requester may ask under a program.
    /// @param id The program's name.
    /// @param requester The requester's.
    event Authorised(bytes32 indexed id, bytes32 indexed requester);

    /// @notice A requester may ask no more.
    /// @param id The program's name.
    /// @param requester The requester's.
    event Dismissed(bytes32 indexed id, bytes32 indexed requester);

    /// @notice Nothing is approved under a program any more.
    /// @param id Its name.
    event Closed(bytes32 indexed id);

    /// @notice The program is enacted already.
    /// @param id Its name.
    error ProgramExists(bytes32 id);

    /// @notice The program isn't enacted.
    /// @param id Its name.
    error ProgramNotEnacted(bytes32 id);

    /// @notice The program is closed.
    /// @param id Its name.
    error ProgramClosed(bytes32 id);

    /// @notice The requester isn't registered.
    /// @param requester Its name.
    error UnknownRequester(bytes32 requester);

    /// @notice The requester may not ask under the program.
    /// @param requester Its name.
    error RequesterNotAuthorised(bytes32 requester);

    /// @notice The requester may ask already.
    /// @param requester Its name.
    error AlreadyAuthorised(bytes32 requester);

    /// @notice The last claim window of the grid is over.
    error NoPeriodLeft();

    /// @notice No version of the policy is in force on the first day of a period that could be claimed at once.
    /// @param policy The policy.
    /// @param day The day.
    error NoVersionOnDay(bytes32 policy, uint32 day);

    /// @notice The paid output isn't in the program's currency.
    /// @param policy The policy.
    /// @param currency The output's currency; 0 where it isn't money.
    error OtherCurrency(bytes32 policy, bytes3 currency);

    /// @notice An agency whose records a policy reads is withdrawn.
    /// @param agency Its name.
    error AgencyWithdrawn(bytes32 agency);

    constructor(IOfficers officers_, Requesters requesters_, Poseidon6 poseidon_, Policies policies_) TwoPerson(officers_) {
        requesters = requesters_;
        poseidon = poseidon_;
        policies = policies_;
    }

    /// @notice Act: a program.
    /// @param id Its name.
    /// @param terms What is enacted.
    function enact(bytes32 id, Terms calldata terms) external act(abi.encode(id, terms)) {
        Names.check(id);
        if (programs[id].rules.digest != 0) revert ProgramExists(id);
        TermsCheck.check(terms);
        _checkPolicies(terms);
        Rules storage p = programs[id].rules;
        p.digest = terms.digest;
        p.enactedAt = uint64(block.timestamp);
        p.firstMonth = terms.firstMonth;
        p.monthsPerPeriod = terms.monthsPerPeriod;
        p.periods = terms.periods;
        p.opensAfterDays = terms.opensAfterDays;
        p.closesAfterDays = terms.closesAfterDays;
        p.correctableDays = terms.correctableDays;
        p.utcOffsetMinutes = terms.utcOffsetMinutes;
        p.decidedBy = terms.decidedBy;
        p.budget = terms.budget;
        p.asOfRule = terms.asOfRule;
        p.pays = terms.pays;
        p.paidPart = terms.paidPart;
        p.paidOutput = terms.paidOutput;
        p.policyCount = uint8(terms.policies.length);
        p.freshness = terms.freshness;
        p.freshAfterDays = terms.freshAfterDays;
        p.currency = terms.currency;
        for (uint256 i = 0; i < terms.policies.length; i++) programs[id].policies[i] = terms.policies[i];
        emit Enacted(id, terms);
        for (uint256 i = 0; i < terms.requesters.length; i++) _authorise(id, terms.requesters[i]);
    }

    /// @notice Act: a new document under the same terms, and a new budget.
    /// @param id The program's name.
    /// @param digest Digest of the document.
    /// @param budget Minor units that it pays at most in all. Below what is spent, it lets nothing more be spent and takes nothing back.
    function amend(bytes32 id, bytes32 digest, uint128 budget) external act(abi.encode(id, digest, budget)) {
        Rules storage p = _open(id);
        if (digest == 0) revert TermsCheck.UnusableTerms("no digest");
        if (p.pays == 0 && budget != 0) revert TermsCheck.UnusableTerms("nothing is paid");
        p.digest = digest;
        p.enactedAt = uint64(block.timestamp);
        p.budget = budget;
        emit Amended(id, digest, budget);
    }

    /// @notice Act: a further requester.
    /// @param id The program's name.
    /// @param requester The requester's.
    function authorise(bytes32 id, bytes32 requester) external act(abi.encode(id, requester)) {
        _open(id);
        _authorise(id, requester);
    }

    /// @notice Act, without delay: a requester less.
    /// @param id The program's name.
    /// @param requester The requester's.
    function dismiss(bytes32 id, bytes32 requester) external act(abi.encode(id, requester)) {
        if (!_mayAsk(id, requester)) revert RequesterNotAuthorised(requester);
        standing[id][requester].until = uint64(block.timestamp);
        emit Dismissed(id, requester);
    }

    /// @notice Act, without delay, and for ever: nothing is approved, corrected or reduced under a program any more.
    /// @param id Its name.
    function close(bytes32 id) external act(abi.encode(id)) {
        _open(id).closedAt = uint64(block.timestamp);
        emit Closed(id);
    }

    /// @notice The entry of a program.
    /// @param id Its name.
    /// @return All members 0 where it isn't enacted.
    function program(bytes32 id) external view returns (Program memory) {
        return programs[id];
    }

    /// @notice The rules of a program under which a requester may ask now; reverts otherwise.
    /// @param id The program's name.
    /// @param requester The requester's.
    /// @return rules The rules.
    /// @return policies_ Its policies, in order.
    function openTo(bytes32 id, bytes32 requester) external view returns (Rules memory rules, bytes32[] memory policies_) {
        if (!_mayAsk(id, requester)) revert RequesterNotAuthorised(requester);
        rules = _open(id);
        policies_ = new bytes32[](rules.policyCount);
        for (uint256 i = 0; i < policies_.length; i++) policies_[i] = programs[id].policies[i];
    }

    /// @notice Last day of the period that begins on `start`; reverts unless it is on the grid.
    /// @param id The program's name.
    /// @param start The period's first day.
    /// @return The last day.
    function periodEnd(bytes32 id, uint32 start) public view returns (uint32) {
        Rules storage p = programs[id].rules;
        if (p.digest == 0) revert ProgramNotEnacted(id);
        return Calendar.date(Grid.end(p.firstMonth, p.monthsPerPeriod, p.periods, start));
    }

    /// @notice `Poseidon(tag, deployment, program, period_start, period_end)` of a period on the grid.
    /// @param id The program's name.
    /// @param start The period's first day.
    /// @return The scope.
    function scope(bytes32 id, uint32 start) external view returns (uint256) {
        uint32 last = periodEnd(id, start);
        return poseidon.hash([SCOPE_TAG, deployment(), Names.element(id), start, last]);
    }

    /// @notice This chain and contract as a field element: the first 31 bytes of keccak256(abi.encode(chain id, address)).
    /// @return The field element.
    function deployment() public view returns (uint256) {
        return uint256(keccak256(abi.encode(block.chainid, address(this)))) >> 8;
    }

    /// @dev The first period that can still be claimed has a version of each policy, and so has every later one that has begun: for a day
    /// that has begun none can be enacted any more. Later periods may wait for their law.
    function _checkPolicies(Terms calldata t) private view {
        uint256 today = Calendar.local(block.timestamp, t.utcOffsetMinutes);
        uint256 first = Grid.from(t.firstMonth, t.monthsPerPeriod, today < t.closesAfterDays ? 0 : today - t.closesAfterDays);
        if (first >= t.periods) revert NoPeriodLeft();
        uint32 begun = Calendar.begun();
        for (uint256 i = 0; i < t.policies.length; i++) {
            bool paid = t.pays == 1 && i == t.paidPart;
            uint256 index = first;
            uint32 day = Grid.start(t.firstMonth, t.monthsPerPeriod, first);
            do {
                Policies.Policy memory version = policies.onDay(t.policies[i], day);
                if (version.id == 0) revert NoVersionOnDay(t.policies[i], day);
                bytes3 currency = t.paidOutput == 0 ? version.currency0 : version.currency1;
                if (paid && currency != t.currency) revert OtherCurrency(t.policies[i], currency);
                _checkAgencies(version);
                if (version.until == 99991231) break;
                index = Grid.from(t.firstMonth, t.monthsPerPeriod, Calendar.day(version.until) + 1);
                if (index >= t.periods) break;
                day = Grid.start(t.firstMonth, t.monthsPerPeriod, index);
            } while (day <= begun);
        }
    }

    function _checkAgencies(Policies.Policy memory version) private view {
        for (uint256 i = 0; i < version.sources; i++) {
            (, bool withdrawn) = policies.agencies().standing(version.agencies[i]);
            if (withdrawn) revert AgencyWithdrawn(version.agencies[i]);
        }
    }

    function _authorise(bytes32 id, bytes32 requester) private {
        if (requesters.registered(requester) == 0) revert UnknownRequester(requester);
        if (_mayAsk(id, requester)) revert AlreadyAuthorised(requester);
        standing[id][requester] = Standing(uint64(block.timestamp), 0);
        emit Authorised(id, requester);
    }

    function _mayAsk(bytes32 id, bytes32 requester) private view returns (bool) {
        Standing storage s = standing[id][requester];
        return s.since != 0 && s.until == 0;
    }

    function _open(bytes32 id) private view returns (Rules storage p) {
        p = programs[id].rules;
        if (p.digest == 0) revert ProgramNotEnacted(id);
        if (p.closedAt != 0) revert ProgramClosed(id);
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.dismiss.selector || selector == this.close.selector;
    }
}
