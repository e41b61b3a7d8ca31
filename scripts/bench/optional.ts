/** Packages of baselines that the house does not install; a row is measured where they are. */
export const packages = {
  mcp: ['@modelcontextprotocol/server', '@modelcontextprotocol/client', '@hono/node-server'],
  x402: ['@x402/core', '@x402/evm', '@x402/hono', '@hono/node-server'],
} as const

/** The first package of a baseline that is not installed. */
export function missingPackage(baseline: keyof typeof packages): string | undefined {
  return packages[baseline].find((name) => {
    try {
      import.meta.resolve(name)
      return false
    } catch (error) {
      // Installed, but without a root export.
      return !(error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')
    }
  })
}
