// The client of the MCP baseline.
import { burst } from '../measure.ts'
import { packages } from '../optional.ts'
import { payload } from '../payload.ts'
import { serve } from '../serve.ts'

const [, clientName] = packages.mcp
let client

async function echo() {
  const { content } = await client.callTool({ name: 'echo', arguments: payload() })
  if (content[0]?.text !== payload().message) throw new Error('the echo is not what was sent')
}

serve({
  async start(url) {
    const { Client, StreamableHTTPClientTransport } = await import(clientName)
    client = new Client({ name: 'bench', version: '1.0.0' })
    await client.connect(new StreamableHTTPClientTransport(new URL(url)))
  },
  burst: ({ calls, inFlight }) => burst(calls, inFlight, echo),
  stop: () => client?.close(),
})
