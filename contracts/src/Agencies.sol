// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatedKeys} from "./DatedKeys.sol";
import {Field} from "./Field.sol";
import {Names} from "./Names.sol";
import {IOfficers} from "./TwoPerson.sol";

/// @notice Agencies, their keys, and the roots of their commitment trees.
///
/// A root counts from its anchor until its agency's grace after its *replacement* ends; withdrawn, it counts no more at once.
///
/// Not prevented: an agency that anchors what isn't true, or anchors nothing. An access log that is left out of an anchor's head is noticed
/// by those that read the log, not here.
contract Agencies is DatedKeys {
    /// @dev Slots: registered, withdrawn, sequence, grace · head.
    struct Agency {
        uint64 registeredAt;
        uint64 withdrawnAt;
        uint64 sequence;
        uint32 grace;
        bytes32 head;
    }

    /// @dev Slots: sequence, anchored, superseded, withdrawn · by, confirmed, size of the access log · its head · previous root.
    ///
    /// `anchoredAt` is since when the root counts without a gap and by the key `by`: a root that returns, or that another key
    /// takes over, begins anew, so that no decision from before can rest on it. `confirmedAt` is when the agency said last that this is
    /// the state of its register: the newest anchor of this root. The two differ where an agency anchors an unchanged register again.
    struct Root {
        uint64 sequence;
        uint64 anchoredAt;
        uint64 supersededAt;
        uint64 withdrawnAt;
        address by;
        uint48 confirmedAt;
        uint48 accessLogSize;
        bytes32 accessLog;
        bytes32 previous;
    }

    /// @notice The agencies. `head` is the current root, whose entry has the newest access log. Slot 3.
    mapping(bytes32 id => Agency) public agencies;

    /// @notice Each agency's roots. Slot 4.
    mapping(bytes32 id => mapping(bytes32 root => Root)) public roots;

    /// @notice The longest grace, in seconds: a replaced key may not earn nullifiers before it ends.
    uint32 public constant MAX_GRACE = 90 days;

    /// @notice There is a further agency.
    /// @param id Its name.
    /// @param grace Seconds for which its roots count after their replacement.
    event Registered(bytes32 indexed id, uint32 grace);

    /// @notice No root of an agency counts any more.
    /// @param id Its name.
    event WithdrawnAgency(bytes32 indexed id);

    /// @notice An agency has anchored a root.
    /// @param id Its name.
    /// @param root The root; the one from before, where only the access log grew or the state was confirmed.
    /// @param sequence The anchor's number.
    /// @param previous The agency's current root until now.
    /// @param accessLog Head of the access log.
    /// @param accessLogSize Entries under that head.
    /// @param by The agency's key. Once it is revoked, the roots that it anchored last don't count.
    event Anchored(
        bytes32 indexed id,
        bytes32 indexed root,
        uint64 sequence,
        bytes32 previous,
        bytes32 accessLog,
        uint48 accessLogSize,
        address by
    );

    /// @notice A root counts no more.
    /// @param id The agency's name.
    /// @param root The root.
    event WithdrawnRoot(bytes32 indexed id, bytes32 indexed root);

    /// @notice The name is an agency's already.
    /// @param id The name.
    error AgencyExists(bytes32 id);

    /// @notice The agency is withdrawn, for ever.
    /// @param id The agency's name.
    error AgencyWithdrawn(bytes32 id);

    /// @notice The grace is longer than any may be.
    /// @param grace Seconds.
    error GraceTooLong(uint32 grace);

    /// @notice The anchor doesn't follow the newest one.
    /// @param sequence Number of the newest anchor.
    /// @param head The current root.
    error NotTheSuccessor(uint64 sequence, bytes32 head);

    /// @notice The anchor's time is over.
    /// @param notAfter Last Unix time at which it could have landed.
    error AnchorTooLate(uint64 notAfter);

    /// @notice The access log would shrink, or have another head at the same size.
    /// @param accessLogSize Entries under its newest anchored head.
    error AccessLogShrank(uint48 accessLogSize);

    /// @notice The agency hasn't anchored this root.
    /// @param agency The agency's name.
    /// @param root The root.
    error RootUnknown(bytes32 agency, bytes32 root);

    /// @notice The root, its agency or the key that anchored it is withdrawn or revoked.
    /// @param agency The agency's name.
    /// @param root The root.
    error RootWithdrawn(bytes32 agency, bytes32 root);

    /// @notice The root was replaced, and the grace since then is over.
    /// @param agency The agency's name.
    /// @param root The root.
    error RootSuperseded(bytes32 agency, bytes32 root);

    constructor(IOfficers officers_) DatedKeys(officers_) {}

    /// @notice Act: an agency with its first key.
    /// @param id Its name.
    /// @param grace Seconds for which its roots count after their replacement; it never changes.
    /// @param key The key's address.
    function register(bytes32 id, uint32 grace, address key) external act(abi.encode(id, grace, key)) {
        Names.check(id);
        if (agencies[id].registeredAt != 0) revert AgencyExists(id);
        if (grace > MAX_GRACE) revert GraceTooLong(grace);
        agencies[id] = Agency(uint64(block.timestamp), 0, 0, grace, 0);
        emit Registered(id, grace);
        _addKey(id, key);
    }

    /// @notice Act, without delay: none of an agency's roots counts from now on.
    /// @param id Its name.
    function withdrawAgency(bytes32 id) external act(abi.encode(id)) {
        Agency storage a = agencies[id];
        if (a.registeredAt == 0) revert UnknownOwner(id);
        if (a.withdrawnAt != 0) revert AgencyWithdrawn(id);
        a.withdrawnAt = uint64(block.timestamp);
        emit WithdrawnAgency(id);
    }

    /// @notice Makes a root the agency's current one, by an active key of the agency: compare-and-swap. The same root again confirms that the
    /// register is still so, and anchors a newer head of the access log.
    /// @param id The agency's name.
    /// @param root The root.
    /// @param sequence The newest anchor's number and one.
    /// @param previous The current root; 0 at first.
    /// @param accessLog Head of the access log.
    /// @param accessLogSize Entries under it: never fewer than under the newest head, and with as many the head is the same.
    /// @param notAfter Last Unix time at which the anchor may land; 0 for any. A moment and no date: a date ends at different moments in
    /// different programs. With a replaced key in the tree it keeps the old root's grace from reaching the new key's first day.
    function anchor(
        bytes32 id,
        bytes32 root,
        uint64 sequence,
        bytes32 previous,
        bytes32 accessLog,
        uint48 accessLogSize,
        uint64 notAfter
    ) external {
        if (!isActive(msg.sender, id)) revert KeyNotActive(msg.sender);
        Agency storage a = agencies[id];
        if (a.withdrawnAt != 0) revert AgencyWithdrawn(id);
        if (a.sequence + 1 != sequence || a.head != previous) revert NotTheSuccessor(a.sequence, a.head);
        if (notAfter != 0 && block.timestamp > notAfter) revert AnchorTooLate(notAfter);
        Field.check(uint256(root));
        if (root == 0 || accessLog == 0) revert EmptyDigest();
        _checkLog(roots[id][previous], accessLog, accessLogSize);
        Root storage r = roots[id][root];
        if (r.withdrawnAt != 0) revert RootWithdrawn(id, root);
        if (root != previous || r.by != msg.sender) r.anchoredAt = uint64(block.timestamp);
        if (root != previous) {
            if (previous != 0) roots[id][previous].supersededAt = uint64(block.timestamp);
            // A tree can return to an earlier state (a record added, then erased): that root is current again.
            r.supersededAt = 0;
            r.previous = previous;
        }
        r.sequence = sequence;
        r.by = msg.sender;
        r.confirmedAt = uint48(block.timestamp);
        r.accessLogSize = accessLogSize;
        r.accessLog = accessLog;
        a.sequence = sequence;
        a.head = root;
        emit Anchored(id, root, sequence, previous, accessLog, accessLogSize, msg.sender);
    }

    /// @notice Withdraws a root for ever and without grace: by an active key of the agency, or as an act without delay.
    /// @param id The agency's name.
    /// @param root The root.
    function withdrawRoot(bytes32 id, bytes32 root) external {
        if (msg.sender == address(this)) _checkCanonical(abi.encode(id, root));
        else if (!isActive(msg.sender, id)) revert KeyNotActive(msg.sender);
        Root storage r = roots[id][root];
        if (r.anchoredAt == 0) revert RootUnknown(id, root);
        if (r.withdrawnAt != 0) revert RootWithdrawn(id, root);
        r.withdrawnAt = uint64(block.timestamp);
        emit WithdrawnRoot(id, root);
    }

    /// @notice When the agency confirmed a root last. Reverts unless a proof against the root counts now.
    /// @param id The agency's name.
    /// @param root The root.
    /// @return Unix time of the root's newest anchor.
    function confirmedAt(bytes32 id, bytes32 root) external view returns (uint64) {
        Agency storage a = agencies[id];
        Root storage r = roots[id][root];
        if (r.anchoredAt == 0) revert RootUnknown(id, root);
        if (r.withdrawnAt != 0 || a.withdrawnAt != 0 || keys[r.by].revokedAt != 0) revert RootWithdrawn(id, root);
        if (r.supersededAt != 0 && block.timestamp > uint256(r.supersededAt) + a.grace) revert RootSuperseded(id, root);
        return r.confirmedAt;
    }

    /// @notice Whether an agency's data may be relied on in new policies and programs.
    /// @param id The agency's name.
    /// @return registered Whether it was registered.
    /// @return withdrawn Whether it was withdrawn.
    function standing(bytes32 id) external view returns (bool registered, bool withdrawn) {
        return (agencies[id].registeredAt != 0, agencies[id].withdrawnAt != 0);
    }

    /// @dev The current root's entry has the log's newest size, because every anchor writes it there. What a revoked key said of it binds
    /// nobody: the thief of a key would otherwise anchor the largest size there is, and the agency could never anchor again.
    function _checkLog(Root storage current, bytes32 accessLog, uint48 accessLogSize) private view {
        if (keys[current.by].revokedAt != 0) return;
        uint48 size = current.accessLogSize;
        if (accessLogSize < size || (accessLogSize == size && current.accessLog != 0 && accessLog != current.accessLog)) {
            revert AccessLogShrank(size);
        }
    }

    function _exists(bytes32 owner) internal view override returns (bool) {
        return agencies[owner].registeredAt != 0;
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.withdrawAgency.selector || selector == this.withdrawRoot.selector
            || selector == this.revokeKey.selector || selector == this.retireKey.selector;
    }
}
