/** What a byte transport tells the frames above it. */
export interface ByteSink {
  /** Bytes in order. Valid until the call returns or longer; never written again by the transport. */
  data(chunks: Iterable<Uint8Array>): void
  /** The transport takes bytes again after write() said false. */
  writable(): void
  /** The other side sent all it wanted and closed; every byte before it was given to data(). */
  finished(): void
  /** Nothing will come or go any more: the other side reset the stream, or the connection is gone. */
  gone(how: 'aborted' | 'lost'): void
}

/** An ordered, flow-controlled, two-way byte stream: what libp2p and the memory hub give, and all that frames need. */
export interface ByteTransport {
  /** Starts delivery. Called once. */
  open(sink: ByteSink): void
  /** Takes all parts; false asks to wait for writable(). The parts belong to the transport afterwards. */
  write(parts: readonly Uint8Array[]): boolean
  /** After what was written: nothing more will come from this side. */
  finish(): Promise<void>
  /** Stops delivery, so that the other side's writes stop too once its window is used up. */
  pause(): void
  resume(): void
  /** Drops everything and tells the other side. */
  reset(reason: string): void
}
