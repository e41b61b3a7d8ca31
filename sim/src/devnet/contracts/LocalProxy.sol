// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.26;

/// @notice Stands at the token's address and runs LocalUSDC's code there. Arc's token is behind a proxy too, and it
/// matters: the second call keeps back gas of its own, so that a leg can run out of gas while the batch around it does
/// not, which is how an estimated batch "succeeds" without paying.
contract LocalProxy {
    /// @notice Where LocalUSDC's code stands. Its own storage there is never used.
    address private constant IMPLEMENTATION = 0x0000000000000000000000000000000000360001;

    fallback() external payable {
        assembly {
            calldatacopy(0, 0, calldatasize())
            let good := delegatecall(gas(), IMPLEMENTATION, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            switch good
            case 0 { revert(0, returndatasize()) }
            default { return(0, returndatasize()) }
        }
    }
}
