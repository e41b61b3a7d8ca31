import { hunt } from './hunt.ts'

/** The program that runs in a copy: worlds, one after another, until one is not clean; one line of JSON on stdout. */
const unhandled: unknown[] = []
process.on('unhandledRejection', (error) => unhandled.push(error))
process.stdout.write(`${JSON.stringify(await hunt(Number(process.argv[2]), unhandled))}\n`)
process.exit(0)
