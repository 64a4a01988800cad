// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice The officers: may an address propose and confirm, and how long does an act that gives power wait.
interface IOfficers {
    /// @notice Whether a person is an officer now.
    /// @param person The address.
    /// @return Whether it is.
    function isOfficer(address person) external view returns (bool);

    /// @notice When a person became an officer.
    /// @param person The address.
    /// @return Unix time; 0 for everybody else.
    function since(address person) external view returns (uint64);

    /// @notice How long an act that gives power waits between its two people.
    /// @return Seconds.
    function delay() external view returns (uint64);
}

/// @notice What one officer proposes, another confirms; acts that give power only after a delay, in which anybody can look at them
/// (re-derive a policy key, read a program). An act is the calldata of a function of this contract that only the contract
/// itself may call, so both people sign exactly what happens. An act has one encoding, and so one id.
///
/// A proposal is void once its proposer has left, even one that has come back, and once its time is over: any officer may cancel a
/// void one, or propose the act anew over it. Not prevented: any officer cancels whatever waits, until the others remove that officer, which is
/// at once; of two, neither can remove the other, and one of them stops everything.
abstract contract TwoPerson {
    /// @dev One slot, never 0.
    struct Proposal {
        address proposer;
        uint64 proposedAt;
        bool immediate;
    }

    /// @notice How long a proposal can be confirmed after its delay. Without an end, an act that everybody has forgotten, or that fell
    /// through, would wait for the first officer that wants it, alone and with the delay long over.
    uint64 public constant CONFIRMABLE = 30 days;

    /// @notice What is proposed and neither confirmed nor cancelled, by keccak256 of the act; it may be void. Slot 0.
    mapping(bytes32 act => Proposal) public proposals;

    /// @notice The contract that knows the officers.
    IOfficers public immutable officers;

    /// @notice An officer has proposed an act.
    /// @param id keccak256 of the act.
    /// @param proposer The officer.
    /// @param act The calldata that would be carried out.
    event Proposed(bytes32 indexed id, address indexed proposer, bytes act);

    /// @notice An act was carried out.
    /// @param id keccak256 of the act.
    /// @param confirmer The second officer.
    event Confirmed(bytes32 indexed id, address indexed confirmer);

    /// @notice A proposal is gone.
    /// @param id keccak256 of the act.
    /// @param by The officer that cancelled it.
    event Cancelled(bytes32 indexed id, address indexed by);

    /// @notice Only officers do this, and only an officer can be removed.
    /// @param sender The address that is none.
    error NotAnOfficer(address sender);

    /// @notice The act waits already.
    /// @param id keccak256 of the act.
    error AlreadyProposed(bytes32 id);

    /// @notice Nobody proposed exactly this act.
    /// @param id keccak256 of the act.
    error NotProposed(bytes32 id);

    /// @notice The proposer can't confirm.
    /// @param person The officer.
    error SamePerson(address person);

    /// @notice The proposer has left since; coming back revives no proposal.
    /// @param proposer The address.
    error ProposerLeft(address proposer);

    /// @notice The act waits longer.
    /// @param until First Unix time at which it can be confirmed.
    error DelayNotOver(uint64 until);

    /// @notice The proposal's time is over.
    /// @param expired Last Unix time at which it could be confirmed.
    error ProposalExpired(uint64 expired);

    /// @notice Only its proposer cancels an act that takes power away.
    /// @param proposer The officer.
    error OnlyItsProposer(address proposer);

    /// @notice The function is an act: it is called through `propose` and `confirm`.
    error NeedsTwoPeople();

    /// @notice The bytes aren't the one encoding of the act.
    error NotCanonical();

    constructor(IOfficers officers_) {
        officers = officers_;
    }

    /// @dev Only through `propose` and `confirm`, and in one encoding.
    modifier act(bytes memory arguments) {
        if (msg.sender != address(this)) revert NeedsTwoPeople();
        _checkCanonical(arguments);
        _;
    }

    modifier onlyOfficer() {
        if (!officers.isOfficer(msg.sender)) revert NotAnOfficer(msg.sender);
        _;
    }

    /// @notice Proposes an act. For an act without delay that another officer has proposed, this is the second person, and it is done:
    /// otherwise an officer that is to be removed could always propose that removal first, and cancel it again.
    /// @param call_ The act.
    function propose(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt != 0 && !_isVoid(proposal, bytes4(call_))) {
            if (!proposal.immediate || proposal.proposer == msg.sender) revert AlreadyProposed(id);
            _carryOut(id, call_);
            return;
        }
        proposals[id] = Proposal(msg.sender, uint64(block.timestamp), _immediate(bytes4(call_)));
        emit Proposed(id, msg.sender, call_);
    }

    /// @notice Confirms an act as the second person. Everything is checked now, against the state as it is now.
    /// @param call_ The act.
    function confirm(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt == 0) revert NotProposed(id);
        if (proposal.proposer == msg.sender) revert SamePerson(msg.sender);
        if (_hasLeft(proposal)) revert ProposerLeft(proposal.proposer);
        uint64 until = proposal.proposedAt + delayOf(bytes4(call_));
        if (block.timestamp > until + CONFIRMABLE) revert ProposalExpired(until + CONFIRMABLE);
        if (block.timestamp < until && !proposal.immediate) revert DelayNotOver(until);
        _carryOut(id, call_);
    }

    /// @notice Takes a proposal back. Any officer, where the act gives power. What takes power away is its proposer's to cancel: a stolen key
    /// would otherwise veto its own removal, and every other emergency, for ever.
    /// @param id keccak256 of the act.
    function cancel(bytes32 id) external onlyOfficer {
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt == 0) revert NotProposed(id);
        // An act without delay has no delay of its own, so no selector is needed to say when it is void.
        if (proposal.immediate && proposal.proposer != msg.sender && !_isVoid(proposal, 0)) {
            revert OnlyItsProposer(proposal.proposer);
        }
        delete proposals[id];
        emit Cancelled(id, msg.sender);
    }

    /// @notice How long an act waits between its two people; for an act without delay, how long before its last 30 days.
    /// @param selector The first four bytes of the act.
    /// @return Seconds: the officers' delay, or the act's own, where that is longer.
    function delayOf(bytes4 selector) public view returns (uint64) {
        (uint64 all, uint64 own) = (officers.delay(), _leastDelay(selector));
        return all < own ? own : all;
    }

    function _carryOut(bytes32 id, bytes calldata call_) private {
        delete proposals[id];
        (bool done, bytes memory why) = address(this).call(call_);
        if (!done) {
            assembly ("memory-safe") {
                revert(add(why, 32), mload(why))
            }
        }
        emit Confirmed(id, msg.sender);
    }

    function _isVoid(Proposal memory proposal, bytes4 selector) private view returns (bool) {
        return _hasLeft(proposal) || block.timestamp > proposal.proposedAt + delayOf(selector) + CONFIRMABLE;
    }

    /// @dev What an officer proposed before leaving is void after a return. In the second of a return nobody can tell before from after, so
    /// that counts as before.
    function _hasLeft(Proposal memory proposal) private view returns (bool) {
        uint64 since = officers.since(proposal.proposer);
        return since == 0 || since >= proposal.proposedAt;
    }

    /// @dev `arguments` is the ABI encoding of what an act was called with. Bytes after it, or another layout of the same arguments,
    /// would give one act several ids, and cancelling one of them would leave the others.
    function _checkCanonical(bytes memory arguments) internal pure {
        if (keccak256(msg.data[4:]) != keccak256(arguments)) revert NotCanonical();
    }

    /// @dev Acts that only take power away need two people but no delay.
    function _immediate(bytes4 selector) internal pure virtual returns (bool);

    /// @dev Seconds that an act waits whatever the officers' delay is.
    function _leastDelay(bytes4) internal pure virtual returns (uint64) {
        return 0;
    }
}
