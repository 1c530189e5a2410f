import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from './wait-until.ts'

/** What the page in the browser says of what it was told to do. */
export interface StudioAnswer {
  readonly status: number
  readonly location: string | null
  /** Of the answer when it is no SDP, or why the page failed. */
  readonly body: string
}

/** What a page that listens has heard. */
export interface HeardSound {
  readonly pcm: Float32Array
  /** Wall time at which the last of it was rendered. */
  readonly endMs: number
}

export interface ConnectOptions {
  /** Of the answer's candidates only those that match are used, such as `tcp` or `2001:db8`; a page cannot close UDP, but it can know of nothing else. */
  readonly candidates?: string
  /** Offers anew whenever the server says that the session has ended, or the connection is lost. */
  readonly comesBack?: boolean
}

interface Command extends ConnectOptions {
  readonly action: 'publish' | 'listen' | 'hear' | 'hang-up' | 'look'
  readonly url: string
  readonly key: string
  readonly ms?: number
}

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
// Kept, so that a line goes on that a later offer does not take over.
const connections = []
let newestSession
let leaving = false
const offer = async (command, connection) => {
  const { url, key, candidates = '' } = command
  const headers = { 'authorization': 'Bearer ' + key }
  connections.push(connection)
  await connection.setLocalDescription()
  const response = await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/sdp' }, body: connection.localDescription.sdp })
  const text = await response.text()
  const location = response.headers.get('location')
  const wanted = new RegExp(candidates)
  const answer = text.split('\\r\\n').filter((line) => !line.startsWith('a=candidate:') || wanted.test(line)).join('\\r\\n')
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: answer })
  if (response.status === 201) newestSession = new URL(location, url)
  if (response.status === 201 && command.comesBack) comeBack(command, connection, new URL(location, url), headers)
  return { status: response.status, location, body: response.status === 201 ? '' : text }
}
// The event stream ends with the session, or breaks with the process that held it.
const comeBack = async (command, connection, session, headers) => {
  await fetch(session, { headers }).then((response) => response.text()).catch(() => undefined)
  connection.close()
  while (!leaving) {
    const answer = await actions[command.action](command).catch(() => ({ status: 0 }))
    if (answer.status === 201) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
const publish = async (command) => {
  leaving = false
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } })
  const connection = new RTCPeerConnection()
  connection.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly' })
  return offer(command, connection)
}
const recorder = \`registerProcessor('recorder', class extends AudioWorkletProcessor {
  process([input]) {
    if (input.length > 0) this.port.postMessage({ atMs: Date.now(), pcm: input[0].slice() })
    return true
  }
})\`
let blocks = []
let newest
const listen = async (command) => {
  leaving = false
  const context = new AudioContext({ sampleRate: 48000, latencyHint: 'interactive' })
  await context.audioWorklet.addModule(URL.createObjectURL(new Blob([recorder], { type: 'text/javascript' })))
  const connection = new RTCPeerConnection()
  newest = connection
  blocks = []
  connection.addTransceiver('audio', { direction: 'recvonly' })
  connection.ontrack = ({ track }) => {
    const stream = new MediaStream([track])
    // Without an element that plays it, Chromium brings no sound of others into a graph.
    const element = new Audio()
    element.muted = true
    element.srcObject = stream
    void element.play()
    const node = new AudioWorkletNode(context, 'recorder')
    node.port.onmessage = ({ data }) => {
      if (newest !== connection) return
      blocks.push(data)
      if (blocks.length > 4096) blocks = blocks.slice(-3072)
    }
    context.createMediaStreamSource(stream).connect(node)
  }
  return offer(command, connection)
}
const hear = async ({ ms }) => {
  const some = blocks.slice(-Math.ceil(ms * 48 / 128))
  const pcm = new Int16Array(some.length * 128)
  some.forEach((block, index) => block.pcm.forEach((value, at) => { pcm[index * 128 + at] = Math.max(-1, Math.min(1, value)) * 32767 }))
  let text = ''
  for (const byte of new Uint8Array(pcm.buffer)) text += String.fromCharCode(byte)
  return { status: 200, location: String(some.at(-1)?.atMs ?? 0), body: btoa(text) }
}
const look = async () => {
  const reports = await connections.at(-1).getStats()
  return { status: 200, location: null, body: JSON.stringify([...reports.values()]) }
}
const hangUp = async ({ url, key }) => {
  leaving = true
  const response = await fetch(url || newestSession, { method: 'DELETE', headers: { 'authorization': 'Bearer ' + key } })
  return { status: response.status, location: null, body: await response.text() }
}
const actions = { publish, listen, hear, look, 'hang-up': hangUp }
for (;;) {
  const command = await (await fetch('/command')).json()
  const answer = await actions[command.action](command).catch((error) => ({ status: 0, location: null, body: String(error) }))
  await fetch('/answer', { method: 'POST', body: JSON.stringify(answer) })
}
</script>`

const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic',
  '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--allow-loopback-in-peer-connection', '--autoplay-policy=no-user-gesture-required']

interface Teardown {
  teardown(fn: () => Promise<void>): void
}

/** Somebody with a browser and a microphone, who sends by WHIP from a page of another origin, with nothing but what browsers have. */
export class BrowserStudio {
  readonly #server: Server
  #command: Command | undefined
  #waiting: ServerResponse | undefined
  #answer: StudioAnswer | undefined

  private constructor() {
    this.#server = createServer((request, response) => { this.#serve(request, response) })
  }

  /** @param microphone what its microphone hears, over and over: a WAV file's bytes */
  static async open(t: Teardown, microphone: Buffer): Promise<BrowserStudio> {
    const studio = new BrowserStudio()
    await new Promise<void>((resolve) => studio.#server.listen(0, '127.0.0.1', resolve))
    const folder = mkdtempSync(join(tmpdir(), 'loa-browser-'))
    const wav = join(folder, 'microphone.wav')
    writeFileSync(wav, microphone)
    const { port } = studio.#server.address() as AddressInfo
    const browser = spawn('chromium', [...FLAGS, `--user-data-dir=${folder}`, `--use-file-for-fake-audio-capture=${wav}`, `http://localhost:${String(port)}/`], { stdio: 'ignore', detached: true })
    t.teardown(async () => {
      await end(browser)
      studio.#server.closeAllConnections()
      await new Promise((resolve) => studio.#server.close(resolve))
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    let failure: Error | undefined
    browser.once('error', (error) => { failure = error })
    await waitUntil('the page in the browser runs', () => {
      if (failure !== undefined) throw failure
      return studio.#waiting !== undefined
    }, 30_000)
    return studio
  }

  /** Offers what the microphone hears. */
  publish(url: string, key: string, options: ConnectOptions = {}): Promise<StudioAnswer> {
    return this.#do({ action: 'publish', url, key, ...options })
  }

  /** Listens at a WHEP endpoint. */
  listen(url: string, token: string, options: ConnectOptions = {}): Promise<StudioAnswer> {
    return this.#do({ action: 'listen', url, key: token, ...options })
  }

  /** The last of what it has heard. */
  async hear(ms: number): Promise<HeardSound> {
    const { location, body } = await this.#do({ action: 'hear', url: '', key: '', ms })
    const bytes = Buffer.from(body, 'base64')
    return { pcm: Float32Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(index * 2) / 32_768), endMs: Number(location) }
  }

  /** What the newest connection says of itself (W3C webrtc-stats). */
  async stats(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return JSON.parse((await this.#do({ action: 'look', url: '', key: '' })).body) as Readonly<Record<string, unknown>>[]
  }

  /** Ends the session at this address, or the newest one; none comes back afterwards. */
  hangUp(key: string, url = ''): Promise<StudioAnswer> {
    return this.#do({ action: 'hang-up', url, key })
  }

  async #do(command: Command): Promise<StudioAnswer> {
    this.#answer = undefined
    this.#command = command
    this.#hand()
    return waitUntil(`the browser has done: ${command.action}`, () => this.#answer, 20_000)
  }

  #hand(): void {
    if (this.#command === undefined || this.#waiting === undefined) return
    this.#waiting.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.#command))
    this.#waiting = this.#command = undefined
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.url === '/command') {
      this.#waiting = response
      this.#hand()
    } else if (request.url === '/answer') {
      let text = ''
      request.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => {
        this.#answer = JSON.parse(text) as StudioAnswer
        response.writeHead(204).end()
      })
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)
  }
}

/** The browser and all its processes: it leads a group of its own. */
async function end(browser: ChildProcess): Promise<void> {
  if (browser.pid === undefined || browser.exitCode !== null) return
  const ended = new Promise((resolve) => browser.once('exit', resolve))
  process.kill(-browser.pid, 'SIGKILL')
  await ended
}
