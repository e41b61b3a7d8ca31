// Baseline: an MCP server over streamable HTTP with one tool that gives back its message. Loaded only where its packages are installed, so
// they are named at run time.
import { packages } from '../optional.ts'
import { serve } from '../serve.ts'

const [serverName, , nodeServerName] = packages.mcp
let server

serve({
  async start() {
    const { createMcpHandler, fromJsonSchema, McpServer } = await import(serverName)
    const { serve: listen } = await import(nodeServerName)
    const inputSchema = fromJsonSchema({
      type: 'object',
      properties: { message: { type: 'string' } },
      required: ['message'],
      additionalProperties: false,
    })
    const handler = createMcpHandler(() => {
      const mcp = new McpServer({ name: 'bench', version: '1.0.0' })
      mcp.registerTool('echo', { description: 'echo', inputSchema }, ({ message }) => ({
        content: [{ type: 'text', text: message }],
      }))
      return mcp
    })
    return new Promise((resolve) => {
      server = listen({ fetch: (request) => handler.fetch(request), port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}/mcp`),
      )
    })
  },
  stop: () =>
    new Promise((resolve) => {
      server?.closeAllConnections?.()
      server?.close(resolve)
    }),
})
