/** An answer of the node that refuses a request: travels as `{ error: text }`. The texts are the real node's. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}

export type ClearnodeErrorCode =
  'CLEARNODE_LEDGER_DAMAGED' | 'CLEARNODE_NO_SUCH_ENTRY' | 'CLEARNODE_BAD_CREDIT' | 'CLEARNODE_BAD_OPTION'

/** What goes wrong outside a request: a ledger file that is not one, a bad option. Money stays as the ledger file says. */
export class ClearnodeError extends Error {
  override readonly name = 'ClearnodeError'
  constructor(
    readonly code: ClearnodeErrorCode,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
