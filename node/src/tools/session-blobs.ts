import type { Workspaces } from './workspace.ts'

/** Blobs addressed by session, as whoever serves uploads and downloads wants them. */
export interface SessionBlobs {
  held(sessionKey: string, hash: Uint8Array): Promise<number>
  /** Takes a whole upload from `offset` on; one that breaks off is kept, to be resumed. Throws as `BlobStore.openWrite` and `BlobWriter.commit`. */
  write(
    sessionKey: string,
    hash: Uint8Array,
    size: number,
    offset: number,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<void>
  size(sessionKey: string, hash: Uint8Array): Promise<number | undefined>
  read(sessionKey: string, hash: Uint8Array, offset: number): AsyncIterable<Uint8Array>
}

/** The blobs of all sessions of these workspaces. */
export function createSessionBlobs(workspaces: Pick<Workspaces, 'blobs'>): SessionBlobs {
  return {
    held: (key, hash) => workspaces.blobs(key).held(hash),
    size: (key, hash) => workspaces.blobs(key).size(hash),
    read: (key, hash, offset) => workspaces.blobs(key).read(hash, offset),
    async write(key, hash, size, offset, chunks) {
      const writer = await workspaces.blobs(key).openWrite(hash, size, offset)
      try {
        for await (const chunk of chunks) await writer.write(chunk)
      } catch (error) {
        await writer.pause()
        throw error
      }
      await writer.commit()
    },
  }
}
