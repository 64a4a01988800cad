// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The Groth16 equation over BN254, with a policy key and a proof in their EIP-197 encoding.
///
/// Guarantee: `check` returns only if the pairing precompile answered 1 for this key, this proof and these inputs. It reverts where a precompile
/// fails, is missing (an account without code answers with nothing), or has too little gas.
/// Not checked: that the key is one under which nobody can forge. Its hash is what two officers enacted, and anybody derives it again.
///
/// Proofs are malleable: (−A, −B, C) holds where (A, B, C) does, and so do re-randomised ones. Nothing may be keyed on their bytes.
library Groth16 {
    /// @notice One of the proof's three points isn't acceptable: a coordinate isn't reduced, or it is off the curve, outside the subgroup, or
    /// the identity.
    /// @param part The part, counted from 0.
    error ProofMalformed(uint256 part);

    /// @notice The equation doesn't hold.
    /// @param part The part, counted from 0.
    error ProofInvalid(uint256 part);

    /// @notice The key has another number of inputs than the policy, or a point that isn't one.
    /// @param part The part, counted from 0.
    error PolicyKeyUnusable(uint256 part);

    /// @notice Too little gas is left for a precompile. Without this, an honest proof would seem to be malformed.
    /// @param needed The gas that must be left.
    error GasTooLow(uint256 needed);

    /// @dev The base field's modulus.
    uint256 private constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev Bytes of a key before the points of its inputs: α, β, γ, δ and IC′₀.
    uint256 private constant HEAD = 512;

    /// @dev What the precompiles cost (EIP-1108), times 64/63, because a call passes on all but a 64th, and a little more. If a fork makes
    /// them dearer, a call that runs out of gas is reported as a malformed proof (pairing) or an unusable key (the others), and more gas helps: all
    /// that is left is passed on.
    uint256 private constant GAS_ADD = 500;
    uint256 private constant GAS_MUL = 6_500;
    uint256 private constant GAS_PAIRING = 185_000;

    /// @dev The number of inputs of a key of so many bytes; 0 where no key is so long.
    function inputsOf(uint256 length) internal pure returns (uint256) {
        return length <= HEAD || (length - HEAD) % 64 != 0 ? 0 : (length - HEAD) / 64;
    }

    /// @dev Reverts unless the proof holds for exactly these inputs, each of which the caller knows to be less than p.
    function check(uint256 part, bytes calldata key, uint256[8] calldata proof, uint256[] memory inputs) internal view {
        if (inputs.length == 0 || inputsOf(key.length) != inputs.length) revert PolicyKeyUnusable(part);
        _checkForm(part, proof);
        (uint256 x, uint256 y) = _combine(part, key, inputs);
        if (!_pair(part, key, proof, x, y)) revert ProofInvalid(part);
    }

    /// @dev What the precompiles don't refuse, or refuse at the price of all gas: coordinates that aren't reduced, and the identity.
    function _checkForm(uint256 part, uint256[8] calldata proof) private pure {
        for (uint256 i = 0; i < 8; i++) {
            if (proof[i] >= Q) revert ProofMalformed(part);
        }
        if (proof[0] | proof[1] == 0 || proof[2] | proof[3] | proof[4] | proof[5] == 0 || proof[6] | proof[7] == 0) {
            revert ProofMalformed(part);
        }
    }

    /// @dev X = IC′₀ + Σ inputᵢ·ICᵢ. An input of 0 adds nothing, and one of 1 adds its point.
    function _combine(uint256 part, bytes calldata key, uint256[] memory inputs) private view returns (uint256 x, uint256 y) {
        uint256 refused;
        uint256 needed;
        assembly ("memory-safe") {
            // In two steps: Yul evaluates arguments from the right, so `and(staticcall(…), eq(returndatasize(), 64))` would read the size before.
            function answers(precompile, from, size, to) -> ok {
                ok := staticcall(gas(), precompile, from, size, to, 64)
                ok := and(ok, eq(returndatasize(), 64))
            }
            // Four words for two points, a fifth for the scalar; they are scratch beyond the free memory pointer.
            let m := mload(0x40)
            let term := add(m, 64)
            let point := add(key.offset, HEAD)
            let next := add(inputs, 32)
            calldatacopy(m, sub(point, 64), 64)
            for { let left := mload(inputs) } left { left := sub(left, 1) } {
                let input := mload(next)
                if input {
                    calldatacopy(term, point, 64)
                    if gt(input, 1) {
                        if lt(gas(), GAS_MUL) {
                            needed := GAS_MUL
                            break
                        }
                        mstore(add(term, 64), input)
                        if iszero(answers(7, term, 96, term)) {
                            refused := 1
                            break
                        }
                    }
                    if lt(gas(), GAS_ADD) {
                        needed := GAS_ADD
                        break
                    }
                    if iszero(answers(6, m, 128, m)) {
                        refused := 1
                        break
                    }
                }
                next := add(next, 32)
                point := add(point, 64)
            }
            x := mload(m)
            y := mload(add(m, 32))
        }
        if (needed != 0) revert GasTooLow(needed);
        if (refused != 0) revert PolicyKeyUnusable(part);
    }

    /// @dev e(−A, B) · e(α, β) · e(X, γ) · e(C, δ) = 1
    function _pair(uint256 part, bytes calldata key, uint256[8] calldata proof, uint256 x, uint256 y)
        private
        view
        returns (bool holds)
    {
        if (gasleft() < GAS_PAIRING) revert GasTooLow(GAS_PAIRING);
        bool answered;
        assembly ("memory-safe") {
            let m := mload(0x40)
            calldatacopy(m, proof, 192)
            // No point of the curve has a y of 0; minus such a y is Q here, which the precompile refuses.
            mstore(add(m, 32), sub(Q, mload(add(m, 32))))
            calldatacopy(add(m, 192), key.offset, 192)
            mstore(add(m, 384), x)
            mstore(add(m, 416), y)
            calldatacopy(add(m, 448), add(key.offset, 192), 128)
            calldatacopy(add(m, 576), add(proof, 192), 64)
            calldatacopy(add(m, 640), add(key.offset, 320), 128)
            answered := staticcall(gas(), 8, m, 768, m, 32)
            answered := and(answered, eq(returndatasize(), 32))
            holds := and(answered, eq(mload(m), 1))
        }
        // The key's points were checked when it was derived, so a point that is refused is the proof's.
        if (!answered) revert ProofMalformed(part);
    }
}
