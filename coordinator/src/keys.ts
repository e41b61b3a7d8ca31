/**
 * Keys of the coordinator's store. A session's key part is the hex of its id; numbers are padded so that key order is
 * number order.
 */
const WIDTH = 16

function padded(value: number): string {
  return value.toString().padStart(WIDTH, '0')
}

export const keys = {
  /** Sessions that are not over. */
  session: (sid: string) => `s/${sid}`,
  sessions: 's/',
  /** Sessions that are PAID or VOID. */
  finished: (sid: string) => `z/${sid}`,
  /** Which session has a channel. */
  channel: (channelId: string) => `i/${channelId}`,
  receipt: (sid: string, seq: number) => `r/${sid}/${padded(seq)}`,
  receipts: (sid: string) => `r/${sid}/`,
  /** Acks that were posted, by fromSeq. */
  ack: (sid: string, fromSeq: number) => `a/${sid}/${padded(fromSeq)}`,
  acks: (sid: string) => `a/${sid}/`,
  /** Acks ahead of their receipts, by id. */
  waitingAck: (sid: string, id: string) => `k/${sid}/${id}`,
  waitingAcks: (sid: string) => `k/${sid}/`,
  /** Receipts settled otherwise than by their first Ack. */
  ruling: (sid: string, seq: number) => `v/${sid}/${padded(seq)}`,
  rulings: (sid: string) => `v/${sid}/`,
  cheque: (sid: string, base: number, seq: number) => `q/${sid}/${padded(base)}/${padded(seq)}`,
  cheques: (sid: string) => `q/${sid}/`,
  /** Documents that prove a breach, or end a session. */
  evidence: (sid: string, id: string) => `e/${sid}/${id}`,
  statement: (sid: string, seq: number) => `t/${sid}/${padded(seq)}`,
  statements: (sid: string) => `t/${sid}/`,
  /** Statements that no payout has taken yet, oldest first. */
  unpaid: (atMs: number, statementId: string) => `w/${padded(atMs)}/${statementId}`,
  allUnpaid: 'w/',
  /** The payout that took a Statement, for ever. */
  taken: (statementId: string) => `m/${statementId}`,
  payout: (payoutId: string) => `p/${payoutId}`,
  payouts: 'p/',
  finishedPayout: (payoutId: string) => `y/${payoutId}`,
  payoutDocument: (payoutId: string, transaction: string) => `o/${payoutId}/${transaction}`,
  payoutDocuments: (payoutId: string) => `o/${payoutId}/`,
  /** The gas key's one transaction in flight and its next nonce. */
  gasLane: 'g/lane',
  /** Movements of our wallet in the channel ledger: how far they were read, each that was, and transfers nobody explains. */
  movementCursor: 'u/cursor',
  movement: (id: string) => `u/m/${id}`,
  unexplained: (id: string) => `u/out/${id}`,
  unexplaineds: 'u/out/',
  standing: (peer: string) => `n/${peer}`,
  standings: 'n/',
  journal: (number: number) => `j/${padded(number)}`,
  journals: 'j/',
  /** What stood after an entry. */
  checkpoint: (number: number) => `c/${padded(number)}`,
  checkpoints: 'c/',
  balance: (account: string) => `b/${account}`,
  balances: 'b/',
} as const

/** The end of a prefix, for scans: every key that starts with it sorts below. */
export function after(prefix: string): string {
  return `${prefix}\u{10ffff}`
}
