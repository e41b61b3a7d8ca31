const FIRST_BYTES = 4_096

/** What one stream of a call printed, from its first byte. A single chunk is kept as it came; more grow in place. */
export class Transcript {
  #bytes: Uint8Array = NOTHING
  #length = 0

  get length(): number {
    return this.#length
  }

  append(chunk: Uint8Array): void {
    if (this.#length === 0) {
      this.#bytes = chunk
      this.#length = chunk.length
      return
    }
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

const NOTHING = new Uint8Array(0)
