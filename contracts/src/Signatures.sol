// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice EIP-712 hashes under this deployment's domain, and signatures in their one form.
library Signatures {
    /// @notice The signature isn't canonical, or recovers to nobody.
    error RequestSignature();

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// @dev The hash that is signed. `programs` is the verifying contract: it names the deployment, as it does in scopes.
    function typed(bytes32 structHash, address programs) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("Sealroot"), keccak256("1"), block.chainid, programs)
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }

    /// @dev The signer of `hash`; r ‖ s ‖ v with v = 27 or 28 and s in the lower half of the order.
    function signer(bytes32 hash, bytes calldata signature) internal pure returns (address key) {
        if (signature.length != 65) revert RequestSignature();
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0 || (v != 27 && v != 28)) {
            revert RequestSignature();
        }
        key = ecrecover(hash, v, bytes32(signature[0:32]), s);
        if (key == address(0)) revert RequestSignature();
    }
}
