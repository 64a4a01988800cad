// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatedKeys} from "./DatedKeys.sol";
import {Names} from "./Names.sol";
import {IOfficers} from "./TwoPerson.sol";

/// @notice Requesters and their keys. For which programs a requester may ask is the programs contract's to say.
contract Requesters is DatedKeys {
    /// @notice When each requester was registered; 0 for all other names. Slot 3.
    mapping(bytes32 id => uint64) public registered;

    /// @notice There is a further requester.
    /// @param id Its name.
    event Registered(bytes32 indexed id);

    /// @notice The name is a requester's already.
    /// @param id The name.
    error RequesterExists(bytes32 id);

    /// @notice The request's signer isn't a key of its requester.
    /// @param signer The address.
    error RequesterKeyUnknown(address signer);

    /// @notice The key is the requester's, and was revoked, or retired too early for what it signed.
    /// @param signer The address.
    error RequesterKeyNotValid(address signer);

    constructor(IOfficers officers_) DatedKeys(officers_) {}

    /// @notice Act: a requester with its first key.
    /// @param id Its name.
    /// @param key The key's address.
    function register(bytes32 id, address key) external act(abi.encode(id, key)) {
        Names.check(id);
        if (registered[id] != 0) revert RequesterExists(id);
        registered[id] = uint64(block.timestamp);
        emit Registered(id);
        _addKey(id, key);
    }

    /// @notice Reverts unless what `key` signed for a requester, valid from `notBefore`, counts now. A retired key can back-date; the
    /// greatest lifetime of a request bounds that.
    /// @param key The signer's address.
    /// @param owner The requester.
    /// @param notBefore From when on the document is valid, Unix time.
    function checkSigner(address key, bytes32 owner, uint64 notBefore) external view {
        Key storage k = keys[key];
        if (owner == 0 || k.owner != owner) revert RequesterKeyUnknown(key);
        if (k.revokedAt != 0 || (k.retiredAt != 0 && notBefore > k.retiredAt)) revert RequesterKeyNotValid(key);
    }

    function _exists(bytes32 owner) internal view override returns (bool) {
        return registered[owner] != 0;
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.revokeKey.selector || selector == this.retireKey.selector;
    }
}
