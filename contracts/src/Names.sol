// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice Names (`docs/spec/encodings.md`): 1 to 31 characters of a–z, 0–9, '-', beginning with a letter, left-aligned in a bytes32.
library Names {
    /// @notice These bytes aren't a name.
    /// @param name The bytes.
    error NotAName(bytes32 name);

    /// @dev Reverts unless `name` is one. Two names that look the same are the same.
    function check(bytes32 name) internal pure {
        length(name);
    }

    /// @dev The name's bytes as a big-endian integer: its field element.
    function element(bytes32 name) internal pure returns (uint256) {
        return uint256(name) >> (8 * (32 - length(name)));
    }

    function length(bytes32 name) private pure returns (uint256 n) {
        while (n < 32 && name[n] != 0) {
            bytes1 c = name[n];
            bool letter = c >= "a" && c <= "z";
            if (!letter && (n == 0 || !((c >= "0" && c <= "9") || c == "-"))) revert NotAName(name);
            n++;
        }
        if (n == 0 || n > 31 || uint256(name) << (8 * n) != 0) revert NotAName(name);
    }
}
