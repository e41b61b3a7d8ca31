// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.24;

/// A running total per account: small, but real storage, events and a revert.
contract Tally {
    mapping(address => uint256) public totals;
    uint256 public grandTotal;

    event Added(address indexed by, uint256 amount, uint256 total);

    error NothingToAdd();

    function add(uint256 amount) external returns (uint256) {
        if (amount == 0) revert NothingToAdd();
        totals[msg.sender] += amount;
        grandTotal += amount;
        emit Added(msg.sender, amount, totals[msg.sender]);
        return totals[msg.sender];
    }
}
