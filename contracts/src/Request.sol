// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What an office asks of one applicant. The purpose is a clerk's free text about a case, so calls, which everybody reads for
/// ever, carry only `purposeHash`, keccak256 of its bytes: as EIP-712 hashes it. A guess of the text can be checked against it.
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

/// @notice The EIP-712 struct hash of requests.
library Requests {
    bytes32 private constant TYPEHASH = keccak256(
        "Request(bytes32 program,uint32 periodStart,uint32 periodEnd,uint256 scope,bytes32[] policies,bytes32 requester,string purpose,uint256 applicant,bytes16 nonce,uint64 notBefore,uint64 expiry,address recipient,bytes32 corrects)"
    );

    /// @dev The struct hash.
    function structHash(Request calldata r) internal pure returns (bytes32) {
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
}
