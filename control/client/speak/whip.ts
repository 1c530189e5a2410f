import type { Offered, Probed } from './line.ts'

const TIMEOUT_MS = 6000
const FRAGMENT = 'application/trickle-ice-sdpfrag'

export interface WhipSession {
  readonly connection: RTCPeerConnection
  readonly sender: RTCRtpSender
  readonly location: string
  etag: string
}

interface Problem {
  readonly code?: unknown
  readonly title?: unknown
  readonly titleVi?: unknown
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A WHIP client (RFC 9725) with nothing but what browsers have. */
export class WhipClient {
  readonly #path: string
  readonly #key: () => string
  readonly #track: () => MediaStreamTrack | undefined
  readonly #moved: (session: WhipSession, state: RTCPeerConnectionState) => void

  /** @param moved media flow, or flow no more */
  constructor(path: string, key: () => string, track: () => MediaStreamTrack | undefined, moved: (session: WhipSession, state: RTCPeerConnectionState) => void) {
    this.#path = path
    this.#key = key
    this.#track = track
    this.#moved = moved
  }

  async offer(): Promise<Offered<WhipSession>> {
    const connection = new RTCPeerConnection()
    try {
      const { sender } = connection.addTransceiver(this.#track() ?? 'audio', { direction: 'sendonly' })
      // Without its candidates: the server answers to whoever proves to be it, from wherever.
      await connection.setLocalDescription(await connection.createOffer())
      const response = await this.#ask('POST', this.#path, { 'content-type': 'application/sdp' }, connection.localDescription!.sdp)
      if (response.status !== 201) {
        connection.close()
        return await refusal(response)
      }
      // Of another origin than the page, a path would lead to the page's own.
      const location = response.headers.get('location')
      const session: WhipSession = { connection, sender, location: location === null ? '' : new URL(location, response.url).href, etag: response.headers.get('etag') ?? '' }
      await connection.setRemoteDescription({ type: 'answer', sdp: await response.text() })
      connection.addEventListener('connectionstatechange', () => { this.#moved(session, connection.connectionState) })
      return { kind: 'taken', session }
    } catch {
      connection.close()
      return { kind: 'unreachable' }
    }
  }

  async probe({ location, etag }: WhipSession): Promise<Probed> {
    try {
      const { status } = await this.#ask('PATCH', location, { 'content-type': FRAGMENT, 'if-match': etag }, '')
      return status === 409 ? 'taken-over' : status === 404 || status === 401 ? 'gone' : status < 500 ? 'alive' : 'unreachable'
    } catch {
      return 'unreachable'
    }
  }

  async restartIce(session: WhipSession): Promise<void> {
    const { connection, location } = session
    try {
      const sdp = (await connection.createOffer({ iceRestart: true })).sdp ?? ''
      await connection.setLocalDescription({ type: 'offer', sdp })
      const response = await this.#ask('PATCH', location, { 'content-type': FRAGMENT, 'if-match': '*' }, credentialLines(sdp).join('\r\n') + '\r\n')
      if (response.status !== 200) return
      session.etag = response.headers.get('etag') ?? session.etag
      const fresh = new Map(credentialLines(await response.text()).map((line) => [line.slice(0, line.indexOf(':')), line]))
      const answer = connection.remoteDescription!.sdp.replace(/^(a=ice-(?:ufrag|pwd)):.*$/gm, (line, name: string) => fresh.get(name) ?? line)
      await connection.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch {
      // The line notices that nothing has come of it, and offers anew.
    }
  }

  async hangUp({ connection, sender, location }: WhipSession): Promise<void> {
    // Nothing more is sent from now on; the server is told why before the connection goes.
    void sender.replaceTrack(null).catch(() => undefined)
    await this.hangUpAt(location)
    connection.close()
  }

  /** Also while the page goes. */
  async hangUpAt(location: string): Promise<void> {
    await this.#ask('DELETE', location, {}).catch(() => undefined)
  }

  #ask(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
    return fetch(path, { method, headers: { authorization: `Bearer ${this.#key()}`, ...headers }, signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store', keepalive: method === 'DELETE', ...(body === undefined ? {} : { body }) })
  }
}

const credentialLines = (sdp: string): string[] => sdp.split(/\r?\n/).filter((line) => /^a=ice-(?:ufrag|pwd):/.test(line))

async function refusal(response: Response): Promise<Offered<WhipSession>> {
  const problem = await response.json().catch(() => ({})) as Problem
  const code = text(problem.code)
  const comesBack = response.status >= 500 || response.status === 408 || response.status === 429
  if (comesBack && code !== 'STREAM_ERR_WEBRTC_OFF') return { kind: 'unreachable' }
  return { kind: 'refused', code, words: { vi: text(problem.titleVi), en: text(problem.title) } }
}
