// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// @notice Stable ids with dated secp256k1 keys, known by address. What a retired key signed lives on to its expiry; what a revoked
/// key signed doesn't. A key belongs to one id for ever and never comes back.
///
/// Each id can have one service card. A wallet takes the card with this digest and no other, as long as the key that set it isn't revoked.
abstract contract DatedKeys is TwoPerson {
    /// @dev Slots: owner · added, retired, revoked.
    struct Key {
        bytes32 owner;
        uint64 addedAt;
        uint64 retiredAt;
        uint64 revokedAt;
    }

    /// @dev Slots: digest · set by, set at.
    struct Card {
        bytes32 digest;
        address setBy;
        uint64 setAt;
    }

    /// @notice The keys. Slot 1.
    mapping(address key => Key) public keys;

    /// @notice The newest service card of each id. Slot 2.
    mapping(bytes32 owner => Card) public cards;

    /// @notice An id has a further key.
    /// @param owner The id.
    /// @param key The key's address.
    event KeyAdded(bytes32 indexed owner, address indexed key);

    /// @notice A key signs nothing new from now on.
    /// @param owner The id.
    /// @param key The key's address.
    event KeyRetired(bytes32 indexed owner, address indexed key);

    /// @notice Nothing that a key signed counts from now on.
    /// @param owner The id.
    /// @param key The key's address.
    event KeyRevoked(bytes32 indexed owner, address indexed key);

    /// @notice An id has another service card.
    /// @param owner The id.
    /// @param key The key that set it.
    /// @param digest The card's digest.
    event CardSet(bytes32 indexed owner, address indexed key, bytes32 digest);

    /// @notice The key is or was in use, or is the zero address.
    /// @param key The key's address.
    error KeyInUse(address key);

    /// @notice The key isn't registered.
    /// @param key The key's address.
    error UnknownKey(address key);

    /// @notice The key isn't an active key of this id.
    /// @param key The key's address.
    error KeyNotActive(address key);

    /// @notice The id isn't registered.
    /// @param owner The id.
    error UnknownOwner(bytes32 owner);

    /// @notice Only the key itself, or two officers, retire or revoke it.
    /// @param sender The address that tried.
    error NotTheKeysOwner(address sender);

    /// @notice A digest is 0.
    error EmptyDigest();

    constructor(IOfficers officers_) TwoPerson(officers_) {}

    /// @notice Act: a further key of an id.
    /// @param owner The id.
    /// @param key The key's address.
    function addKey(bytes32 owner, address key) external act(abi.encode(owner, key)) {
        if (!_exists(owner)) revert UnknownOwner(owner);
        _addKey(owner, key);
    }

    /// @notice Retires a key: by the key itself, or as an act without delay.
    /// @param key The key's address.
    function retireKey(address key) external {
        Key storage k = _ofSender(key);
        if (k.retiredAt != 0 || k.revokedAt != 0) revert KeyNotActive(key);
        k.retiredAt = uint64(block.timestamp);
        emit KeyRetired(k.owner, key);
    }

    /// @notice Revokes a key: by the key itself, or as an act without delay.
    /// @param key The key's address.
    function revokeKey(address key) external {
        Key storage k = _ofSender(key);
        if (k.revokedAt != 0) revert KeyNotActive(key);
        k.revokedAt = uint64(block.timestamp);
        emit KeyRevoked(k.owner, key);
    }

    /// @notice Sets an id's service card, by one of its active keys. The key that set it vouches for it: once that key is revoked, the id has
    /// no card until another key sets one, the same one again if it is true.
    /// @param owner The id.
    /// @param digest The card's digest. There is no card 0: a card is taken back by a newer one, or by revoking the key.
    function setCard(bytes32 owner, bytes32 digest) external {
        if (!isActive(msg.sender, owner)) revert KeyNotActive(msg.sender);
        if (digest == 0) revert EmptyDigest();
        cards[owner] = Card(digest, msg.sender, uint64(block.timestamp));
        emit CardSet(owner, msg.sender, digest);
    }

    /// @notice Whether a key acts for an id now.
    /// @param key The key's address.
    /// @param owner The id.
    /// @return Whether it does.
    function isActive(address key, bytes32 owner) public view returns (bool) {
        Key storage k = keys[key];
        return owner != 0 && k.owner == owner && k.retiredAt == 0 && k.revokedAt == 0;
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
