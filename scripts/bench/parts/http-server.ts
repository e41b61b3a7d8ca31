// The unpaid baseline: Fastify 5 that gives back the JSON it was sent.
import Fastify from 'fastify'
import { serve } from '../serve.ts'

const app = Fastify({ logger: false })
app.post('/echo', (request) => Promise.resolve(request.body))

serve({
  start: () => app.listen({ port: 0, host: '127.0.0.1' }),
  stop: () => app.close(),
})
