import type { LogEvent } from '@orien/coordinator'

/** Events of a party as lines on stderr when ORIEN_BENCH_LOG names it (or `all`); nothing else. */
export function logLine(who: string): LogEvent {
  const wanted = process.env['ORIEN_BENCH_LOG']
  if (wanted !== who && wanted !== 'all') return () => undefined
  return (event, fields) => void process.stderr.write(`${who} ${event} ${JSON.stringify(fields)}\n`)
}
