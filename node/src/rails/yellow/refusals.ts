/**
 * What a refusal of the node means to us. The node gives no codes, only text: the beginnings below are those of a real
 * node of tag clearnode/v0.5.2. Its text never leaves this folder.
 */
export type Refusal =
  | 'quorum'
  | 'unknownSigner'
  | 'signature'
  | 'notOpen'
  | 'absent'
  | 'notRedistributed'
  | 'version'
  | 'stale'
  | 'exists'
  | 'funds'
  | 'login'
  | 'keyTaken'
  | 'keyExpired'
  | 'busy'
  | 'badJwt'
  | 'other'

const TABLE: readonly (readonly [RegExp, Refusal])[] = [
  [/quorum not reached: 2 \/ 3$/, 'quorum'],
  [/signature from unknown participant wallet/, 'unknownSigner'],
  [/^failed to get wallets from RPC message/, 'signature'],
  [
    /^(?:missing signature for participant|invalid signature|quorum not reached)|request: quorum not reached/,
    'signature',
  ],
  [/^an open app session not found/, 'notOpen'],
  [/^failed to get (?:app|application) session$/, 'absent'],
  [/not fully redistributed$/, 'notRedistributed'],
  [/^incorrect app state: incorrect version/, 'version'],
  [/^invalid message timestamp/, 'stale'],
  [/^failed to create application session/, 'exists'],
  [/^(?:insufficient funds|operation denied: non-zero allocation)/, 'funds'],
  [/^authentication required/, 'login'],
  [/^signer is already in use for another wallet/, 'keyTaken'],
  [/^session key already exists but is expired/, 'keyExpired'],
  [/^failed to generate challenge/, 'busy'],
  [/^invalid JWT token/, 'badJwt'],
]

/** The meaning of the node's text. */
export function refusalOf(text: string): Refusal {
  return TABLE.find(([pattern]) => pattern.test(text))?.[1] ?? 'other'
}
