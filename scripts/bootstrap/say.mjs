/** One line on stderr. stdout belongs to the script that runs in the end. */
export function say(message) {
  process.stderr.write(`orien: ${message}\n`)
}

/** Ends the bootstrap with a message for a person. `end` is `{ code, signal }`, as a child process reports it. */
export class Stop extends Error {
  constructor(message, end = { code: 1, signal: null }) {
    super(message)
    this.name = 'Stop'
    this.end = end
  }
}
