// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.26;

/// @notice The address that logs native (18 decimals) transfers on Arc: 0xffff…fffe. For local chains only.
/// It has no constructor and no storage, so that its bare runtime code can be placed with anvil_setCode.
contract LocalSystemLog {
    /// @notice The one token that may log here. A LocalUSDC at any other address writes no native log.
    address public constant token = 0x3600000000000000000000000000000000000000;

    event Transfer(address indexed from, address indexed to, uint256 value);

    /// @notice Emits the native Transfer log of EIP-7708. Only the token may call.
    function transferred(address from, address to, uint256 wad) external {
        require(msg.sender == token, "LocalSystemLog: caller is not the token");
        emit Transfer(from, to, wad);
    }
}
