import type { House } from '../../../tidy/house.ts'
import { parse } from '../../../tidy/source.ts'

/** A house made of a few files. */
export function houseOf(files: Record<string, string>, over: Partial<House> = {}): House {
  const sources = Object.entries(files).filter(([path]) => /\.(?:ts|mjs)$/.test(path) && !path.endsWith('.wire.ts'))
  return {
    top: [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))],
    files: new Map(Object.entries(files)),
    sources: new Map(sources.map(([path, text]) => [path, parse(path, text)])),
    wire: new Map(),
    commits: [],
    machineWords: [],
    ...over,
  }
}

export const lines = (count: number): string => 'void 0\n'.repeat(count)
