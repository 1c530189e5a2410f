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

interface Command {
  readonly action: 'publish' | 'hang-up'
  readonly url: string
  readonly key: string
}

const PAGE = `<!doctype html><meta charset="utf-8"><script type="module">
// Kept, so that a line goes on that a later offer does not take over.
const connections = []
const publish = async ({ url, key }) => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } })
  const connection = new RTCPeerConnection()
  connections.push(connection)
  connection.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly' })
  await connection.setLocalDescription()
  const response = await fetch(url, { method: 'POST', headers: { 'authorization': 'Bearer ' + key, 'content-type': 'application/sdp' }, body: connection.localDescription.sdp })
  const text = await response.text()
  if (response.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp: text })
  return { status: response.status, location: response.headers.get('location'), body: response.status === 201 ? '' : text }
}
const hangUp = async ({ url, key }) => {
  const response = await fetch(url, { method: 'DELETE', headers: { 'authorization': 'Bearer ' + key } })
  return { status: response.status, location: null, body: await response.text() }
}
for (;;) {
  const command = await (await fetch('/command')).json()
  const answer = await (command.action === 'publish' ? publish(command) : hangUp(command)).catch((error) => ({ status: 0, location: null, body: String(error) }))
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
  publish(url: string, key: string): Promise<StudioAnswer> {
    return this.#do({ action: 'publish', url, key })
  }

  /** Ends the session at this address. */
  hangUp(url: string, key: string): Promise<StudioAnswer> {
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
