// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";
import {Currencies} from "./Currencies.sol";
import {Grid} from "./Grid.sol";
import {Names} from "./Names.sol";

/// @notice What the enactment of a program says.
/// @dev `asOfRule`: 1 first, 2 last day of the period. `pays`: 1 if an output is paid, else 0. `decidedBy`: 1 by the office, 2 by proof, 3 both.
/// `freshness`: 0 no rule; every root must have been confirmed on or after the day `freshAfterDays` after the period's first (1) or last (2)
/// day. `correctableDays`: after the claim window, for corrections and reductions. `utcOffsetMinutes`: how far the program's clocks are ahead of
/// UTC; its days turn at their midnight, and summer time doesn't move it.
struct Terms {
    bytes32 digest;
    uint32 firstMonth;
    uint8 monthsPerPeriod;
    uint16 periods;
    uint16 opensAfterDays;
    uint16 closesAfterDays;
    uint16 correctableDays;
    int16 utcOffsetMinutes;
    uint8 decidedBy;
    uint8 asOfRule;
    uint8 freshness;
    uint16 freshAfterDays;
    uint8 pays;
    uint8 paidPart;
    uint8 paidOutput;
    bytes3 currency;
    uint128 budget;
    bytes32[] policies;
    bytes32[] requesters;
}

/// @notice Which terms contradict themselves. What they say of policies and requesters is compared with the chain elsewhere.
library TermsCheck {
    /// @notice The terms can't be enacted.
    /// @param why What is wrong with them.
    error UnusableTerms(string why);

    /// @dev Reverts unless the terms are usable by themselves.
    function check(Terms calldata t) internal pure {
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
        Grid.check(t.firstMonth, t.monthsPerPeriod, t.periods);
        if (t.opensAfterDays > t.closesAfterDays) revert UnusableTerms("the claim window closes before it opens");
        if (t.utcOffsetMinutes < Calendar.FARTHEST_BEHIND || t.utcOffsetMinutes > Calendar.FARTHEST_AHEAD) {
            revert UnusableTerms("an offset from UTC of -720 to 840 minutes");
        }
        if (t.decidedBy < 1 || t.decidedBy > 3) revert UnusableTerms("decided by 1 to 3");
        if (t.asOfRule < 1 || t.asOfRule > 2) revert UnusableTerms("as-of rule 1 or 2");
        if (t.asOfRule == 2 && uint256(t.closesAfterDays) + 1 < 28 * uint256(t.monthsPerPeriod)) {
            revert UnusableTerms("the claim window closes before the reference day");
        }
        if (t.freshness > 2 || (t.freshness == 0 && t.freshAfterDays != 0)) revert UnusableTerms("freshness 0 to 2");
        if (t.pays > 1 || t.paidPart >= t.policies.length || t.paidOutput > 1) revert UnusableTerms("what is paid");
        if (t.pays == 0 && (t.paidPart != 0 || t.paidOutput != 0 || t.budget != 0 || t.currency != 0)) {
            revert UnusableTerms("nothing is paid");
        }
        if (t.pays == 1 && t.currency == 0) revert UnusableTerms("paid in no currency");
        Currencies.check(t.currency);
    }
}
