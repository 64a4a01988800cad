// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agencies} from "./Agencies.sol";
import {Calendar} from "./Calendar.sol";
import {Names} from "./Names.sol";
import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// Enacted policy versions. On no day are two versions of one policy in force, and no enactment reaches back: what was the
/// law when a period began stays the law of that period.
contract Policies is TwoPerson {
    struct Policy {
        bytes32 id;
        bytes32 keyHash;
        uint32 from;
        uint32 until;
        uint64 enactedAt;
        uint64 withdrawnAt;
        uint8 sources;
        bytes32[3] agencies;
    }

    /// By the digest of the manifest. Slot 1.
    mapping(bytes32 digest => Policy) private policies;

    /// Digests by policy id, in the order of enactment. Slot 2.
    mapping(bytes32 id => bytes32[]) public versions;

    Agencies public immutable agencies;

    event Enacted(bytes32 indexed digest, bytes32 indexed id, bytes32 keyHash, bytes32[] agencies, uint32 from, uint32 until);
    event Ended(bytes32 indexed digest, uint32 until);
    event Withdrawn(bytes32 indexed digest);

    error PolicyExists(bytes32 digest);
    error UnknownPolicy(bytes32 digest);
    error PolicyIsWithdrawn(bytes32 digest);
    error UnknownAgency(bytes32 agency);
    error WrongNumberOfSources(uint256 sources);
    error EmptyDigest();
    error AlreadyBegun(uint32 from, uint32 today);
    error EndsBeforeItBegins(uint32 from, uint32 until);
    error Overlaps(bytes32 other);
    error CantBeExtended(uint32 until);

    constructor(IOfficers officers_, Agencies agencies_) TwoPerson(officers_) {
        agencies = agencies_;
    }

    /// `keyHash` is keccak256 of the policy key's EIP-197 encoding; anybody re-derives it from the manifest during the delay.
    /// `from` and `until` are dates, both included; 9999-12-31 stands for open-ended.
    function enact(bytes32 digest, bytes32 id, bytes32 keyHash, bytes32[] calldata sources, uint32 from, uint32 until)
        external
        act(abi.encode(digest, id, keyHash, sources, from, until))
    {
        Names.check(id);
        if (digest == 0 || keyHash == 0) revert EmptyDigest();
        if (policies[digest].id != 0) revert PolicyExists(digest);
        if (sources.length < 1 || sources.length > 3) revert WrongNumberOfSources(sources.length);
        Calendar.day(from);
        Calendar.day(until);
        if (until < from) revert EndsBeforeItBegins(from, until);
        uint32 today = Calendar.today();
        if (from <= today) revert AlreadyBegun(from, today);
        bytes32[] storage others = versions[id];
        for (uint256 i = 0; i < others.length; i++) {
            Policy storage other = policies[others[i]];
            if (other.withdrawnAt == 0 && other.from <= until && from <= other.until) revert Overlaps(others[i]);
        }
        Policy storage p = policies[digest];
        p.id = id;
        p.keyHash = keyHash;
        p.from = from;
        p.until = until;
        p.enactedAt = uint64(block.timestamp);
        p.sources = uint8(sources.length);
        for (uint256 i = 0; i < sources.length; i++) {
            if (!agencies.isRegistered(sources[i])) revert UnknownAgency(sources[i]);
            p.agencies[i] = sources[i];
        }
        others.push(digest);
        emit Enacted(digest, id, keyHash, sources, from, until);
    }

    /// Ends a version earlier, so that another can follow: never before today, and never later than it would have ended.
    function end(bytes32 digest, uint32 until) external act(abi.encode(digest, until)) {
        Policy storage p = _live(digest);
        Calendar.day(until);
        if (until >= p.until) revert CantBeExtended(p.until);
        uint32 today = Calendar.today();
        if (until < today) revert AlreadyBegun(until, today);
        if (until < p.from) revert EndsBeforeItBegins(p.from, until);
        p.until = until;
        emit Ended(digest, until);
    }

    /// At once, and for ever: nothing is approved under it any more.
    function withdraw(bytes32 digest) external act(abi.encode(digest)) {
        _live(digest).withdrawnAt = uint64(block.timestamp);
        emit Withdrawn(digest);
    }

    /// The entry.
    function policy(bytes32 digest) external view returns (Policy memory) {
        return policies[digest];
    }

    /// The agencies of a version of policy `id` that is in force on the day `start`; reverts otherwise.
    function sourcesInForce(bytes32 digest, bytes32 id, uint32 start)
        external
        view
        returns (uint8 sources, bytes32[3] memory)
    {
        Policy storage p = _live(digest);
        if (p.id != id || start < p.from || start > p.until) revert UnknownPolicy(digest);
        return (p.sources, p.agencies);
    }

    function _live(bytes32 digest) private view returns (Policy storage p) {
        p = policies[digest];
        if (p.id == 0) revert UnknownPolicy(digest);
        if (p.withdrawnAt != 0) revert PolicyIsWithdrawn(digest);
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.withdraw.selector;
    }
}
