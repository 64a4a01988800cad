// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface IOfficers {
    function isOfficer(address person) external view returns (bool);
    function since(address person) external view returns (uint64);
    function delay() external view returns (uint64);
}

/// What one officer proposes, another confirms; acts that give power only after a delay, in which anybody can look at them
/// (re-derive a policy key, read a program). An act is the calldata of a function of this contract that only the contract
/// itself may call, so both people sign exactly what happens. An act has one encoding, and so one id.
abstract contract TwoPerson {
    struct Proposal {
        address proposer;
        uint64 proposedAt;
    }

    /// By keccak256 of the act. Slot 0.
    mapping(bytes32 act => Proposal) public proposals;

    /// Who may propose and confirm.
    IOfficers public immutable officers;

    event Proposed(bytes32 indexed id, address indexed proposer, bytes act);
    event Confirmed(bytes32 indexed id, address indexed confirmer);
    event Cancelled(bytes32 indexed id, address indexed by);

    error NotAnOfficer(address sender);
    error AlreadyProposed(bytes32 id);
    error NotProposed(bytes32 id);
    error SamePerson(address person);
    error ProposerLeft(address proposer);
    error DelayNotOver(uint64 until);
    error NeedsTwoPeople();
    error NotCanonical();

    constructor(IOfficers officers_) {
        officers = officers_;
    }

    /// Only through `propose` and `confirm`, and in one encoding.
    modifier act(bytes memory arguments) {
        if (msg.sender != address(this)) revert NeedsTwoPeople();
        _checkCanonical(arguments);
        _;
    }

    modifier onlyOfficer() {
        if (!officers.isOfficer(msg.sender)) revert NotAnOfficer(msg.sender);
        _;
    }

    /// First person.
    function propose(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        if (proposals[id].proposedAt != 0) revert AlreadyProposed(id);
        proposals[id] = Proposal(msg.sender, uint64(block.timestamp));
        emit Proposed(id, msg.sender, call_);
    }

    /// Second person. Everything is checked now, against the state as it is now.
    function confirm(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt == 0) revert NotProposed(id);
        if (proposal.proposer == msg.sender) revert SamePerson(msg.sender);
        // Who left and came back is an officer again, but what he proposed before is void.
        uint64 since = officers.since(proposal.proposer);
        if (since == 0 || since > proposal.proposedAt) revert ProposerLeft(proposal.proposer);
        uint64 until = proposal.proposedAt + officers.delay();
        if (block.timestamp < until && !_immediate(bytes4(call_))) revert DelayNotOver(until);
        delete proposals[id];
        (bool done, bytes memory why) = address(this).call(call_);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(why, 32), mload(why))
            }
        }
        emit Confirmed(id, msg.sender);
    }

    /// Any officer.
    function cancel(bytes32 id) external onlyOfficer {
        if (proposals[id].proposedAt == 0) revert NotProposed(id);
        delete proposals[id];
        emit Cancelled(id, msg.sender);
    }

    /// `arguments` is the ABI encoding of what an act was called with. Bytes after it, or another layout of the same arguments,
    /// would give one act several ids, and cancelling one of them would leave the others.
    function _checkCanonical(bytes memory arguments) internal pure {
        if (keccak256(msg.data[4:]) != keccak256(arguments)) revert NotCanonical();
    }

    /// Acts that only take power away need two people but no delay.
    function _immediate(bytes4 selector) internal pure virtual returns (bool);
}
