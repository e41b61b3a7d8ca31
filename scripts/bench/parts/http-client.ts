// The client of the unpaid baseline: an undici pool, one connection for each call in flight.
import { Pool } from 'undici'
import { burst } from '../measure.ts'
import type { BurstWish } from '../payload.ts'
import { payload } from '../payload.ts'
import { serve } from '../serve.ts'

const HEADERS = { 'content-type': 'application/json' }
let pool: Pool | undefined

async function echo(): Promise<unknown> {
  if (pool === undefined) throw new Error('not started')
  const body = JSON.stringify(payload())
  const answer = await pool.request({ path: '/echo', method: 'POST', headers: HEADERS, body })
  return answer.body.json()
}

serve({
  start: (origin: string) => {
    pool = new Pool(origin, { connections: 64, pipelining: 1 })
  },
  burst: ({ calls, inFlight }: BurstWish) => burst(calls, inFlight, echo),
  stop: () => pool?.close(),
})
