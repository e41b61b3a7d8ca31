import { utf8 } from '@orien/protocol'
import type { Program } from '../../src/tools/runner/in-process.ts'

/** A program that does what a test says, one call at a time. */
export interface Steered {
  readonly program: Program
  /** Calls that started so far. */
  readonly runs: number
  print(text: string, stream?: 'stdout' | 'stderr'): Promise<void>
  exit(code?: number): void
}

export function steered(): Steered {
  let runs = 0
  let write: Parameters<Program>[0]['write'] | undefined
  let exit: ((code: number) => void) | undefined
  return {
    program(context) {
      runs++
      write = context.write
      return new Promise<number>((resolve) => (exit = resolve))
    },
    get runs() {
      return runs
    },
    async print(text, stream = 'stdout') {
      await write?.(stream, utf8(text))
    },
    exit: (code = 0) => exit?.(code),
  }
}
