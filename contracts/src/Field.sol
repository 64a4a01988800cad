// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The scalar field of BN254.
library Field {
    uint256 internal constant P = 21888242871839275222246405745257275088548364400416034343698204186575808495617;

    /// @notice A number that stands for a field element isn't less than the field's modulus.
    /// @param value The number.
    error NotReduced(uint256 value);

    /// @dev Every public input passes here: x and x + p are the same field element, and would be two nullifiers.
    function check(uint256 value) internal pure {
        if (value >= P) revert NotReduced(value);
    }
}
