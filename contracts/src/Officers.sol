// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IOfficers, TwoPerson} from "./TwoPerson.sol";

/// The people who enact: who they are, and how long an enactment waits. Never fewer than two.
contract Officers is TwoPerson, IOfficers {
    /// When each joined; 0 for everybody else. Slot 1.
    mapping(address person => uint64) public override since;

    /// How many there are. Slot 2.
    uint64 public count;

    /// Seconds between proposal and confirmation of an act that gives power.
    uint64 public immutable delay;

    event Joined(address indexed person);
    event Left(address indexed person);

    error AlreadyAnOfficer(address person);
    error TooFew();
    error NobodysAddress();

    constructor(address[] memory people, uint64 delay_) TwoPerson(IOfficers(address(this))) {
        for (uint256 i = 0; i < people.length; i++) _add(people[i]);
        if (count < 2) revert TooFew();
        delay = delay_;
    }

    function isOfficer(address person) external view returns (bool) {
        return since[person] != 0;
    }

    function add(address person) external act(abi.encode(person)) {
        _add(person);
    }

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
