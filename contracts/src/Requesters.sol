// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DatedKeys} from "./DatedKeys.sol";
import {Names} from "./Names.sol";
import {IOfficers} from "./TwoPerson.sol";

/// Requesters and their keys. For which programs a requester may ask is the programs contract's to say.
contract Requesters is DatedKeys {
    /// When each was registered. Slot 2.
    mapping(bytes32 id => uint64) public registered;

    event Registered(bytes32 indexed id);

    error RequesterExists(bytes32 id);

    constructor(IOfficers officers_) DatedKeys(officers_) {}

    function register(bytes32 id, address key) external act(abi.encode(id, key)) {
        Names.check(id);
        if (registered[id] != 0) revert RequesterExists(id);
        registered[id] = uint64(block.timestamp);
        emit Registered(id);
        _addKey(id, key);
    }

    function _exists(bytes32 owner) internal view override returns (bool) {
        return registered[owner] != 0;
    }

    function _immediate(bytes4 selector) internal pure override returns (bool) {
        return selector == this.revokeKey.selector || selector == this.retireKey.selector;
    }
}
