// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What an office does to an approval of its own without the holder: lowers it, or takes it back. `document` is the digest of the
/// reduction document, which has the written reason and a nonce; the chain never sees the reason.
///
/// It names the approval that stands and the amount that stands, so it can be carried out once, and not after anything else happened.
struct Reduction {
    bytes32 program;
    uint256 nullifier;
    bytes32 request;
    uint64 from;
    uint64 to;
    bytes32 document;
    uint64 expiry;
}

/// @notice The EIP-712 struct hash of reductions.
library Reductions {
    bytes32 private constant TYPEHASH = keccak256(
        "Reduction(bytes32 program,uint256 nullifier,bytes32 request,uint64 from,uint64 to,bytes32 document,uint64 expiry)"
    );

    /// @dev The struct hash.
    function structHash(Reduction calldata r) internal pure returns (bytes32) {
        return keccak256(abi.encode(TYPEHASH, r));
    }
}
