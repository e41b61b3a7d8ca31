import { addressOfBytes, fromHex, hex, utf8 } from '../../src/index.ts'
import { PEERS, scope, WALLETS } from '../keys.ts'
import { toJson, type Json } from './json.ts'

/** The example addresses of EIP-55, and what stands in Arc's place. */
const ADDRESSES = [
  '0x52908400098527886E0F7030069857D2E4169EE7',
  '0x8617E340B3D01FA5F11F306F4090FD50E238070D',
  '0xde709f2102306220921060314715629080e2fb77',
  '0x27b1fdb04752bbc536007a920d24acb045561c26',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
  '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
  '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  '0x3600000000000000000000000000000000000000',
]

const BAD_ADDRESSES = [
  '',
  '0x',
  '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed',
  '0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED',
  '0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed0',
  '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeG',
  ' 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
]

/** An RSA, a secp256k1 and an ECDSA PeerId, a CID form, and ways to misspell a good one. */
const BAD_PEERS = [
  '',
  'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N',
  '16Uiu2HAmKUtZb2sR6bqGWA7mH5wkdXfDmFqRUpTeRbRTJZ7kpZzL',
  'bafzaajaiaejcbzwvxrqwaxdqrqbqvg3zgqjzz2hm3txh2wmzz3x4dqfzafqe6ixj',
  '12D3KooW',
  '12d3koowk99vovxne7xzybwxezw7xhk7gpv85r9f3v3fyksukph5',
  '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5 ',
  'z12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5',
  '112D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5',
  '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH0',
]

/** identity.json */
export function identityVectors(): Json {
  return toJson({
    peers: Object.values(PEERS).map(({ seed, signer, peer }) => ({ seed, publicKey: signer.publicKey, peer })),
    badPeers: BAD_PEERS,
    addresses: ADDRESSES.map((address) => {
      const bytes = fromHex(address) ?? new Uint8Array(0)
      return { bytes, address: addressOfBytes(bytes) }
    }),
    badAddresses: BAD_ADDRESSES,
    wallets: Object.values(WALLETS).map(({ key, address }) => ({ key, address })),
    capabilities: ['compile_contract', 'run_build'].map((toolId) => {
      const text = `orien/capability/1/${toolId}`
      return { toolId, text, multihash: `1220${hex(scope.crypto.sha256(utf8(text)))}` }
    }),
    records: Object.values(PEERS).map(({ peer }) => ({ peer, key: `/orien/${peer}` })),
  })
}
