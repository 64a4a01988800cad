// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";

/// @notice A program's periods: consecutive, of whole months, so that they can't overlap.
library Grid {
    /// @notice No period of the program begins or ends so.
    /// @param start The first day that was asked for.
    error PeriodNotOnGrid(uint32 start);

    /// @dev First day of period number `index`, counted from 0.
    function start(uint32 firstMonth, uint8 months, uint256 index) internal pure returns (uint32) {
        return _month(_number(firstMonth) + index * months) * 100 + 1;
    }

    /// @dev Last day of the period that begins on `first`, as a day number; reverts unless the grid has it.
    function end(uint32 firstMonth, uint8 months, uint16 periods, uint32 first) internal pure returns (uint256) {
        uint32 month = first / 100;
        if (first % 100 != 1 || month < firstMonth || month % 100 < 1 || month % 100 > 12) revert PeriodNotOnGrid(first);
        uint256 passed = _number(month) - _number(firstMonth);
        if (passed % months != 0 || passed / months >= periods) revert PeriodNotOnGrid(first);
        return Calendar.day(start(month, months, 1)) - 1;
    }

    /// @dev Number of the first period that begins on or after a day. It may be beyond the last.
    function from(uint32 firstMonth, uint8 months, uint256 day) internal pure returns (uint256) {
        uint32 value = Calendar.date(day);
        uint256 number = _number(value / 100) + (value % 100 == 1 ? 0 : 1);
        uint256 first = _number(firstMonth);
        return number <= first ? 0 : (number - first + months - 1) / months;
    }

    /// @dev Reverts unless the month is one, and the day after the last period is a date, so that the period's last day is one.
    function check(uint32 firstMonth, uint8 months, uint16 periods) internal pure {
        if (firstMonth < 197001 || firstMonth % 100 < 1 || firstMonth % 100 > 12) revert Calendar.NotADate(firstMonth);
        start(firstMonth, months, periods);
    }

    function _number(uint32 month) private pure returns (uint256) {
        return uint256(month / 100) * 12 + (month % 100) - 1;
    }

    function _month(uint256 number) private pure returns (uint32) {
        if (number / 12 > 9999) revert Calendar.NotADate(number / 12 * 100 + number % 12 + 1);
        return uint32((number / 12) * 100 + (number % 12) + 1);
    }
}
