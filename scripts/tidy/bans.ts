// Where clock, timers, random, files, processes and the network are banned. The deterministic simulator drives the very
// same code, so logic reaches all of them through ports that are handed in.
//
// Words of the table:
//   'setTimeout'              the global of that name
//   'Date.now'                that member of the global
//   'new Date()'              the clock, read without naming it
//   '.randomBytes'            a member of that name on anything
//   'import uuid'             the package and all below it
//   'import node:crypto#x'    one name of a module
//   'import node:*'           every builtin that `builtins` does not list

const clock = ['Date.now', 'new Date()', 'performance', 'import p-timeout'] as const
const timers = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'AbortSignal.timeout',
  'import p-retry',
  'import delay',
] as const
const random = [
  'Math.random',
  'crypto.randomUUID',
  'crypto.getRandomValues',
  '.randomBytes',
  '.randomSecretKey',
  '.randomPrivateKey',
  'import node:crypto#randomBytes',
  'import node:crypto#randomFillSync',
  'import node:crypto#randomInt',
  'import node:crypto#randomUUID',
  'import node:crypto#generateKeyPair',
  'import node:crypto#generateKeyPairSync',
  'import @noble/hashes/utils.js#randomBytes',
  'import uuid',
] as const
const outside = ['import node:*', 'process', 'console', 'fetch', 'WebSocket', 'import ws', 'import undici'] as const

/** Builtins that only compute. */
export const builtins: readonly string[] = ['path', 'buffer', 'util', 'events', 'stream', 'crypto', 'assert', 'url']

const everything: readonly string[] = [...clock, ...timers, ...random, ...outside]

export type Ban = {
  folder: string
  banned: readonly string[]
  why: string
  /** Files, or folders ending in `/`, that are adapters although they lie here. */
  except: readonly string[]
}

export const bans: readonly Ban[] = [
  {
    folder: 'protocol/src/',
    banned: everything,
    why: 'the protocol is pure: time arrives as an argument',
    except: [],
  },
  {
    folder: 'node/src/provider/',
    banned: everything,
    why: 'provider logic reaches the outside through ports',
    except: [],
  },
  {
    folder: 'node/src/agent/',
    banned: everything,
    why: 'agent logic reaches the outside through ports',
    // The adapter that reads a caller's local files.
    except: ['node/src/agent/local-files-fs.ts'],
  },
  {
    folder: 'node/src/tools/',
    banned: everything,
    why: 'tool logic reaches files and processes through ports',
    // The runner is a process of its own, the sandbox starts processes, files-fs is the files port on a disk: adapters.
    except: ['node/src/tools/runner/', 'node/src/tools/sandbox/', 'node/src/tools/files-fs.ts'],
  },
  {
    folder: 'coordinator/src/',
    banned: everything,
    why: 'coordinator logic reaches the outside through ports',
    // The first two read the environment and put the real ports together; home/ is how commands and daemon speak, by files.
    except: ['coordinator/src/bin.ts', 'coordinator/src/config/', 'coordinator/src/config.ts', 'coordinator/src/home/'],
  },
  {
    folder: 'sim/src/world/',
    banned: everything,
    why: 'a seed replays byte for byte only when nothing else decides',
    // The turn of the event loop that ends each event: the one place where the world touches the machine's own.
    except: ['sim/src/world/kernel/time.ts'],
  },
]
