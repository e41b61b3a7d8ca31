import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const main = new URL('../../dist/devnet/clearnode/main.js', import.meta.url).pathname

/** The stand-in as a process of its own, as the devnet starts it. */
export interface ClearnodeProcess {
  readonly url: string
  readonly faucetUrl: string
  readonly broker: string
  readonly pid: number
  /** Every line it printed. */
  readonly lines: readonly string[]
  /** Sends a signal; the exit code and signal. */
  readonly end: (signal: NodeJS.Signals) => Promise<[number | null, NodeJS.Signals | null]>
  readonly fund: (wallet: string, amount: string) => Promise<void>
}

export const startProcess = async (home: string, port = 0): Promise<ClearnodeProcess> => {
  const child: ChildProcess = spawn(process.execPath, [main, '--home', home, '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  if (child.stdout === null) throw new Error('no stdout')
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const ready = new Promise<string>((resolve) => {
    reader.on('line', (line) => {
      lines.push(line)
      resolve(line)
    })
  })
  const died = exited.then(([code]) => {
    throw new Error(`the node ended with ${code} before it was ready`)
  })
  const line = await Promise.race([ready, died])
  const { url, faucetUrl, broker, pid } = JSON.parse(line) as ClearnodeProcess
  return {
    url,
    faucetUrl,
    broker,
    pid,
    lines,
    end: (signal) => {
      child.kill(signal)
      return exited
    },
    fund: async (wallet, amount) => {
      const reply = await fetch(faucetUrl, { method: 'POST', body: JSON.stringify({ wallet, asset: 'usdc', amount }) })
      if (reply.status !== 200) throw new Error(`faucet: ${reply.status} ${await reply.text()}`)
      await reply.arrayBuffer()
    },
  }
}
