import { setTimeout as pause } from 'node:timers/promises'
import { OrienError } from '@orien/protocol'
import type { Address, Hex } from 'viem'
import { DEVNET_LIMITS } from './limits.ts'
import { isRecord, type Rpc } from './rpc.ts'

/** Nobody's key: anvil signs for it. It calls the token's hooks and holds the native money that `fundGas` gives. */
export const FAUCET: Address = '0x000000000000000000000000000000000000fa0c'

// 10²⁷ wei are 10⁹ USDC: no test empties it, and sums over all accounts stay inside uint64 micro-USDC.
const FAUCET_WEI = 10n ** 27n
// The costliest hook is a mint to a new account with both logs: 90 000.
const HOOK_GAS = 200_000

/** Gives the faucet its money; a chain read from a file has it already. */
export async function openFaucet(rpc: Rpc): Promise<void> {
  await rpc('anvil_setBalance', FAUCET, toHex(FAUCET_WEI))
}

/**
 * Sends one transaction of the faucet and waits until it is mined. anvil gives out the nonces, so that calls may
 * overlap. Throws `railRefused` when it reverts, `timedOut` when it is not mined in time.
 */
export async function sendFromFaucet(rpc: Rpc, to: Address, call: { data?: Hex; wei?: bigint }): Promise<void> {
  // Each time, because a restarted anvil has forgotten it.
  await rpc('anvil_impersonateAccount', FAUCET)
  const { data = '0x', wei = 0n } = call
  const hash = await rpc('eth_sendTransaction', { from: FAUCET, to, data, value: toHex(wei), gas: toHex(HOOK_GAS) })
  const receipt = await mined(rpc, String(hash))
  if (receipt['status'] !== '0x1') {
    throw new OrienError('railRefused', { message: `the devnet's own transaction ${String(hash)} reverted` })
  }
}

/** The receipt of a transaction, as the node gives it. Throws `timedOut` when it is not mined in time. */
export async function mined(rpc: Rpc, hash: string): Promise<Record<string, unknown>> {
  const deadlineMs = performance.now() + DEVNET_LIMITS.minedMs
  for (;;) {
    const receipt = await rpc('eth_getTransactionReceipt', hash)
    if (isRecord(receipt)) return receipt
    if (performance.now() > deadlineMs) throw new OrienError('timedOut', { message: `${hash} is not mined` })
    await pause(DEVNET_LIMITS.receiptPollMs)
  }
}

function toHex(value: number | bigint): Hex {
  return `0x${value.toString(16)}`
}
