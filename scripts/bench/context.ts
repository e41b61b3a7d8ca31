/** What a group is run with. */
export interface Context {
  /** Fewer rounds and calls; the heavy rows are left out. */
  readonly quick: boolean
  /** An empty folder of its own, deleted afterwards. */
  readonly home: string
  /** Progress, on stderr. */
  readonly say: (line: string) => void
}
