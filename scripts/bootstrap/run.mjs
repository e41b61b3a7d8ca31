import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { createRelay } from './relay.mjs'

const RELAYED = ['SIGTERM', 'SIGHUP', 'SIGINT']

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

function after(ms, action) {
  const timer = setTimeout(() => action(), ms)
  return () => clearTimeout(timer)
}

/** Passes signals on to `child` until the returned function is called. */
function relayTo(child) {
  const relay = createRelay({ send: (signal) => child.kill(signal), after, hasTerminal })
  for (const signal of RELAYED) process.on(signal, relay.receive)
  return () => {
    relay.stop()
    for (const signal of RELAYED) process.off(signal, relay.receive)
  }
}

/**
 * Runs a program to its end and passes signals on that it cannot have got by itself.
 * Resolves to `{ code, signal }`; rejects only when the program cannot be started.
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    const stopRelay = relayTo(child)
    child.once('error', (error) => {
      stopRelay()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      stopRelay()
      resolve({ code, signal })
    })
  })
}

/** Ends this process the way a child ended: with its code, or by the signal that killed it. */
export function endLike({ code, signal }) {
  if (signal === null) {
    process.exitCode = code ?? 1
    return
  }
  process.exitCode = 128 + (constants.signals[signal] ?? 1)
  // The others (SIGSEGV, SIGABRT) would write a second core file.
  if (['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGKILL'].includes(signal)) process.kill(process.pid, signal)
}
