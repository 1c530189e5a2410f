import { iceServersOf } from './ice-servers.ts'

const ANSWER_MS = 6000
/** ICE and DTLS have so long; then MP3 is the better way. */
const CONNECT_MS = 6000

/** `refused`: the server will not have it, nor by MP3; `impossible`: WebRTC is off, or its packets do not come through. */
export class WhepFailure extends Error {
  override readonly name = 'WhepFailure'
  readonly kind: 'refused' | 'impossible'
  constructor(kind: 'refused' | 'impossible', message: string) {
    super(message)
    this.kind = kind
  }
}

export interface WhepSession {
  readonly stream: MediaStream
  readonly close: () => void
}

/**
 * Hears one thing by WHEP (draft-ietf-wish-whep).
 * @param lost is called once when sound stops coming for good
 * @throws WhepFailure
 */
export async function openWhep(url: string, pass: string, language: string, lost: () => void): Promise<WhepSession> {
  if (typeof RTCPeerConnection === 'undefined') throw new WhepFailure('impossible', 'no WebRTC in this browser')
  const connection = new RTCPeerConnection()
  const heard = new Promise<MediaStream>((resolve) => {
    connection.addEventListener('track', ({ streams, track }) => { resolve(streams[0] ?? new MediaStream([track])) }, { once: true })
  })
  const authorization = `Bearer ${pass}`
  let location: string | null = null
  const close = (): void => {
    connection.close()
    if (location !== null) void fetch(location, { method: 'DELETE', headers: { authorization }, keepalive: true }).catch(() => undefined)
  }
  try {
    connection.addTransceiver('audio', { direction: 'recvonly' })
    await connection.setLocalDescription(await connection.createOffer())
    const response = await fetch(url, { method: 'POST', headers: { authorization, 'content-type': 'application/sdp', 'accept-language': language }, body: connection.localDescription?.sdp ?? '', signal: AbortSignal.timeout(ANSWER_MS), cache: 'no-store' })
    if (response.status !== 201) throw new WhepFailure(response.status < 500 && response.status !== 405 ? 'refused' : 'impossible', await reason(response, language))
    location = new URL(response.headers.get('location') ?? '', url).href
    const iceServers = iceServersOf(response.headers.get('link'))
    if (iceServers.length > 0) connection.setConfiguration({ iceServers })
    await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() })
    await connected(connection)
  } catch (error) {
    close()
    throw error instanceof WhepFailure ? error : new WhepFailure('impossible', String(error))
  }
  connection.addEventListener('connectionstatechange', () => { if (connection.connectionState === 'failed') lost() })
  return { stream: await heard, close }
}

function connected(connection: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new WhepFailure('impossible', 'no connection')) }, CONNECT_MS)
    const look = (): void => {
      const { connectionState: state } = connection
      if (state !== 'connected' && state !== 'failed') return
      clearTimeout(timer)
      connection.removeEventListener('connectionstatechange', look)
      if (state === 'connected') resolve()
      else reject(new WhepFailure('impossible', 'no connection'))
    }
    connection.addEventListener('connectionstatechange', look)
    look()
  })
}

async function reason(response: Response, language: string): Promise<string> {
  const problem = await response.json().catch(() => ({})) as Readonly<Record<string, unknown>>
  const told = problem[language === 'vi' ? 'titleVi' : 'title']
  return typeof told === 'string' ? told : `HTTP ${String(response.status)}`
}
