import { Point } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, fromHex, hex, nobleSigner, utf8 } from '../../src/index.ts'

/** One line of ed25519.json. */
export interface Ed25519Vector {
  readonly name: string
  readonly publicKey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
  /** What decides, in words. */
  readonly why: string
}

const { n: L, p: P } = Point.CURVE()

const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes.toReversed())}`)
const bytes32 = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 0xffn))
/** A scalar that depends on its name alone. */
const scalar = (name: string): bigint => (littleEndian(sha512(utf8(name))) % (L - 1n)) + 1n
const times = (point: Point, by: bigint): Point => point.multiply(((by % L) + L) % L, false)
const challenge = (r: Uint8Array, key: Uint8Array, message: Uint8Array): bigint =>
  littleEndian(sha512(concatBytes(r, key, message))) % L

/** The eight points of small order, and by index i the point i·T of a generator T of order 8. */
function torsion(): Point[] {
  const generator = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')
  const points = [Point.ZERO]
  for (let at = 1; at < 8; at++) points.push((points[at - 1] ?? Point.ZERO).add(generator))
  return points
}

/** Encodings of y + p for the y below 19, and of x = 0 with the sign set: other spellings of a point. */
function nonCanonical(): { name: string; bytes: Uint8Array }[] {
  const spelled: { name: string; bytes: Uint8Array }[] = []
  for (let y = 0n; y < 19n; y++) {
    for (const sign of [0n, 1n])
      spelled.push({ name: `y = p + ${y}, sign ${sign}`, bytes: bytes32(P + y + (sign << 255n)) })
  }
  spelled.push({ name: 'y = 1, sign 1', bytes: bytes32(1n + (1n << 255n)) })
  spelled.push({ name: 'y = p - 1, sign 1', bytes: bytes32(P - 1n + (1n << 255n)) })
  return spelled
}

function vector(
  name: string,
  key: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  valid: boolean,
  why: string,
): Ed25519Vector {
  return { name, publicKey: hex(key), message: hex(message), signature: hex(signature), valid, why }
}

/**
 * A signature that satisfies encode([S]B − [k]A) = R byte for byte under a key with a torsion part: R takes up −k·T, which is guessed
 * and tried until the challenge agrees. `order` and `j` name the residue wanted.
 */
function signUnderTorsion(name: string, a: bigint, part: Point, key: Uint8Array, wantPrimeR: boolean) {
  const [t1] = [part]
  for (let attempt = 0; ; attempt++) {
    const message = utf8(`${name} ${attempt}`)
    const r = scalar(`${name} r ${attempt}`)
    for (let j = 0n; j < 8n; j++) {
      const shift = Array.from({ length: Number(j) }).reduce<Point>((sum) => sum.add(t1), Point.ZERO)
      if (wantPrimeR !== shift.is0()) continue
      const encoded = times(Point.BASE, r).subtract(shift).toBytes()
      const k = challenge(encoded, key, message)
      const taken = Array.from({ length: Number(k % 8n) }).reduce<Point>((sum) => sum.add(t1), Point.ZERO)
      if (taken.equals(shift)) return { message, signature: concatBytes(encoded, bytes32((r + k * a) % L)) }
    }
  }
}

function validVectors(): Ed25519Vector[] {
  const messages: [string, Uint8Array][] = [
    ['empty message', new Uint8Array(0)],
    ['one byte', Uint8Array.of(0x72)],
    ['text', utf8('orien')],
    ['1 023 bytes', Uint8Array.from({ length: 1_023 }, (_, at) => at % 251)],
  ]
  return messages.map(([name, message], at) => {
    const signer = nobleSigner(new Uint8Array(32).fill(0x50 + at))
    return vector(`valid: ${name}`, signer.publicKey, message, signer.sign(message), true, 'made by RFC 8032')
  })
}

/** Everything near one valid signature. */
function nearVectors(): Ed25519Vector[] {
  const signer = nobleSigner(new Uint8Array(32).fill(0x60))
  const key = signer.publicKey
  const message = utf8('near')
  const good = signer.sign(message)
  const s = littleEndian(good.subarray(32))
  const withS = (value: bigint): Uint8Array => concatBytes(good.subarray(0, 32), bytes32(value))
  const flipped = (bit: number): Uint8Array =>
    good.map((byte, at) => (at === Math.floor(bit / 8) ? byte ^ (1 << (bit % 8)) : byte))
  const near = [
    vector('valid: near', key, message, good, true, 'made by RFC 8032'),
    vector('another message', key, utf8('Near'), good, false, 'the equation fails'),
    vector(
      'another key',
      nobleSigner(new Uint8Array(32).fill(0x61)).publicKey,
      message,
      good,
      false,
      'the equation fails',
    ),
    vector('S + L', key, message, withS(s + L), false, 'S is not below L'),
    vector('S = L', key, message, withS(L), false, 'S is not below L'),
    vector('S = 2^256 - 1', key, message, withS((1n << 256n) - 1n), false, 'S is not below L'),
    vector('S = L - 1', key, message, withS(L - 1n), false, 'the equation fails'),
    vector('S = 0', key, message, withS(0n), false, 'the equation fails'),
    vector('negated S', key, message, withS(L - s), false, 'the equation fails'),
    vector('empty signature', key, message, new Uint8Array(0), false, 'not 64 bytes'),
    vector('63 bytes', key, message, good.subarray(0, 63), false, 'not 64 bytes'),
    vector('65 bytes', key, message, concatBytes(good, Uint8Array.of(0)), false, 'not 64 bytes'),
    vector('key of 31 bytes', key.subarray(0, 31), message, good, false, 'not 32 bytes'),
    vector('key of 33 bytes', concatBytes(key, Uint8Array.of(0)), message, good, false, 'not 32 bytes'),
    vector('key off the curve', bytes32(2n), message, good, false, 'A is not a point'),
    vector('R off the curve', key, message, concatBytes(bytes32(2n), good.subarray(32)), false, 'the equation fails'),
  ]
  for (let k = 2n; s + k * L < 1n << 256n; k++)
    near.push(vector(`S + ${k}L`, key, message, withS(s + k * L), false, 'S is not below L'))
  for (const bit of [0, 7, 100, 255, 256, 300, 500, 511]) {
    near.push(
      vector(`bit ${bit} flipped`, key, message, flipped(bit), false, 'the equation fails, or S is not below L'),
    )
  }
  return near
}

/** R of small or mixed order under an honest key. */
function nonceVectors(): Ed25519Vector[] {
  const a = scalar('honest key')
  const key = times(Point.BASE, a).toBytes()
  const message = utf8('R')
  const small = torsion().map((part, at): Ed25519Vector => {
    const r = part.toBytes()
    const s = (challenge(r, key, message) * a) % L
    const name = at === 0 ? 'R is the identity' : `R has small order, ${at}T`
    const why =
      at === 0 ? 'R has small order; the equation holds byte for byte' : 'R has small order; the equation holds times 8'
    return vector(name, key, message, concatBytes(r, bytes32(s)), false, why)
  })
  const mixed = torsion()
    .slice(1)
    .map((part, at): Ed25519Vector => {
      const nonce = scalar(`mixed R ${at}`)
      const r = times(Point.BASE, nonce).add(part).toBytes()
      const s = (nonce + challenge(r, key, message) * a) % L
      return vector(
        `R has mixed order, + ${at + 1}T`,
        key,
        message,
        concatBytes(r, bytes32(s)),
        false,
        'the equation holds only times 8',
      )
    })
  const spelled = nonCanonical().map(({ name, bytes }): Ed25519Vector => {
    const s = (challenge(bytes, key, message) * a) % L
    return vector(`R non-canonical: ${name}`, key, message, concatBytes(bytes, bytes32(s)), false, 'R is not canonical')
  })
  return [
    vector('valid: honest key of R', key, message, honest(a, key, message), true, 'made with a scalar'),
    ...small,
    ...mixed,
    ...spelled,
  ]
}

function honest(a: bigint, key: Uint8Array, message: Uint8Array): Uint8Array {
  const nonce = scalar('honest nonce')
  const r = times(Point.BASE, nonce).toBytes()
  return concatBytes(r, bytes32((nonce + challenge(r, key, message) * a) % L))
}

/** Keys of small and mixed order, and other spellings of keys. */
function keyVectors(): Ed25519Vector[] {
  const vectors: Ed25519Vector[] = []
  torsion().forEach((part, at) => {
    const key = part.toBytes()
    const name = at === 0 ? 'A is the identity' : `A has small order, ${at}T`
    const { message, signature } = signUnderTorsion(name, 0n, part, key, true)
    vectors.push(vector(name, key, message, signature, false, 'A has small order; the equation holds byte for byte'))
  })
  torsion()
    .slice(1)
    .forEach((part, at) => {
      for (const primeR of [true, false]) {
        const a = scalar(`mixed key ${at}`)
        const key = times(Point.BASE, a).add(part).toBytes()
        const name = `A has mixed order, + ${at + 1}T, R of ${primeR ? 'prime' : 'mixed'} order`
        const { message, signature } = signUnderTorsion(name, a, part, key, primeR)
        vectors.push(
          vector(name, key, message, signature, false, 'A has a torsion part; the equation holds byte for byte'),
        )
      }
    })
  for (const { name, bytes } of nonCanonical()) {
    const message = utf8(`A ${name}`)
    const nonce = scalar(`non-canonical ${name}`)
    // Right for the spellings of the identity, where [k]A vanishes; the others have no key that anybody knows.
    const signature = concatBytes(times(Point.BASE, nonce).toBytes(), bytes32(nonce))
    vectors.push(vector(`A non-canonical: ${name}`, bytes, message, signature, false, 'A is not canonical'))
  }
  return vectors
}

/** Vectors of RFC 8032, section 7.1, tests 1 to 3. */
const RFC: readonly (readonly [key: string, message: string, signature: string])[] = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
]

/** All vectors, the same at every run. */
export function ed25519Vectors(): Ed25519Vector[] {
  const rfc = RFC.map(([key, message, signature], at) =>
    vector(
      `valid: RFC 8032 test ${at + 1}`,
      fromHex(key) ?? new Uint8Array(0),
      fromHex(message) ?? new Uint8Array(0),
      fromHex(signature) ?? new Uint8Array(0),
      true,
      'RFC 8032, 7.1',
    ),
  )
  return [...rfc, ...validVectors(), ...nearVectors(), ...nonceVectors(), ...keyVectors()]
}
