import { getAddress, keccak256, recoverAddress, stringToBytes, type Hex } from 'viem'
import { privateKeyToAccount, sign } from 'viem/accounts'
import { goString } from './json.ts'
import type { Definition } from './params.ts'

/** The node's own key: signs every answer and every push, raw ECDSA over keccak256 of the exact `res` text. */
export interface Broker {
  readonly address: Hex
  readonly sign: (text: string) => Promise<Hex>
}

export const brokerOf = (privateKey: Hex): Broker => ({
  address: privateKeyToAccount(privateKey).address,
  sign: (text) => sign({ hash: hashText(text), privateKey, to: 'hex' }),
})

export const hashText = (text: string): Hex => keccak256(stringToBytes(text))

/** EIP-55 address that signed the exact text, or undefined when no key can be recovered. */
export const signerOf = async (text: string, signature: string): Promise<Hex | undefined> => {
  if (!/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined
  try {
    return getAddress(await recoverAddress({ hash: hashText(text), signature: signature as Hex }))
  } catch {
    // Recovery throws for r, s or v off the curve: on the wire that is one and the same refusal.
    return undefined
  }
}

/** Session id: keccak256 of the definition as Go writes it, in this key order. */
export const appSessionId = (d: Definition): Hex => {
  const list = (items: readonly string[]): string => (items.length === 0 ? '[]' : `[${items.join(',')}]`)
  const text =
    `{"application":${goString(d.application)},"protocol":${goString(d.protocol)},` +
    `"participants":${list(d.participants.map(goString))},"weights":${list(d.weights.map(String))},` +
    `"quorum":${d.quorum},"challenge":${d.challenge},"nonce":${d.nonce}}`
  return hashText(text)
}
