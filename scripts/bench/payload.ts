/** What is echoed: 201 bytes as JSON, on every side. */
const MESSAGE = 'x'.repeat(201 - JSON.stringify({ message: '' }).length)

export function payload(): { readonly message: string } {
  return { message: MESSAGE }
}

/** What a client is asked for. */
export interface BurstWish {
  readonly calls: number
  readonly inFlight: number
  /** The tool, where there are several. */
  readonly tool?: string
}
