const FIRST_BYTES = 1_024

/** What one stream of a call printed, from its first byte: grows in place, one copy. */
export class Transcript {
  #bytes = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const wider = new Uint8Array(Math.max(length, this.#bytes.length * 2, FIRST_BYTES))
      wider.set(this.whole())
      this.#bytes = wider
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = length
  }

  /** Everything so far; a view that later output does not change. */
  whole(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }
}
