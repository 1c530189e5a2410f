import { Browser, type BrowserPage } from '../../test/support/browser-page.ts'

/** What of a page's performance.now() and ours are the same: both count from a wall time that is told to the µs. */
const wallMs = (pageMs: number): number => pageMs - performance.timeOrigin

interface Published {
  readonly postMs: number
  readonly answeredMs: number
}

/** In the page: publishes by WHIP with nothing but what browsers have, and writes down when the microphone heard a click. */
const SCRIPT = `
globalThis.bench = { clicks: [], connection: null, location: '' }
const now = () => performance.timeOrigin + performance.now()
bench.open = async () => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } })
  bench.track = stream.getAudioTracks()[0]
  // Time stamps count from the opening of the microphone; the sound that is handed over quickest says when that was, on our clock.
  const reader = new MediaStreamTrackProcessor({ track: bench.track.clone() }).readable.getReader()
  bench.offsets = []
  let last = -Infinity
  ;(async () => {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const readMs = now()
      const samples = new Float32Array(value.numberOfFrames)
      value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
      // The sound was whole at its end; it cannot have been read before.
      bench.offsets.push(readMs - (value.timestamp / 1000 + value.duration / 1000))
      const at = samples.findIndex((sample) => Math.abs(sample) > 0.2)
      const heardMs = value.timestamp / 1000 + (at / value.sampleRate) * 1000
      if (at >= 0 && heardMs - last > 250) { last = heardMs; bench.clicks.push(heardMs) }
      value.close()
    }
  })()
}
bench.publish = async (url, key) => {
  const connection = bench.connection = new RTCPeerConnection()
  connection.addTransceiver(bench.track, { direction: 'sendonly' })
  await connection.setLocalDescription()
  const postMs = now()
  const response = await fetch(url, { method: 'POST', headers: { authorization: 'Bearer ' + key, 'content-type': 'application/sdp' }, body: connection.localDescription.sdp })
  const sdp = await response.text()
  const answeredMs = now()
  if (response.status !== 201) throw new Error(response.status + ' ' + sdp)
  bench.location = response.headers.get('location')
  await connection.setRemoteDescription({ type: 'answer', sdp })
  return { postMs, answeredMs }
}
bench.hangUp = async (key) => {
  await fetch(bench.location, { method: 'DELETE', headers: { authorization: 'Bearer ' + key } })
  bench.connection.close()
}
bench.take = () => ({ clicks: bench.clicks.splice(0), lead: Math.min(...bench.offsets) })
`

/** Chromium with a microphone in front of a loudspeaker of clicks. Times are those of performance.now() here. */
export class BrowserMicrophone {
  readonly #page: BrowserPage

  private constructor(page: BrowserPage) {
    this.#page = page
  }

  /** @param origin page from which it may send: the stream port's page for speakers */
  static async open(t: { teardown(fn: () => Promise<void>): void }, origin: string, wav: Buffer): Promise<BrowserMicrophone> {
    const browser = await Browser.open(t, wav)
    const page = await browser.page(origin)
    await page.waitForText('headline', /./)
    await page.value(`${SCRIPT};0`)
    await page.value('bench.open()')
    return new BrowserMicrophone(page)
  }

  async publish(url: string, key: string): Promise<Published> {
    const { postMs, answeredMs } = await this.#page.value<Published>(`bench.publish(${JSON.stringify(url)}, ${JSON.stringify(key)})`)
    return { postMs: wallMs(postMs), answeredMs: wallMs(answeredMs) }
  }

  async hangUp(key: string): Promise<void> {
    await this.#page.value(`bench.hangUp(${JSON.stringify(key)})`)
  }

  /**
   * When the microphone heard clicks since the last call, by the browser's own count of samples. Its clock is set by the quickest handing over of a sound to
   * the page, as if that had taken no time: all clicks are told later by what it takes at least, some ms.
   */
  async clicks(): Promise<readonly number[]> {
    const { clicks, lead } = await this.#page.value<{ clicks: readonly number[]; lead: number }>('bench.take()')
    return clicks.map((heardMs) => wallMs(heardMs + lead))
  }
}
