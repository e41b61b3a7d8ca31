import { moneyRows, numberRows, socketRows } from './rows/beyond.ts'
import { channelRows } from './rows/channel.ts'
import { keyRows } from './rows/keys.ts'
import { probeRows, readingRows } from './rows/reading.ts'
import { refusalRows } from './rows/refusals.ts'
import type { ClearnodeRow } from './rows/row.ts'
import { mintRows, raceRows } from './rows/wrong.ts'

export type { ClearnodeRow, RowContext } from './rows/row.ts'

/**
 * What a ClearNode of tag `clearnode/v0.5.2` does, one row per observation; each throws when the node at the context's
 * address does otherwise. The rows marked `last` come last: they leave the node unusable for minutes.
 */
export const clearnodeTable: readonly ClearnodeRow[] = [
  ...channelRows,
  ...readingRows,
  ...probeRows,
  ...raceRows,
  ...mintRows,
  ...refusalRows,
  ...keyRows,
  ...numberRows,
  ...moneyRows,
  ...socketRows,
].toSorted((a, b) => Number(a.last ?? false) - Number(b.last ?? false))
