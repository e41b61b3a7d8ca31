import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Devnet } from '../devnet/devnet.ts'

/** Writes a file of configuration and returns its path. */
async function write(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}

/** profile.toml: the devnet as everybody sees it. */
export function writeProfile(
  home: string,
  devnet: Devnet,
  bootstrap: readonly string[],
  coordinator: string | undefined,
): Promise<string> {
  return write(
    home,
    'profile.toml',
    `chainId = ${devnet.chainId}
bootstrap = [${quoted(...bootstrap)}]
${coordinator === undefined ? '' : `coordinator = "${coordinator}"`}

[channel]
rail = "yellow-v0"
url = "${devnet.clearnodeUrl}"
asset = "usdc"

[chain]
rpcUrl = "${devnet.rpcUrl}"
token = "${devnet.token}"
multicall3 = "${devnet.multicall3}"
`,
  )
}

/** provider.toml of one provider; its tools are TOML text, one `[[tools]]` each. */
export function writeProvider(
  home: string,
  name: string,
  coordinator: string,
  tools: readonly string[],
): Promise<string> {
  return write(
    home,
    'provider.toml',
    `[provider]
name = "${name}"
description = "A machine of the local network"
region = "local"
coordinators = ["${coordinator}"]
maxUnpaid = "5"
maxWindow = { usdc = "2", calls = 16 }
${tools.join('')}`,
  )
}

/** Texts as TOML strings, for an array. */
export function quoted(...texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(', ')
}
