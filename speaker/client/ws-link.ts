import { createHash, type X509Certificate } from 'node:crypto'
import type { RequestOptions } from 'node:https'
import { connect as connectTls, TLSSocket, type ConnectionOptions } from 'node:tls'
import { WebSocket } from 'ws'
import type { Connect } from '../ports.ts'

/** The largest message of the protocol is a frame of some hundred bytes; commands and keys are below this. */
const MAX_MESSAGE_BYTES = 256 * 1024
const CLOSED_ABNORMALLY = 1006
const WRONG_CERTIFICATE = 'the server has another certificate than the pinned one'

export interface WsLinkOptions {
  /** Such as `wss://loa.example:8010`; the path is ours. */
  readonly server: string
  /**
   * SHA-256 of the server's certificate or of its public key (SPKI), hexadecimal, colons allowed. One that is given is all that counts: the
   * certificate need not be signed by anybody, nor name the host, nor be in its time.
   */
  readonly pins?: readonly string[]
}

/** Opens links by WebSocket to the stream port. */
export function wsConnect(options: WsLinkOptions): Connect {
  const url = new URL('/v1/speaker', options.server)
  const pins = (options.pins ?? []).map(normalisedPin)
  if (pins.length > 0 && url.protocol !== 'wss:') throw new RangeError('a pinned certificate needs a wss:// server')
  return (events) => {
    const socket = new WebSocket(url, { perMessageDeflate: false, followRedirects: false, maxPayload: MAX_MESSAGE_BYTES, skipUTF8Validation: true, ...(pins.length > 0 ? { rejectUnauthorized: false } : {}) })
    let refusal = ''
    // Nothing but the request has been sent by now, and it holds no secret.
    socket.on('upgrade', (response) => {
      if (pins.length > 0 && !isPinned(response.socket, pins)) {
        refusal = WRONG_CERTIFICATE
        socket.terminate()
      }
    })
    socket.on('open', () => {
      if (refusal === '') events.open()
    })
    socket.on('message', (data, isBinary) => {
      if (isBinary) events.binary(data as Buffer)
      else events.text((data as Buffer).toString('utf8'))
    })
    socket.on('error', (error) => {
      if (refusal === '') refusal = error.message
    })
    socket.on('close', (code, reason) => {
      events.closed(code, reason.length > 0 ? reason.toString('utf8') : code === CLOSED_ABNORMALLY ? refusal : '')
    })
    return {
      sendText(text) {
        if (socket.readyState === WebSocket.OPEN) socket.send(text)
      },
      close(code, reason) {
        socket.close(code, reason)
      },
      destroy() {
        socket.terminate()
      },
    }
  }
}

/** For HTTPS requests to a server that is known by its pins. Unlike a WebSocket's upgrade such a request carries what nobody else may see, so nothing is sent before the certificate is known. */
export function pinnedTls(pins: readonly string[]): RequestOptions {
  const normalised = pins.map(normalisedPin)
  return {
    rejectUnauthorized: false,
    createConnection: (options, onCreate) => {
      const socket = connectTls({ ...(options as ConnectionOptions), rejectUnauthorized: false })
      socket.once('error', (error: Error) => { onCreate?.(error, socket) })
      socket.once('secureConnect', () => {
        if (isPinned(socket, normalised)) onCreate?.(null, socket)
        else socket.destroy(new Error(WRONG_CERTIFICATE))
      })
      return undefined
    },
  }
}

/** @throws RangeError when it is no SHA-256 */
export function normalisedPin(pin: string): string {
  const hex = pin.replace(/^sha-?256:/i, '').replaceAll(':', '').toLowerCase()
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new RangeError(`'${pin}' is no SHA-256 in hexadecimal`)
  return hex
}

function isPinned(socket: unknown, pins: readonly string[]): boolean {
  if (!(socket instanceof TLSSocket)) return false
  const certificate: X509Certificate | undefined = socket.getPeerX509Certificate()
  if (certificate === undefined) return false
  const spki = createHash('sha256').update(certificate.publicKey.export({ type: 'spki', format: 'der' })).digest('hex')
  return pins.includes(normalisedPin(certificate.fingerprint256)) || pins.includes(spki)
}
