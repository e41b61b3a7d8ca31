const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1 << 10,
  MiB: 1 << 20,
  GiB: 1 << 30,
}

/** Bytes of text such as `4GB` (10⁹), `512MiB` (2²⁰) or `1.5 GiB`; undefined when it is none, or no whole number of bytes above 0. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = 'B'] = /^(\d{1,9}(?:\.\d{1,3})?) ?([KMG]i?B|B)?$/.exec(text) ?? []
  const factor = UNITS[unit]
  if (digits === undefined || factor === undefined) return undefined
  const bytes = (Math.round(Number(digits) * 1_000) * factor) / 1_000
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** Thousandths of a core of text such as `2` or `0.5`; undefined when it is none or 0. */
export function parseCpu(text: string): number | undefined {
  const [digits] = /^\d{1,4}(?:\.\d{1,3})?$/.exec(text) ?? []
  const millis = digits === undefined ? 0 : Math.round(Number(digits) * 1_000)
  return millis > 0 ? millis : undefined
}
