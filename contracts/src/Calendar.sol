// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Days and dates as `docs/spec/encodings.md` writes them: a date is the integer YYYYMMDD, a day counts from 1970-01-01.
///
/// A day is no moment. Which day it is depends on where: a program says how far its clocks are from UTC, and its days turn there. Where no
/// program is known, a day has begun as soon as it has begun anywhere.
///
/// Algorithms: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Years 1970 to 9999: nothing on chain is older.
library Calendar {
    /// @dev The farthest clocks from UTC, in minutes: 12 hours behind, 14 ahead.
    int256 internal constant FARTHEST_BEHIND = -720;
    int256 internal constant FARTHEST_AHEAD = 840;

    /// @notice No date of a year from 1970 to 9999.
    /// @param value The date as YYYYMMDD, the month as YYYYMM, or the number of the day.
    error NotADate(uint256 value);

    /// @dev The day that contains the Unix time `time` where clocks are `offset` minutes ahead of UTC.
    function local(uint256 time, int256 offset) internal pure returns (uint256) {
        // The smallest time that a block can have is far above 12 hours.
        return uint256(int256(time) + offset * 60) / 1 days;
    }

    /// @dev The newest date that has begun anywhere. A date after it lies ahead under every program.
    function begun() internal view returns (uint32) {
        return date(local(block.timestamp, FARTHEST_AHEAD));
    }

    /// @dev The date of a day number.
    function date(uint256 number) internal pure returns (uint32) {
        // 9999-12-31. Below it no step can overflow, and the steps are unchecked: a decision takes many of them.
        if (number > 2932896) revert NotADate(number);
        unchecked {
            uint256 z = number + 719468;
            uint256 era = z / 146097;
            uint256 doe = z % 146097;
            uint256 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
            uint256 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
            uint256 mp = (5 * doy + 2) / 153;
            uint256 d = doy - (153 * mp + 2) / 5 + 1;
            uint256 m = mp < 10 ? mp + 3 : mp - 9;
            return uint32((yoe + era * 400 + (m <= 2 ? 1 : 0)) * 10000 + m * 100 + d);
        }
    }

    /// @dev The day number of a date that must exist.
    function day(uint32 value) internal pure returns (uint256 number) {
        unchecked {
            uint256 y = value / 10000;
            uint256 m = (value / 100) % 100;
            uint256 d = value % 100;
            if (y < 1970 || y > 9999 || m < 1 || m > 12 || d < 1) revert NotADate(value);
            if (m <= 2) y -= 1;
            uint256 era = y / 400;
            uint256 yoe = y % 400;
            uint256 doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
            number = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
        }
        // A day that doesn't exist (31 April) lands on another date, or beyond the last.
        if (number > 2932896 || date(number) != value) revert NotADate(value);
    }
}
