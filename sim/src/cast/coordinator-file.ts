import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from '@orien/protocol'
import type { Devnet } from '../devnet/devnet.ts'
import { CAST_USDC, SHORT_TIMES, type CastTimes } from './config.ts'
import { ANY_PORT } from './daemon.ts'

/** One machine has one clock: what was sent and not answered can land no longer than its own time says. */
const ONE_CLOCK_MS = 1_000

/** coordinator.toml of a network on one machine: PROTOCOL's rules with times that can be watched. */
export async function writeCoordinator(
  home: string,
  devnet: Devnet,
  shares: { readonly platform: Address; readonly reserve: Address },
  times: CastTimes = SHORT_TIMES,
): Promise<string> {
  const { collectMs, contestMs, cosignMs, debitGapMs, payoutEveryMs } = times
  const text = `chainId = ${devnet.chainId}
listen = ["${ANY_PORT}"]
platform = "${shares.platform}"
reserve = "${shares.reserve}"
float = "${CAST_USDC.float}"

[channel]
rail = "yellow-v0"
url = "${devnet.clearnodeUrl}"
asset = "usdc"

[chain]
rpcUrl = "${devnet.rpcUrl}"
token = "${devnet.token}"
multicall3 = "${devnet.multicall3}"

[times]
collectMs = ${collectMs}
contestMs = ${contestMs}
cosignMs = ${cosignMs}
debitGapMs = ${debitGapMs}
skewMs = ${ONE_CLOCK_MS}
retryMs = 50

[payout]
everyMs = ${payoutEveryMs}
threshold = "0"
maxAgeMs = 0
retryMs = 500
`
  await mkdir(home, { recursive: true, mode: 0o700 })
  const file = join(home, 'coordinator.toml')
  await writeFile(file, text)
  return file
}

/** Writes the address that a coordinator got into its file: every later start has the same one, as bootstrap peers must. */
export async function keepAddress(file: string, addrs: readonly string[]): Promise<void> {
  const [address = ANY_PORT] = addrs
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(ANY_PORT, address.replace(/\/p2p\/.*$/, '')))
}
