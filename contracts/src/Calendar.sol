// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Days and dates (UTC), as `docs/spec/encodings.md` writes them: a date is the integer YYYYMMDD, a day counts from 1970-01-01.
///
/// Algorithms: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Years 1970 to 9999: nothing on chain is older.
library Calendar {
    error NotADate(uint256 value);

    /// The block's date.
    function today() internal view returns (uint32) {
        return date(block.timestamp / 1 days);
    }

    /// The date of a day number.
    function date(uint256 number) internal pure returns (uint32) {
        uint256 z = number + 719468;
        uint256 era = z / 146097;
        uint256 doe = z % 146097;
        uint256 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
        uint256 doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
        uint256 mp = (5 * doy + 2) / 153;
        uint256 d = doy - (153 * mp + 2) / 5 + 1;
        uint256 m = mp < 10 ? mp + 3 : mp - 9;
        uint256 y = yoe + era * 400 + (m <= 2 ? 1 : 0);
        if (y > 9999) revert NotADate(number);
        return uint32(y * 10000 + m * 100 + d);
    }

    /// The day number of a date that must exist.
    function day(uint32 value) internal pure returns (uint256) {
        uint256 y = value / 10000;
        uint256 m = (value / 100) % 100;
        uint256 d = value % 100;
        if (y < 1970 || y > 9999 || m < 1 || m > 12 || d < 1) revert NotADate(value);
        if (m <= 2) y -= 1;
        uint256 era = y / 400;
        uint256 yoe = y % 400;
        uint256 doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
        uint256 number = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
        // A day that doesn't exist (31 April) lands on another date.
        if (date(number) != value) revert NotADate(value);
        return number;
    }

    /// The month `months` after the month YYYYMM.
    function plusMonths(uint32 month, uint256 months) internal pure returns (uint32) {
        uint256 m = month % 100;
        if (m < 1 || m > 12 || month < 197001) revert NotADate(month);
        uint256 index = uint256(month / 100) * 12 + m - 1 + months;
        if (index / 12 > 9999) revert NotADate(month);
        return uint32((index / 12) * 100 + (index % 12) + 1);
    }
}
