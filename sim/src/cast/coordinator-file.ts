import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Address } from '@orien/protocol'
import type { Devnet } from '../devnet/devnet.ts'
import { DEMO_FLOAT_USDC, DEMO_TIMES } from './config.ts'

/** coordinator.toml of the demo: PROTOCOL's rules with times that can be watched. */
export async function writeCoordinator(
  home: string,
  devnet: Devnet,
  shares: { readonly platform: Address; readonly reserve: Address },
): Promise<string> {
  const { collectMs, contestMs, cosignMs, debitGapMs, payoutEveryMs } = DEMO_TIMES
  const text = `chainId = ${devnet.chainId}
listen = ["/ip4/127.0.0.1/tcp/0"]
platform = "${shares.platform}"
reserve = "${shares.reserve}"
float = "${DEMO_FLOAT_USDC}"

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
retryMs = 50

[payout]
everyMs = ${payoutEveryMs}
threshold = "0"
maxAgeMs = 0
`
  await mkdir(home, { recursive: true, mode: 0o700 })
  const file = join(home, 'coordinator.toml')
  await writeFile(file, text)
  return file
}
