// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What an office asks of one applicant. The purpose is a clerk's free text about a case, so calls, which everybody reads for
/// ever, carry only `purposeHash`, keccak256 of its bytes: as EIP-712 hashes it. Whoever guesses the text can check his guess.
struct Request {
    bytes32 program;
    uint32 periodStart;
    uint32 periodEnd;
    uint256 scope;
    bytes32[] policies;
    bytes32 requester;
    bytes32 purposeHash;
    uint256 applicant;
    bytes16 nonce;
    uint64 notBefore;
    uint64 expiry;
    address recipient;
    bytes32 corrects;
}

/// Hashing and signatures of requests.
library Requests {
    error BadSignature();

    bytes32 internal constant TYPEHASH = keccak256(
        "Request(bytes32 program,uint32 periodStart,uint32 periodEnd,uint256 scope,bytes32[] policies,bytes32 requester,string purpose,uint256 applicant,bytes16 nonce,uint64 notBefore,uint64 expiry,address recipient,bytes32 corrects)"
    );

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

    /// The hash that the requester signs. `programs` is the verifying contract.
    function signingHash(Request calldata r, address programs) internal view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("Sealroot"), keccak256("1"), block.chainid, programs)
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash(r)));
    }

    function structHash(Request calldata r) private pure returns (bytes32) {
        return keccak256(
            bytes.concat(
                abi.encode(
                    TYPEHASH,
                    r.program,
                    r.periodStart,
                    r.periodEnd,
                    r.scope,
                    keccak256(abi.encodePacked(r.policies)),
                    r.requester,
                    r.purposeHash
                ),
                abi.encode(r.applicant, r.nonce, r.notBefore, r.expiry, r.recipient, r.corrects)
            )
        );
    }

    /// The signer of `hash`; r ‖ s ‖ v with v = 27 or 28 and s in the lower half of the order.
    function signer(bytes32 hash, bytes calldata signature) internal pure returns (address who) {
        if (signature.length != 65) revert BadSignature();
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = uint8(signature[64]);
        if (uint256(s) > 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0 || (v != 27 && v != 28)) {
            revert BadSignature();
        }
        who = ecrecover(hash, v, bytes32(signature[0:32]), s);
        if (who == address(0)) revert BadSignature();
    }
}
