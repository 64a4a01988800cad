// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// @notice The people that enact, and how long an enactment waits. Never fewer than two.
contract Officers is TwoPerson, IOfficers {
    /// @inheritdoc IOfficers
    /// @dev Slot 1.
    mapping(address person => uint64) public override since;

    /// @notice How many officers there are. Slot 2.
    uint64 public count;

    /// @inheritdoc IOfficers
    uint64 public immutable delay;

    /// @notice A person is an officer from now on.
    /// @param person The address.
    event Joined(address indexed person);

    /// @notice A person is no officer any more.
    /// @param person The address.
    event Left(address indexed person);

    /// @notice The person is an officer.
    /// @param person The address.
    error AlreadyAnOfficer(address person);

    /// @notice There would be fewer than two officers.
    error TooFew();

    /// @notice Nothing could ever be confirmed.
    /// @param delay Seconds.
    error DelayTooLong(uint64 delay);

    /// @notice The zero address is nobody's.
    error NobodysAddress();

    constructor(address[] memory people, uint64 delay_) TwoPerson(IOfficers(address(this))) {
        for (uint256 i = 0; i < people.length; i++) _add(people[i]);
        if (count < 2) revert TooFew();
        if (delay_ > 90 days) revert DelayTooLong(delay_);
        delay = delay_;
    }

    /// @inheritdoc IOfficers
    function isOfficer(address person) external view returns (bool) {
        return since[person] != 0;
    }

    /// @notice Act: another officer.
    /// @param person The address.
    function add(address person) external act(abi.encode(person)) {
        _add(person);
    }

    /// @notice Act, without delay: an officer less. Two must remain.
    /// @param person The address.
    function remove(address person) external act(abi.encode(person)) {
        if (since[person] == 0) revert NotAnOfficer(person);
        if (count == 2) revert TooFew();
        delete since[person];
        count -= 1;
        emit Left(person);
    }

    function _add(address person) private {
        if (person == address(0)) revert NobodysAddress();
        if (since[person] != 0) revert AlreadyAnOfficer(person);
        since[person] = uint64(block.timestamp);
        count += 1;
        emit Joined(person);
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.remove.selector;
    }
}
