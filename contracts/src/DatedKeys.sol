// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// Stable ids with dated secp256k1 keys, known by address. What a retired key signed lives on to its expiry; what a revoked
/// key signed doesn't. A key belongs to one id for ever and never comes back.
abstract contract DatedKeys is TwoPerson {
    struct Key {
        bytes32 owner;
        uint64 addedAt;
        uint64 retiredAt;
        uint64 revokedAt;
    }

    /// Slot 1.
    mapping(address key => Key) public keys;

    event KeyAdded(bytes32 indexed owner, address indexed key);
    event KeyRetired(bytes32 indexed owner, address indexed key);
    event KeyRevoked(bytes32 indexed owner, address indexed key);

    error KeyInUse(address key);
    error UnknownKey(address key);
    error KeyNotActive(address key);
    error UnknownOwner(bytes32 owner);
    error NotTheKeysOwner(address sender);

    constructor(IOfficers officers_) TwoPerson(officers_) {}

    function addKey(bytes32 owner, address key) external act(abi.encode(owner, key)) {
        if (!_exists(owner)) revert UnknownOwner(owner);
        _addKey(owner, key);
    }

    /// By the key itself, or by two officers.
    function retireKey(address key) external {
        Key storage k = _ofSender(key);
        if (k.retiredAt != 0 || k.revokedAt != 0) revert KeyNotActive(key);
        k.retiredAt = uint64(block.timestamp);
        emit KeyRetired(k.owner, key);
    }

    /// By the key itself, or by two officers, without delay.
    function revokeKey(address key) external {
        Key storage k = _ofSender(key);
        if (k.revokedAt != 0) revert KeyNotActive(key);
        k.revokedAt = uint64(block.timestamp);
        emit KeyRevoked(k.owner, key);
    }

    /// Whether `key` acts for `owner` now.
    function isActive(address key, bytes32 owner) public view returns (bool) {
        Key storage k = keys[key];
        return owner != 0 && k.owner == owner && k.retiredAt == 0 && k.revokedAt == 0;
    }

    /// Whether a document of `owner` that `key` signed, valid from `notBefore`, counts now. A retired key can back-date;
    /// the maximum lifetime of documents bounds that.
    function vouches(address key, bytes32 owner, uint64 notBefore) external view returns (bool) {
        Key storage k = keys[key];
        return owner != 0 && k.owner == owner && k.revokedAt == 0 && (k.retiredAt == 0 || notBefore <= k.retiredAt);
    }

    function _addKey(bytes32 owner, address key) internal {
        if (key == address(0) || keys[key].owner != 0) revert KeyInUse(key);
        keys[key] = Key(owner, uint64(block.timestamp), 0, 0);
        emit KeyAdded(owner, key);
    }

    function _ofSender(address key) private view returns (Key storage k) {
        k = keys[key];
        if (k.owner == 0) revert UnknownKey(key);
        if (msg.sender == address(this)) _checkCanonical(abi.encode(key));
        else if (msg.sender != key) revert NotTheKeysOwner(msg.sender);
    }

    function _exists(bytes32 owner) internal view virtual returns (bool);
}
