import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { say } from './say.mjs'

/** How often a holder shows that it lives, and how long a lock may stand still before it counts as left behind. */
const BEAT_MS = 1000
const LEFT_BEHIND_MS = 20_000
const POLL_MS = 100

const code = (error) => (error instanceof Error && 'code' in error ? error.code : undefined)

/** Does `action`; answers `otherwise` when it fails with the error code `expected`. */
function unless(expected, otherwise, action) {
  try {
    return action()
  } catch (error) {
    if (code(error) !== expected) throw error
    return otherwise
  }
}

/** A link appears complete or not at all, so nobody ever reads a half-written lock. */
function tryTake(file, owner) {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, owner)
  try {
    return unless('EEXIST', false, () => {
      linkSync(draft, file)
      return true
    })
  } finally {
    rmSync(draft, { force: true })
  }
}

const read = (file) => unless('ENOENT', undefined, () => readFileSync(file, 'utf8'))
const beatOf = (file) => unless('ENOENT', undefined, () => statSync(file).mtimeMs)

/** True when the holder ran on this machine and is gone. A holder elsewhere (a shared folder) is judged by its beat. */
function holderIsDead(owner) {
  const [host, pid] = owner.split(' ')
  if (host !== hostname()) return false
  return unless('EPERM', false, () => unless('ESRCH', true, () => !process.kill(Number(pid), 0)))
}

/** Removes a dead lock. Only one waiter at a time may do so, and only while it still holds what was judged. */
function takeAway(file, owner, leftBehindMs) {
  const broom = `${file}.broom`
  if (!tryTake(broom, owner)) {
    const beat = beatOf(broom)
    if (beat !== undefined && Date.now() - beat > leftBehindMs) rmSync(broom, { force: true })
    return
  }
  if (read(file) === owner) rmSync(file, { force: true })
  rmSync(broom, { force: true })
}

async function take(file, owner, what, leftBehindMs) {
  let told = false
  let seen = { owner: undefined, beat: undefined, at: 0 }
  while (!tryTake(file, owner)) {
    const now = { owner: read(file), beat: beatOf(file), at: performance.now() }
    if (now.owner === seen.owner && now.beat === seen.beat) now.at = seen.at
    const stoodStill = performance.now() - now.at > leftBehindMs
    if (now.owner !== undefined && (stoodStill || holderIsDead(now.owner))) takeAway(file, now.owner, leftBehindMs)
    else await sleep(POLL_MS)
    if (!told && what !== undefined) say(`${what} is running here in another process; waiting for it`)
    told = true
    seen = now
  }
}

/**
 * Runs `action` while holding the lock `file`: one holder per clone, whatever the number of npm commands.
 * A lock whose holder died is taken away. `what`, when given, is named to a person who has to wait.
 */
export async function withLock(file, what, action, leftBehindMs = LEFT_BEHIND_MS) {
  const owner = `${hostname()} ${process.pid} ${randomUUID()}`
  await take(file, owner, what, leftBehindMs)
  const beat = setInterval(() => {
    const now = new Date()
    unless('ENOENT', undefined, () => utimesSync(file, now, now))
  }, BEAT_MS)
  try {
    return await action()
  } finally {
    clearInterval(beat)
    if (read(file) === owner) rmSync(file, { force: true })
  }
}
