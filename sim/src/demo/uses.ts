import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadOrCreateWalletKey } from '@orien/node/daemon'
import { OrienError } from '@orien/protocol'
import { createClient, http, type Abi, type Hex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { deployContract, readContract, waitForTransactionReceipt, writeContract } from 'viem/actions'
import type { Devnet } from '../devnet/devnet.ts'

const run = promisify(execFile)

/** Where a file that a call brought back is kept. Throws `badOutput` when the call brought none. */
async function resultOf(agentHome: string, call: string, path: string): Promise<string> {
  const file = join(agentHome, 'results', call, path)
  try {
    await access(file)
  } catch (cause) {
    throw new OrienError('badOutput', {
      message: `the call “${call}” brought no ${path}`,
      hint: 'The story above says what became of the call; with --home the logs are kept.',
      cause,
    })
  }
  return file
}

/** Deploys the contract that was compiled for money and calls it. Throws `badOutput` when it does not do what its source says. */
export async function useContract(devnet: Devnet, agentHome: string): Promise<string> {
  const file = await resultOf(agentHome, 'compile', 'out/Tally.json')
  const { abi, bytecode } = JSON.parse(await readFile(file, 'utf8')) as { readonly abi: Abi; readonly bytecode: Hex }
  const account = privateKeyToAccount(await loadOrCreateWalletKey(agentHome, 'deployer', devnet.chainId))
  await devnet.fundGas(account.address, 10n ** 18n)
  const chain = {
    id: devnet.chainId,
    name: 'local Arc',
    nativeCurrency: { name: 'USDC', symbol: 'USDC', decimals: 18 },
    rpcUrls: { default: { http: [devnet.rpcUrl] } },
  }
  const client = createClient({ account, chain, transport: http(devnet.rpcUrl), pollingInterval: 25 })
  const deployed = await waitForTransactionReceipt(client, { hash: await deployContract(client, { abi, bytecode }) })
  const address = deployed.contractAddress
  if (address === null || address === undefined)
    throw new OrienError('badOutput', { message: 'the compiled contract does not deploy' })
  for (const amount of [2n, 40n]) {
    const hash = await writeContract(client, { address, abi, functionName: 'add', args: [amount] })
    await waitForTransactionReceipt(client, { hash })
  }
  const total = await readContract(client, { address, abi, functionName: 'totals', args: [account.address] })
  if (total !== 42n) throw new OrienError('badOutput', { message: `Tally counts ${String(total)}, not 42` })
  return `Tally is deployed at ${address}: add(2), add(40) → total ${total}`
}

/** Runs the JavaScript that was built for money. Throws `badOutput` when it does not print what its source says. */
export async function useBuild(agentHome: string): Promise<string> {
  const { stdout } = await run(process.execPath, [await resultOf(agentHome, 'build', 'dist/main.js')])
  const lines = stdout.trim().split('\n')
  if (lines[0] !== 'a 3') throw new OrienError('badOutput', { message: 'the built program prints something else' })
  return `the built program runs: ${lines.join(', ')}`
}
