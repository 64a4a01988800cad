// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Calendar} from "./Calendar.sol";
import {DatedKeys} from "./DatedKeys.sol";
import {Field} from "./Field.sol";
import {Names} from "./Names.sol";
import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// Agencies, their keys, and the roots of their commitment trees.
///
/// A root counts from its anchor until its agency's grace after its *replacement* ends; withdrawn, it counts no more at once.
contract Agencies is DatedKeys {
    struct Agency {
        uint64 registeredAt;
        uint64 withdrawnAt;
        uint64 sequence;
        uint32 grace;
        bytes32 head;
    }

    /// `anchoredAt` is since when the root counts without a gap and by the key `by`: a root that returns, or that another key
    /// takes over, begins anew, so that no decision from before can rest on it.
    struct Root {
        uint64 sequence;
        uint64 anchoredAt;
        uint64 supersededAt;
        uint64 withdrawnAt;
        address by;
        bytes32 previous;
        bytes32 accessLog;
    }

    /// Slot 2.
    mapping(bytes32 id => Agency) public agencies;

    /// Slot 3.
    mapping(bytes32 id => mapping(bytes32 root => Root)) public roots;

    /// Grace can't be longer: a replaced key may not earn nullifiers before it ends.
    uint32 public constant MAX_GRACE = 90 days;

    event Registered(bytes32 indexed id, uint32 grace);
    event AgencyWithdrawn(bytes32 indexed id);
    event Anchored(bytes32 indexed id, bytes32 indexed root, uint64 sequence, bytes32 previous, bytes32 accessLog);
    event RootWithdrawn(bytes32 indexed id, bytes32 indexed root);

    error AgencyExists(bytes32 id);
    error AgencyIsWithdrawn(bytes32 id);
    error GraceTooLong(uint32 grace);
    error NotTheSuccessor(uint64 sequence, bytes32 head);
    error AnchoredTooLate(uint32 today, uint32 notAfter);
    error UnknownRoot(bytes32 root);
    error RootIsWithdrawn(bytes32 root);

    constructor(IOfficers officers_) DatedKeys(officers_) {}

    function register(bytes32 id, uint32 grace, address key) external act(abi.encode(id, grace, key)) {
        Names.check(id);
        if (agencies[id].registeredAt != 0) revert AgencyExists(id);
        if (grace > MAX_GRACE) revert GraceTooLong(grace);
        agencies[id] = Agency(uint64(block.timestamp), 0, 0, grace, 0);
        emit Registered(id, grace);
        _addKey(id, key);
    }

    /// None of its roots counts from now on.
    function withdrawAgency(bytes32 id) external act(abi.encode(id)) {
        Agency storage a = agencies[id];
        if (a.registeredAt == 0) revert UnknownOwner(id);
        if (a.withdrawnAt != 0) revert AgencyIsWithdrawn(id);
        a.withdrawnAt = uint64(block.timestamp);
        emit AgencyWithdrawn(id);
    }

    /// Compare-and-swap: `sequence` must be the next and `previous` the current root (0 at first). The same root again
    /// anchors a new access-log head. After the date `notAfter` (0: none) the anchor fails, so that a key that becomes valid
    /// on a date in the tree can't be anchored so late that the old root's grace outlives that date.
    function anchor(bytes32 id, bytes32 root, uint64 sequence, bytes32 previous, bytes32 accessLog, uint32 notAfter)
        external
    {
        if (!isActive(msg.sender, id)) revert KeyNotActive(msg.sender);
        Agency storage a = agencies[id];
        if (a.withdrawnAt != 0) revert AgencyIsWithdrawn(id);
        if (a.sequence + 1 != sequence || a.head != previous) revert NotTheSuccessor(a.sequence, a.head);
        uint32 today = Calendar.today();
        if (notAfter != 0 && today > notAfter) revert AnchoredTooLate(today, notAfter);
        Field.check(uint256(root));
        if (root == 0) revert UnknownRoot(root);
        Root storage r = roots[id][root];
        if (r.withdrawnAt != 0) revert RootIsWithdrawn(root);
        if (root != previous || r.by != msg.sender) r.anchoredAt = uint64(block.timestamp);
        if (root != previous) {
            if (previous != 0) roots[id][previous].supersededAt = uint64(block.timestamp);
            // A tree can return to an earlier state (a record added, then erased): that root is current again.
            r.supersededAt = 0;
            r.previous = previous;
        }
        r.sequence = sequence;
        r.by = msg.sender;
        r.accessLog = accessLog;
        a.sequence = sequence;
        a.head = root;
        emit Anchored(id, root, sequence, previous, accessLog);
    }

    /// By the agency, or by two officers. For ever, and without grace.
    function withdrawRoot(bytes32 id, bytes32 root) external {
        if (msg.sender == address(this)) _checkCanonical(abi.encode(id, root));
        else if (!isActive(msg.sender, id)) revert KeyNotActive(msg.sender);
        Root storage r = roots[id][root];
        if (r.anchoredAt == 0) revert UnknownRoot(root);
        if (r.withdrawnAt != 0) revert RootIsWithdrawn(root);
        r.withdrawnAt = uint64(block.timestamp);
        emit RootWithdrawn(id, root);
    }

    /// Whether a proof against this root of this agency counts now.
    function counts(bytes32 id, bytes32 root) external view returns (bool) {
        Agency storage a = agencies[id];
        Root storage r = roots[id][root];
        if (r.anchoredAt == 0 || r.withdrawnAt != 0 || a.withdrawnAt != 0) return false;
        if (keys[r.by].revokedAt != 0) return false;
        return r.supersededAt == 0 || block.timestamp <= uint256(r.supersededAt) + a.grace;
    }

    /// Whether its data may be relied on in new policies.
    function isRegistered(bytes32 id) external view returns (bool) {
        return agencies[id].registeredAt != 0 && agencies[id].withdrawnAt == 0;
    }

    function _exists(bytes32 owner) internal view override returns (bool) {
        return agencies[owner].registeredAt != 0;
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.withdrawAgency.selector || selector == this.withdrawRoot.selector
            || selector == this.revokeKey.selector || selector == this.retireKey.selector;
    }
}
