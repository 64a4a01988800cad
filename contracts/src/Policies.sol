// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Agencies} from "./Agencies.sol";
import {Calendar} from "./Calendar.sol";
import {Currencies} from "./Currencies.sol";
import {Names} from "./Names.sol";
import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// @notice Enacted policy versions. On no day are two versions of one policy in force, and an enactment doesn't reach back: what was the
/// law when a period began stays the law of that period.
///
/// One exception: days that a withdrawn version covered would have no law for ever. Two officers can enact another version for them,
/// after 14 days at least. Its entry says that it is retroactive, and which version it replaces.
contract Policies is TwoPerson {
    /// @dev What an enactment says. `from` and `until` are dates, both included; 9999-12-31 stands for open-ended. A currency is 0 where
    /// the output isn't money. `keyHash` is keccak256 of the policy key's EIP-197 encoding.
    struct Version {
        bytes32 digest;
        bytes32 id;
        bytes32 keyHash;
        bytes32[] agencies;
        bytes3 currency0;
        bytes3 currency1;
        uint32 from;
        uint32 until;
    }

    /// @dev Slots: id · key hash · from, until, enacted, withdrawn, sources, currencies, retroactive · agencies · replaces.
    struct Policy {
        bytes32 id;
        bytes32 keyHash;
        uint32 from;
        uint32 until;
        uint64 enactedAt;
        uint64 withdrawnAt;
        uint8 sources;
        bytes3 currency0;
        bytes3 currency1;
        bool retroactive;
        bytes32[3] agencies;
        bytes32 replaces;
    }

    /// @dev What a decision needs of a version that is in force.
    struct InForce {
        bytes32 keyHash;
        bytes3 currency0;
        bytes3 currency1;
        bytes32[] agencies;
    }

    /// @dev By the digest of the manifest. Slot 1.
    mapping(bytes32 digest => Policy) private policies;

    /// @notice Digests of a policy's versions, in the order of enactment. Slot 2.
    mapping(bytes32 id => bytes32[]) public versions;

    /// @notice Where the sources' agencies are registered.
    Agencies public immutable agencies;

    /// @notice The least delay of a retroactive enactment, in seconds. People have this long to see that a law is made for days that are past.
    uint64 public constant RETROACTIVE_DELAY = 14 days;

    /// @notice A version is enacted.
    /// @param digest Digest of its manifest.
    /// @param id The policy.
    /// @param version What was enacted.
    event Enacted(bytes32 indexed digest, bytes32 indexed id, Version version);

    /// @notice A version is enacted for days that had begun. `Enacted` says the rest.
    /// @param digest Digest of its manifest.
    /// @param id The policy.
    /// @param replaces The withdrawn version that covered those days.
    event EnactedRetroactively(bytes32 indexed digest, bytes32 indexed id, bytes32 indexed replaces);

    /// @notice A version ends earlier than it said.
    /// @param digest Digest of its manifest.
    /// @param until Its last day.
    event Ended(bytes32 indexed digest, uint32 until);

    /// @notice Nothing is approved under a version any more.
    /// @param digest Digest of its manifest.
    event Withdrawn(bytes32 indexed digest);

    /// @notice The version is enacted already.
    /// @param digest Digest of its manifest.
    error PolicyExists(bytes32 digest);

    /// @notice The version isn't enacted, or is of another policy than the one that is to replace it.
    /// @param digest Digest of its manifest.
    error PolicyNotEnacted(bytes32 digest);

    /// @notice The version is withdrawn.
    /// @param digest Digest of its manifest.
    error PolicyWithdrawn(bytes32 digest);

    /// @notice The version isn't withdrawn, so nothing replaces it for days that have begun.
    /// @param digest Digest of its manifest.
    error PolicyNotWithdrawn(bytes32 digest);

    /// @notice The version is of another policy than the program's in this place.
    /// @param digest Digest of its manifest.
    error PoliciesNotOfProgram(bytes32 digest);

    /// @notice The version isn't in force on this day.
    /// @param digest Digest of its manifest.
    /// @param day The day.
    error PolicyNotInForce(bytes32 digest, uint32 day);

    /// @notice The agency isn't registered.
    /// @param agency Its name.
    error UnregisteredAgency(bytes32 agency);

    /// @notice The agency is withdrawn.
    /// @param agency Its name.
    error AgencyWithdrawn(bytes32 agency);

    /// @notice A policy has 1 to 3 sources.
    /// @param sources The number that was given.
    error WrongNumberOfSources(uint256 sources);

    /// @notice A digest is 0.
    error EmptyDigest();

    /// @notice The day has begun somewhere.
    /// @param day The day.
    /// @param begun The newest day that has begun anywhere.
    error AlreadyBegun(uint32 day, uint32 begun);

    /// @notice The first day has begun nowhere: this is no retroactive enactment.
    /// @param from The first day.
    error NotYetBegun(uint32 from);

    /// @notice Days that have begun are outside the withdrawn version.
    /// @param from Its first day.
    /// @param until Its last day.
    error NotCovered(uint32 from, uint32 until);

    /// @notice The last day is before the first.
    /// @param from The first day.
    /// @param until The last day.
    error EndsBeforeItBegins(uint32 from, uint32 until);

    /// @notice A version of this policy is in force on some of these days.
    /// @param other Digest of its manifest.
    error Overlaps(bytes32 other);

    /// @notice The version ends by then already.
    /// @param until Its last day.
    error CantBeExtended(uint32 until);

    constructor(IOfficers officers_, Agencies agencies_) TwoPerson(officers_) {
        agencies = agencies_;
    }

    /// @notice Act: a version, for days that have begun nowhere. Anybody re-derives its key from the manifest during the delay.
    /// @param version What is enacted.
    function enact(Version calldata version) external act(abi.encode(version)) {
        uint32 begun = Calendar.begun();
        if (version.from <= begun) revert AlreadyBegun(version.from, begun);
        _enact(version);
    }

    /// @notice Act, with a delay of 14 days at least: a version for days that have begun, in the place of a withdrawn one that covered all of
    /// those days. It may go on for days ahead.
    /// @param version What is enacted.
    /// @param replaces Digest of the withdrawn version's manifest.
    function enactRetroactive(Version calldata version, bytes32 replaces) external act(abi.encode(version, replaces)) {
        uint32 begun = Calendar.begun();
        if (version.from > begun) revert NotYetBegun(version.from);
        Policy storage before = policies[replaces];
        if (before.id == 0 || before.id != version.id) revert PolicyNotEnacted(replaces);
        if (before.withdrawnAt == 0) revert PolicyNotWithdrawn(replaces);
        uint32 last = version.until < begun ? version.until : begun;
        if (version.from < before.from || last > before.until) revert NotCovered(before.from, before.until);
        _enact(version);
        Policy storage p = policies[version.digest];
        p.retroactive = true;
        p.replaces = replaces;
        emit EnactedRetroactively(version.digest, version.id, replaces);
    }

    /// @notice Act: ends a version earlier, so that another can follow. No day that has begun anywhere loses its law.
    /// @param digest Digest of its manifest.
    /// @param until Its last day, before the one that it has.
    function end(bytes32 digest, uint32 until) external act(abi.encode(digest, until)) {
        Policy storage p = _live(digest);
        Calendar.day(until);
        if (until >= p.until) revert CantBeExtended(p.until);
        uint32 begun = Calendar.begun();
        if (until < begun) revert AlreadyBegun(until, begun);
        if (until < p.from) revert EndsBeforeItBegins(p.from, until);
        p.until = until;
        emit Ended(digest, until);
    }

    /// @notice Act, without delay, and for ever: nothing is approved under a version any more.
    /// @param digest Digest of its manifest.
    function withdraw(bytes32 digest) external act(abi.encode(digest)) {
        _live(digest).withdrawnAt = uint64(block.timestamp);
        emit Withdrawn(digest);
    }

    /// @notice How many versions of a policy were ever enacted: the length of `versions`.
    /// @param id The policy.
    /// @return Their number.
    function versionCount(bytes32 id) external view returns (uint256) {
        return versions[id].length;
    }

    /// @notice The entry of a version.
    /// @param digest Digest of its manifest.
    /// @return All members 0 where it isn't enacted.
    function policy(bytes32 digest) external view returns (Policy memory) {
        return policies[digest];
    }

    /// @notice What a decision needs of a version of policy `id` that is in force on a day and not withdrawn; reverts otherwise.
    /// @param digest Digest of its manifest.
    /// @param id The policy.
    /// @param day The day.
    /// @return version Key hash, currencies, and an agency per source.
    function inForce(bytes32 digest, bytes32 id, uint32 day) external view returns (InForce memory version) {
        Policy storage p = _live(digest);
        if (p.id != id) revert PoliciesNotOfProgram(digest);
        if (day < p.from || day > p.until) revert PolicyNotInForce(digest, day);
        // A slot that isn't read costs nothing: the entry has room for three agencies.
        version = InForce(p.keyHash, p.currency0, p.currency1, new bytes32[](p.sources));
        for (uint256 i = 0; i < version.agencies.length; i++) version.agencies[i] = p.agencies[i];
    }

    /// @notice The entry of the version of a policy that is in force on a day and not withdrawn. There is one at most.
    /// @param id The policy.
    /// @param day The day.
    /// @return All members 0 where there is none.
    function onDay(bytes32 id, uint32 day) external view returns (Policy memory) {
        bytes32[] storage all = versions[id];
        for (uint256 i = all.length; i > 0; i--) {
            Policy storage p = policies[all[i - 1]];
            if (p.withdrawnAt == 0 && p.from <= day && day <= p.until) return p;
        }
        return policies[0];
    }

    function _enact(Version calldata v) private {
        Names.check(v.id);
        if (v.digest == 0 || v.keyHash == 0) revert EmptyDigest();
        if (policies[v.digest].id != 0) revert PolicyExists(v.digest);
        if (v.agencies.length < 1 || v.agencies.length > 3) revert WrongNumberOfSources(v.agencies.length);
        Currencies.check(v.currency0);
        Currencies.check(v.currency1);
        Calendar.day(v.from);
        Calendar.day(v.until);
        if (v.until < v.from) revert EndsBeforeItBegins(v.from, v.until);
        bytes32[] storage others = versions[v.id];
        for (uint256 i = 0; i < others.length; i++) {
            Policy storage other = policies[others[i]];
            if (other.withdrawnAt == 0 && other.from <= v.until && v.from <= other.until) revert Overlaps(others[i]);
        }
        Policy storage p = policies[v.digest];
        p.id = v.id;
        p.keyHash = v.keyHash;
        p.from = v.from;
        p.until = v.until;
        p.enactedAt = uint64(block.timestamp);
        p.sources = uint8(v.agencies.length);
        p.currency0 = v.currency0;
        p.currency1 = v.currency1;
        for (uint256 i = 0; i < v.agencies.length; i++) {
            (bool registered, bool withdrawn) = agencies.standing(v.agencies[i]);
            if (!registered) revert UnregisteredAgency(v.agencies[i]);
            if (withdrawn) revert AgencyWithdrawn(v.agencies[i]);
            p.agencies[i] = v.agencies[i];
        }
        others.push(v.digest);
        emit Enacted(v.digest, v.id, v);
    }

    function _live(bytes32 digest) private view returns (Policy storage p) {
        p = policies[digest];
        if (p.id == 0) revert PolicyNotEnacted(digest);
        if (p.withdrawnAt != 0) revert PolicyWithdrawn(digest);
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.withdraw.selector;
    }

    function _leastDelay(bytes4 selector) internal pure override returns (uint64) {
        return selector == this.enactRetroactive.selector ? RETROACTIVE_DELAY : 0;
    }
}
