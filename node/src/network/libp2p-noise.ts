import { noise } from '@libp2p/noise'
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'
import { OrienError } from '@orien/protocol'
import { Uint8ArrayList } from 'uint8arraylist'

type Components = Parameters<ReturnType<typeof noise>>[0]

/**
 * Noise, with two things the library leaves out: whoever dials hears that another identity answered (above noise the
 * error is only a text), and a packet leaves in one write instead of one for its two length bytes and one for the rest.
 */
export function orienNoise(onWrongPeer: (expected: string) => void): (components: Components) => ConnectionEncrypter {
  const create = noise()
  return (components) => {
    const encrypter: ConnectionEncrypter = create(components)
    const secureOutbound = encrypter.secureOutbound.bind(encrypter)
    const secureInbound = encrypter.secureInbound.bind(encrypter)
    encrypter.secureInbound = async (connection, options) => {
      const secured = await secureInbound(connection, options)
      joinPackets(secured.connection)
      return secured
    }
    encrypter.secureOutbound = async (connection, options) => {
      try {
        const secured = await secureOutbound(connection, options)
        joinPackets(secured.connection)
        return secured
      } catch (error) {
        if (error instanceof Error && error.name === 'UnexpectedPeerError' && options?.remotePeer !== undefined) {
          onWrongPeer(options.remotePeer.toString())
        }
        throw error
      }
    }
    return encrypter
  }
}

/** Above, copying costs more than a second write. */
const JOIN_BYTES = 16 * 1024

interface EncryptedInsides {
  encrypt: (chunk: Uint8Array | Uint8ArrayList) => Uint8ArrayList
}

function joinPackets(connection: MessageStream): void {
  const insides = connection as unknown as EncryptedInsides
  const { encrypt } = insides
  if (typeof encrypt !== 'function') {
    throw new OrienError('internal', { message: 'this version of noise encrypts elsewhere' })
  }
  insides.encrypt = (chunk) => {
    const packets = encrypt.call(connection, chunk)
    return packets.byteLength > JOIN_BYTES ? packets : new Uint8ArrayList(packets.subarray())
  }
}
