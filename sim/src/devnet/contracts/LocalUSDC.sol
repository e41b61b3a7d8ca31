// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.26;

import { LocalSystemLog } from "./LocalSystemLog.sol";

/// @notice A stand-in for USDC on a local chain. It answers as FiatTokenV2_2 does: same order of checks, same revert
/// texts, same logs. After setNativeView(true) it answers as the token of Arc does: see that function.
/// For local chains only: the hooks are open to anyone. Needs EVM >= cancun. No constructor and no initial values, so
/// that its bare runtime code can be placed with anvil_setCode.
contract LocalUSDC {
    address public constant SYSTEM = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;
    bytes32 public constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 public constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH =
        keccak256("TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)");
    bytes32 public constant RECEIVE_WITH_AUTHORIZATION_TYPEHASH =
        keccak256("ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)");
    bytes32 public constant CANCEL_AUTHORIZATION_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    uint256 private constant HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;
    uint256 private constant WEI_PER_UNIT = 1e12;
    string private constant BLOCKED = "Blacklistable: account is blacklisted";

    /// What one authorisation says, in the order in which it is hashed.
    struct Authorization {
        address from; address to; uint256 value;
        uint256 validAfter; uint256 validBefore; bytes32 nonce;
    }

    /// One slot an account: `moved` is all that came in less all that went out through this token, in units.
    struct Account {
        int240 moved;
        bool blocked;
        bool neverSent;
    }

    bool public paused;
    bool public nativeView;
    uint256 public totalSupply;
    mapping(address => Account) private _accounts;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public nonces;
    /// @notice EIP-3009: true once the authorisation was used or cancelled.
    mapping(address => mapping(bytes32 => bool)) public authorizationState;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);
    event Mint(address indexed minter, address indexed to, uint256 amount);
    event Blacklisted(address indexed _account);
    event UnBlacklisted(address indexed _account);
    event Pause();
    event Unpause();

    modifier whenNotPaused() { require(!paused, "Pausable: paused"); _; }

    // ---- Test hooks: anyone may call, none of them exists on the real token in this form ----

    /// @notice Creates `value` units for `to`, with the logs of a real mint.
    function mint(address to, uint256 value) external {
        require(to != address(0), "FiatToken: mint to the zero address");
        totalSupply += value;
        require(totalSupply <= uint256(int256(type(int240).max)) / WEI_PER_UNIT, "LocalUSDC: supply too large");
        _accounts[to].moved += int240(int256(value));
        _logNative(address(0), to, value);
        emit Mint(msg.sender, to, value);
        emit Transfer(address(0), to, value);
    }

    /// @notice Puts an account on the blocklist or takes it off.
    function setBlacklisted(address who, bool on) external {
        _accounts[who].blocked = on;
        if (on) emit Blacklisted(who); else emit UnBlacklisted(who);
    }

    /// @notice Refuses, or takes again, every movement, approval and cancellation.
    function pause() external { paused = true; emit Pause(); }
    function unpause() external { paused = false; emit Unpause(); }

    /// @notice On: Arc's rules. A balance is the account's native balance in units (dust below 1e12 wei unseen) plus what
    /// moved through this token; blocked parties are refused last, with "Blocked address", except a blocked caller of
    /// transferFrom. Simplified: token code cannot move native balances on anvil, so eth_getBalance does not show token
    /// transfers (the token does show native ones, and gas), and totalSupply counts mint only.
    function setNativeView(bool on) external { nativeView = on; }

    /// @notice Marks an account as one that never sent a transaction (nonce 0, no code). On Arc such an account cannot be
    /// emptied to the last wei; enforced in native view only. Needed only for an account that holds native money: one
    /// without is recognised by itself, because the chain does not know it (EIP-1052: its code hash is 0).
    function setNeverSent(address who, bool on) external { _accounts[who].neverSent = on; }

    // ---- ERC-20 ----

    function name() external pure returns (string memory) { return "USDC"; }
    function symbol() external pure returns (string memory) { return "USDC"; }
    function currency() external pure returns (string memory) { return "USD"; }
    function version() external pure returns (string memory) { return "2"; }
    function decimals() external pure returns (uint8) { return 6; }

    /// @notice ERC-20 balance in units of 1e-6.
    function balanceOf(address account) public view returns (uint256) {
        int256 seen = _accounts[account].moved;
        if (nativeView) seen += int256(account.balance / WEI_PER_UNIT);
        return seen > 0 ? uint256(seen) : 0;
    }

    /// @notice True for blocked accounts and for the token itself.
    function isBlacklisted(address account) public view returns (bool) {
        return account == address(this) || _accounts[account].blocked;
    }

    /// @notice ERC-20 transfer.
    function transfer(address to, uint256 value) external whenNotPaused returns (bool) {
        _refuseBlockedPair(msg.sender, to);
        _transfer(msg.sender, to, value);
        return true;
    }

    /// @notice ERC-20 transferFrom. The allowance shrinks whatever its size, with no Approval log.
    function transferFrom(address from, address to, uint256 value) external whenNotPaused returns (bool) {
        require(!isBlacklisted(msg.sender), BLOCKED);
        _refuseBlockedPair(from, to);
        require(value <= allowance[from][msg.sender], "ERC20: transfer amount exceeds allowance");
        allowance[from][msg.sender] -= value;
        _transfer(from, to, value);
        return true;
    }

    /// @notice ERC-20 approve. The blocklist is not asked.
    function approve(address spender, uint256 value) external whenNotPaused returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    function increaseAllowance(address spender, uint256 increment) external whenNotPaused returns (bool) {
        uint256 old = allowance[msg.sender][spender];
        require(increment <= type(uint256).max - old, "SafeMath: addition overflow");
        _approve(msg.sender, spender, old + increment);
        return true;
    }

    function decreaseAllowance(address spender, uint256 decrement) external whenNotPaused returns (bool) {
        uint256 old = allowance[msg.sender][spender];
        require(decrement <= old, "ERC20: decreased allowance below zero");
        _approve(msg.sender, spender, old - decrement);
        return true;
    }

    // ---- ERC-2612 ----

    /// @notice ERC-2612 permit.
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external whenNotPaused {
        _permit(owner, spender, value, deadline, abi.encodePacked(r, s, v));
    }

    /// @notice ERC-2612 permit with the signature as bytes; a contract owner is asked by ERC-1271.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature) external whenNotPaused {
        _permit(owner, spender, value, deadline, signature);
    }

    /// @notice EIP-712 domain ("USDC", "2", chain id, this address), made anew at each call.
    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, keccak256("USDC"), keccak256("2"), block.chainid, address(this)));
    }

    // ---- EIP-3009 (both overloads reach a contract payer by ERC-1271) ----

    /// @notice EIP-3009 transferWithAuthorization: anyone may submit it.
    function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external whenNotPaused {
        _refuseBlockedPair(from, to);
        _useAuthorization(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, Authorization(from, to, value, validAfter, validBefore, nonce), abi.encodePacked(r, s, v));
    }

    /// @notice EIP-3009 transferWithAuthorization with the signature as bytes.
    function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes calldata signature) external whenNotPaused {
        _refuseBlockedPair(from, to);
        _useAuthorization(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, Authorization(from, to, value, validAfter, validBefore, nonce), signature);
    }

    /// @notice EIP-3009 receiveWithAuthorization: only the payee may submit it.
    function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external whenNotPaused {
        _refuseBlockedPair(from, to);
        require(to == msg.sender, "FiatTokenV2: caller must be the payee");
        _useAuthorization(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, Authorization(from, to, value, validAfter, validBefore, nonce), abi.encodePacked(r, s, v));
    }

    /// @notice EIP-3009 receiveWithAuthorization with the signature as bytes.
    function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes calldata signature) external whenNotPaused {
        _refuseBlockedPair(from, to);
        require(to == msg.sender, "FiatTokenV2: caller must be the payee");
        _useAuthorization(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, Authorization(from, to, value, validAfter, validBefore, nonce), signature);
    }

    /// @notice EIP-3009 cancelAuthorization: burns an unused nonce. Refused while paused; the blocklist is not asked.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external whenNotPaused {
        _cancelAuthorization(authorizer, nonce, abi.encodePacked(r, s, v));
    }

    /// @notice EIP-3009 cancelAuthorization with the signature as bytes.
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external whenNotPaused {
        _cancelAuthorization(authorizer, nonce, signature);
    }

    // ---- Inside ----

    function _useAuthorization(bytes32 typehash, Authorization memory a, bytes memory signature) private {
        require(block.timestamp > a.validAfter, "FiatTokenV2: authorization is not yet valid");
        require(block.timestamp < a.validBefore, "FiatTokenV2: authorization is expired");
        _requireUnused(a.from, a.nonce);
        require(_signed(a.from, keccak256(abi.encode(typehash, a)), signature), "FiatTokenV2: invalid signature");
        authorizationState[a.from][a.nonce] = true;
        emit AuthorizationUsed(a.from, a.nonce);
        _transfer(a.from, a.to, a.value);
    }

    function _cancelAuthorization(address authorizer, bytes32 nonce, bytes memory signature) private {
        _requireUnused(authorizer, nonce);
        require(_signed(authorizer, keccak256(abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce)), signature), "FiatTokenV2: invalid signature");
        authorizationState[authorizer][nonce] = true;
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function _requireUnused(address authorizer, bytes32 nonce) private view {
        require(!authorizationState[authorizer][nonce], "FiatTokenV2: authorization is used or canceled");
    }

    function _permit(address owner, address spender, uint256 value, uint256 deadline, bytes memory signature) private {
        require(block.timestamp <= deadline, "FiatTokenV2: permit is expired");
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonces[owner]++, deadline));
        require(_signed(owner, structHash, signature), "EIP2612: invalid signature");
        _approve(owner, spender, value);
    }

    /// Any code at the signer, an EIP-7702 delegation too, means ERC-1271; else one 65-byte low-s signature with v 27 or 28.
    function _signed(address signer, bytes32 structHash, bytes memory signature) private view returns (bool) {
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", DOMAIN_SEPARATOR(), structHash));
        if (signer.code.length != 0) {
            (bool ok, bytes memory answer) = signer.staticcall(abi.encodeWithSignature("isValidSignature(bytes32,bytes)", digest, signature));
            return ok && answer.length >= 32 && bytes32(answer) == bytes32(bytes4(0x1626ba7e));
        }
        require(signature.length == 65, "ECRecover: invalid signature length");
        (bytes32 r, bytes32 s) = abi.decode(signature, (bytes32, bytes32));
        uint8 v = uint8(signature[64]);
        require(uint256(s) <= HALF_ORDER, "ECRecover: invalid signature 's' value");
        require(v == 27 || v == 28, "ECRecover: invalid signature 'v' value");
        address recovered = ecrecover(digest, v, r, s);
        require(recovered != address(0), "ECRecover: invalid signature");
        return recovered == signer;
    }

    function _approve(address owner, address spender, uint256 value) private {
        require(owner != address(0), "ERC20: approve from the zero address");
        require(spender != address(0), "ERC20: approve to the zero address");
        allowance[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    /// The parties of a transfer are asked first, or, under Arc's rules, last (in _transfer).
    function _refuseBlockedPair(address from, address to) private view {
        require(nativeView || (!isBlacklisted(from) && !isBlacklisted(to)), BLOCKED);
    }

    function _transfer(address from, address to, uint256 value) private {
        require(from != address(0), "ERC20: transfer from the zero address");
        require(to != address(0), "ERC20: transfer to the zero address");
        if (nativeView) require(value <= type(uint256).max / WEI_PER_UNIT, "SafeMath: multiplication overflow");
        uint256 held = balanceOf(from);
        require(value <= held, "ERC20: transfer amount exceeds balance");
        if (nativeView) {
            require(!isBlacklisted(from) && !isBlacklisted(to), "Blocked address");
            bool emptied = value != 0 && value == held && from.balance % WEI_PER_UNIT == 0;
            require(!emptied || !_neverSent(from), "Cannot clear balance of empty account");
        }
        _accounts[from].moved -= int240(int256(value));
        _accounts[to].moved += int240(int256(value));
        if (from != to) _logNative(from, to, value);
        emit Transfer(from, to, value);
    }

    function _neverSent(address account) private view returns (bool) {
        return _accounts[account].neverSent || account.codehash == 0;
    }

    function _logNative(address from, address to, uint256 value) private {
        if (value == 0 || SYSTEM.code.length == 0 || LocalSystemLog(SYSTEM).token() != address(this)) return;
        LocalSystemLog(SYSTEM).transferred(from, to, value * WEI_PER_UNIT);
    }
}
