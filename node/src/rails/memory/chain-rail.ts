import { equalBytes, fromHex, hex, keccak, micros, OrienError, utf8, utf8Text, type Address } from '@orien/protocol'
import { checkLegs, feeToOffer, gasForLegs } from '../batch-rules.ts'
import type { AuthorizationReading, ChainRail, LegProof, PayoutLegDraft, RawTransaction, SignedLeg } from '../chain.ts'
import type { Wallet } from '../channel.ts'
import { recipientRules } from '../recipients.ts'
import { legBytes, type ChainState, type MemoryChain, type MemoryTransaction } from './chain.ts'

/** The keys of a payer. They differ: gas is paid in the same money. */
export interface MemoryChainKeys {
  readonly treasury: Wallet
  readonly gas: Address
}

/** The chain rail of one payer on a memory chain. */
export function memoryChainRail(chain: MemoryChain, { treasury, gas }: MemoryChainKeys): ChainRail {
  const chainId = chain.options.chainId ?? 31_337
  const rules = recipientRules([treasury.address, gas])
  /** Runs `read` on a chain that answers; rejects with `unreachable` else. */
  const ask = async <T>(read: (state: ChainState) => T): Promise<T> => {
    if (chain.state.down) throw new OrienError('unreachable', { message: 'the chain does not answer' })
    return Promise.resolve(read(chain.state))
  }
  return {
    chainId,
    treasury: treasury.address,
    ...rules,
    check: () => ask(requireRight),
    chainTimeS: () => ask((state) => state.chainTimeS()),
    async signLegs(legs) {
      checkLegs(rules, legs)
      return Promise.all(legs.map((leg) => signLeg(chainId, treasury, leg)))
    },
    nextAccountNonce: () => ask((state) => state.nextNonce(gas)),
    feeWei: (above) => ask((state) => feeToOffer(feeToOffer(0n) * state.feeTimes, above)),
    gasLimit: gasForLegs,
    async draftBatch(legs, accountNonce, maxFeePerGasWei) {
      checkLegs(rules, legs)
      return Promise.resolve(draftOf(treasury.address, legs, accountNonce, maxFeePerGasWei))
    },
    send: async (transaction) => Promise.resolve(chain.state.accept(gas, parse(transaction))),
    find: (hash, legs) =>
      ask((state) => {
        const batch = state.mined(hash)
        return batch === undefined ? undefined : { ...batch, legs: legs.map((leg) => proofOf(batch.legs, leg)) }
      }),
    authorization: (leg) => ask((state) => readingOf(state, leg)),
    balances: () => ask((state) => ({ treasuryMicros: chain.balance(treasury.address), gasWei: state.gasWei(gas) })),
    stop: () => Promise.resolve(),
  }
}

function requireRight(state: ChainState): void {
  if (state.wrong) throw new OrienError('chainMismatch', { message: 'this is another chain' })
}

async function signLeg(chainId: number, treasury: Wallet, leg: PayoutLegDraft): Promise<SignedLeg> {
  const signature = await treasury.sign({ scheme: 'keccak', bytes: legBytes(chainId, treasury.address, leg) })
  return { ...leg, signature }
}

/** A transaction's bytes hold all of it, so that one stored by an earlier process can be sent. */
function draftOf(
  treasury: Address,
  legs: readonly SignedLeg[],
  accountNonce: number,
  maxFeePerGasWei: bigint,
): RawTransaction {
  const rows = legs.map((leg) => [
    leg.recipient,
    leg.micros.toString(),
    hex(leg.nonce),
    leg.validBeforeS,
    hex(leg.signature),
  ])
  const raw = utf8(JSON.stringify({ treasury, accountNonce, fee: maxFeePerGasWei.toString(), rows }))
  return { raw, hash: `0x${hex(keccak(raw))}`, accountNonce, maxFeePerGasWei }
}

function parse(transaction: RawTransaction): MemoryTransaction {
  const { treasury, rows } = JSON.parse(utf8Text(transaction.raw)) as {
    treasury: Address
    rows: [Address, string, string, number, string][]
  }
  const legs = rows.map(([recipient, amount, nonce, validBeforeS, signature]) => ({
    recipient,
    micros: micros(BigInt(amount)),
    nonce: bytesOf(nonce),
    validBeforeS,
    signature: bytesOf(signature),
  }))
  return { ...transaction, treasury, legs, gasLimit: gasForLegs(legs.length) }
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromHex(text)
  if (bytes === undefined) throw new OrienError('internal', { message: 'a stored transaction is damaged' })
  return bytes
}

function proofOf(proofs: readonly LegProof[], leg: SignedLeg): LegProof {
  const found = proofs.find(({ nonce }) => equalBytes(nonce, leg.nonce))
  return found ?? { nonce: leg.nonce, outcome: 'failed', reason: 'other' }
}

function readingOf(state: ChainState, leg: SignedLeg): AuthorizationReading {
  const chainTimeS = state.chainTimeS()
  const spent = state.spent(leg.nonce)
  if (spent === undefined) return { used: false, chainTimeS }
  if (spent.how === 'cancelled') return { used: true, cancelled: true, chainTimeS }
  const exact = spent.leg.recipient === leg.recipient && spent.leg.micros === leg.micros
  return { used: true, chainTimeS, ...(exact ? { paidBy: spent.transaction } : {}) }
}
