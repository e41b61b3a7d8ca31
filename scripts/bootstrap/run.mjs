import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'

/** Copies of one signal (npm's, and the one sent to the whole group) that arrive within this time are passed on once. */
const SAME_SIGNAL_MS = 1000
/** Without a terminal nobody knows whether the child got the SIGINT too: it has this long to leave by itself. */
const INTERRUPT_GRACE_MS = 1000

function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}

/** Passes signals on to `child` until the returned function is called. */
function forwardTo(child) {
  const sentAt = {}
  const timers = []
  const send = (signal) => {
    if (performance.now() - (sentAt[signal] ?? -Infinity) < SAME_SIGNAL_MS) return
    sentAt[signal] = performance.now()
    child.kill(signal)
  }
  const handlers = {
    SIGTERM: () => send('SIGTERM'),
    SIGHUP: () => send('SIGHUP'),
    // A terminal delivers Ctrl-C to the child as well; a second copy would look like a second Ctrl-C.
    SIGINT: () => {
      if (hasTerminal() || timers.length > 0) return
      timers.push(setTimeout(() => send('SIGINT'), INTERRUPT_GRACE_MS))
    },
  }
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler)
  return () => {
    for (const timer of timers) clearTimeout(timer)
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler)
  }
}

/**
 * Runs a program to its end. SIGTERM and SIGHUP are passed on, SIGINT only where no terminal can have delivered it.
 * Resolves to `{ code, signal }`; rejects only when the program cannot be started.
 */
export function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options)
    const stopForwarding = forwardTo(child)
    child.once('error', (error) => {
      stopForwarding()
      reject(error)
    })
    child.once('exit', (code, signal) => {
      stopForwarding()
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
