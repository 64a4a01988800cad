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
///
/// A proposal is void once its proposer has left, even if he came back, and once its time is over: any officer may cancel a
/// void one, or propose the act anew over it. Not prevented: with exactly two officers, one of them stops everything.
abstract contract TwoPerson {
    struct Proposal {
        address proposer;
        uint64 proposedAt;
        bool immediate;
    }

    /// How long a proposal can be confirmed after its delay. Without an end, an act that everybody has forgotten, or that fell
    /// through, would wait for the first officer who wants it, and he would need nobody beside him and no delay.
    uint64 public constant CONFIRMABLE = 30 days;

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
    error ProposalExpired(uint64 expired);
    error OnlyItsProposer(address proposer);
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

    /// First person; of an act without delay that another officer has proposed, the second. Otherwise whoever is to be removed
    /// could always propose his own removal first and cancel it again.
    function propose(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt != 0 && !_isVoid(proposal)) {
            if (!proposal.immediate || proposal.proposer == msg.sender) revert AlreadyProposed(id);
            _carryOut(id, call_);
            return;
        }
        proposals[id] = Proposal(msg.sender, uint64(block.timestamp), _immediate(bytes4(call_)));
        emit Proposed(id, msg.sender, call_);
    }

    /// Second person. Everything is checked now, against the state as it is now.
    function confirm(bytes calldata call_) external onlyOfficer {
        bytes32 id = keccak256(call_);
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt == 0) revert NotProposed(id);
        if (proposal.proposer == msg.sender) revert SamePerson(msg.sender);
        if (_hasLeft(proposal)) revert ProposerLeft(proposal.proposer);
        if (block.timestamp > _lastMoment(proposal)) revert ProposalExpired(_lastMoment(proposal));
        uint64 until = proposal.proposedAt + officers.delay();
        if (block.timestamp < until && !proposal.immediate) revert DelayNotOver(until);
        _carryOut(id, call_);
    }

    /// Any officer, of an act that gives power. What takes power away is its proposer's to cancel: a stolen key would otherwise
    /// veto its own removal, and every other emergency, for ever.
    function cancel(bytes32 id) external onlyOfficer {
        Proposal memory proposal = proposals[id];
        if (proposal.proposedAt == 0) revert NotProposed(id);
        if (proposal.immediate && proposal.proposer != msg.sender && !_isVoid(proposal)) {
            revert OnlyItsProposer(proposal.proposer);
        }
        delete proposals[id];
        emit Cancelled(id, msg.sender);
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

    function _isVoid(Proposal memory proposal) private view returns (bool) {
        return _hasLeft(proposal) || block.timestamp > _lastMoment(proposal);
    }

    /// Who left and came back is an officer again, but what he proposed before is void. In the second of his joining nobody can
    /// tell before from after, so that counts as before.
    function _hasLeft(Proposal memory proposal) private view returns (bool) {
        uint64 since = officers.since(proposal.proposer);
        return since == 0 || since >= proposal.proposedAt;
    }

    function _lastMoment(Proposal memory proposal) private view returns (uint64) {
        return proposal.proposedAt + officers.delay() + CONFIRMABLE;
    }

    /// `arguments` is the ABI encoding of what an act was called with. Bytes after it, or another layout of the same arguments,
    /// would give one act several ids, and cancelling one of them would leave the others.
    function _checkCanonical(bytes memory arguments) internal pure {
        if (keccak256(msg.data[4:]) != keccak256(arguments)) revert NotCanonical();
    }

    /// Acts that only take power away need two people but no delay.
    function _immediate(bytes4 selector) internal pure virtual returns (bool);
}
