import type { Node, Request } from './context.ts'
import { Refusal } from './errors.ts'
import { walletOf, walletOfKey } from './keys.ts'
import { signerOf } from './signing.ts'

/** Addresses that signed a request, each once. `refusal` is told when one signature recovers nothing. */
export const signersOf = async (request: Request, refusal: string): Promise<ReadonlySet<string>> => {
  const signers = new Set<string>()
  for (const signature of request.signatures) {
    const signer = await signerOf(request.text, signature)
    if (signer === undefined) throw new Refusal(refusal)
    signers.add(signer)
  }
  return signers
}

/** The wallets these signers speak for, each once. */
export const walletsOf = (node: Node, signers: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...signers].map((signer) => walletOf(node, signer)))

/**
 * How a participant signed: with its own address (also when another wallet has claimed that address as session key), or
 * by a session key; undefined when it did not.
 */
export const signatureFor = (
  node: Node,
  participant: string,
  signers: ReadonlySet<string>,
): { readonly sessionKey: string | undefined } | undefined => {
  if (signers.has(participant)) return { sessionKey: undefined }
  for (const signer of signers) if (walletOfKey(node, signer) === participant) return { sessionKey: signer }
  return undefined
}
