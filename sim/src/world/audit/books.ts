import {
  Authorisation,
  Grant,
  Notice,
  peekDocument,
  Receipt,
  Statement,
  workAnswers,
  type DocumentType,
  type Scope,
  type Signed,
} from '@orien/protocol'
import type { MemoryDisk } from '@orien/node/store'

/** What a provider's own disk says of one session: signed documents, and nothing derived from them. */
export interface ProviderSession {
  readonly sid: string
  readonly provider: string
  readonly grant: Grant
  /** In order of receiptSeq. */
  readonly calls: readonly ProviderCall[]
  /** Newest first seen by the provider. */
  readonly notice: Notice | undefined
  /** By statementSeq. */
  readonly statements: readonly Signed<Statement>[]
}

export interface ProviderCall {
  readonly receipt: Signed<Receipt>
  readonly authorisation: Signed<Authorisation>
}

/** Reads the sessions of a provider's disk. */
export function providerSessions(scope: Scope, provider: string, disk: MemoryDisk): ProviderSession[] {
  const under = (prefix: string): Uint8Array[] => entriesUnder(disk, prefix).map(([, value]) => value)
  return entriesUnder(disk, 'session/').map(([key, bytes]) => {
    const sid = key.slice('session/'.length)
    const calls = under(`done/${sid}/`).flatMap((frame): ProviderCall[] => {
      const { done } = workAnswers.decode(frame)
      if (done?.authorisation === undefined) return []
      return [
        {
          receipt: peekDocument(scope, Receipt, done.receipt),
          authorisation: peekDocument(scope, Authorisation, done.authorisation),
        },
      ]
    })
    const [notice] = under(`notice/${sid}`)
    return {
      sid,
      provider,
      grant: peekDocument(scope, Grant, bytes).value,
      calls: calls.toSorted((a, b) => a.receipt.value.receiptSeq - b.receipt.value.receiptSeq),
      notice: notice === undefined ? undefined : peekDocument(scope, Notice, notice).value,
      statements: documentsUnder(scope, disk, `statement/${sid}/`, Statement),
    }
  })
}

export function documentsUnder<T>(scope: Scope, disk: MemoryDisk, prefix: string, type: DocumentType<T>): Signed<T>[] {
  return entriesUnder(disk, prefix).map(([, value]) => peekDocument(scope, type, value))
}

function entriesUnder({ keys, values }: MemoryDisk, prefix: string): [string, Uint8Array][] {
  const found: [string, Uint8Array][] = []
  for (const key of keys) {
    const value = key.startsWith(prefix) ? values.get(key) : undefined
    if (value !== undefined) found.push([key, value])
  }
  return found
}
