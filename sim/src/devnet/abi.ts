import { parseAbi } from 'viem/utils'

/** What the devnet calls on LocalUSDC and reads from its logs. */
export const LOCAL_USDC_ABI = parseAbi([
  'function balanceOf(address account) view returns (uint256)',
  'function isBlacklisted(address account) view returns (bool)',
  'function nativeView() view returns (bool)',
  'function paused() view returns (bool)',
  'function mint(address to, uint256 value)',
  'function setBlacklisted(address who, bool on)',
  'function setNeverSent(address who, bool on)',
  'function setNativeView(bool on)',
  'function pause()',
  'function unpause()',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
  'event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)',
  'event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce)',
])
