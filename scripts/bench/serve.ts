/** A question over the IPC channel, and its answer. */
export interface Question {
  readonly id: number
  readonly method: string
  readonly argument: unknown
}

export interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** What a peer can be asked. `start` comes first and once, `stop` last. */
export type Methods = Readonly<Record<string, (argument: never) => unknown>>

/** Serves this process's IPC channel. The process ends when its owner is gone. */
export function serve(methods: Methods): void {
  const all: Methods = {
    cpuUs: () => {
      const { user, system } = process.cpuUsage()
      return user + system
    },
    rssMib: () => process.memoryUsage.rss() / 2 ** 20,
    stop: () => undefined,
    ...methods,
  }
  process.on('message', (question: Question) => void answer(all, question))
  process.on('disconnect', () => process.exit(0))
  // Ctrl-C reaches every process of the terminal; the owner ends us in order.
  process.on('SIGINT', () => undefined)
}

async function answer(methods: Methods, { id, method, argument }: Question): Promise<void> {
  const run = methods[method] as ((argument: unknown) => unknown) | undefined
  try {
    if (run === undefined) throw new Error(`no method ${method}`)
    send({ id, value: await run(argument) })
  } catch (error) {
    send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

function send(answered: Answer): void {
  if (process.connected) process.send?.(answered)
}
