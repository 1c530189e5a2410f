import { createSocket, type Socket } from 'node:dgram'
import { aLawOf, sampleOfALaw } from '../../codec/pcm/a-law.ts'
import { waitUntil } from './wait-until.ts'

const PCMA = 8
const EVENTS = 101
const PACKET_MS = 20
const PACKET_SAMPLES = 160
const KEYS = '0123456789*#'

interface Owner {
  teardown(fn: () => Promise<void> | void): void
}

const bound = (socket: Socket): Promise<void> => new Promise((resolve) => { socket.bind(0, '127.0.0.1', resolve) })

/** A telephone of the test: SIP by UDP, a tone in G.711 for a voice, keys as telephone events. */
export class SipCaller {
  /** What it hears, 8 kHz. */
  readonly heard: number[] = []
  heardPackets = 0
  answeredAtMs = 0
  ended = false
  readonly #signals = createSocket('udp4')
  readonly #sound = createSocket('udp4')
  readonly #texts: string[] = []
  readonly #callId = `call-${String(process.pid)}-${String(Math.random()).slice(2)}`
  readonly #toPort: number
  #to = ''
  #remotePort = 0
  #sequence = 100
  #timestamp = 8000
  readonly #voiceHz: number
  #timer: NodeJS.Timeout | undefined
  #nextMs = 0

  private constructor(toPort: number, voiceHz: number, keepsHeard: boolean) {
    this.#toPort = toPort
    this.#voiceHz = voiceHz
    this.#signals.on('message', (bytes) => {
      const text = bytes.toString('latin1')
      this.#texts.push(text)
      if (!text.startsWith('BYE ')) return
      this.ended = true
      const headers = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].flatMap((name) => text.split('\r\n').filter((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)))
      this.#send(['SIP/2.0 200 OK', ...headers, 'Content-Length: 0'])
    })
    this.#sound.on('message', (bytes) => {
      if ((bytes[1]! & 0x7f) !== PCMA) return
      this.heardPackets += 1
      if (keepsHeard) for (const code of bytes.subarray(12)) this.heard.push(sampleOfALaw(code) / 32768)
    })
  }

  /** Calls, and speaks from the answer on. @param options `keepsHeard`: `heard` is kept, 8000 numbers a second */
  static async call(t: Owner, toPort: number, { voiceHz = 1000, from = '0912345678', keepsHeard = true } = {}): Promise<SipCaller> {
    const caller = new SipCaller(toPort, voiceHz, keepsHeard)
    await Promise.all([bound(caller.#signals), bound(caller.#sound)])
    t.teardown(() => { caller.silence() })
    await caller.#invite(from)
    return caller
  }

  async #invite(from: string): Promise<void> {
    const { port } = this.#sound.address()
    const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', `m=audio ${String(port)} RTP/AVP ${String(PCMA)} ${String(EVENTS)}`, `a=rtpmap:${String(PCMA)} PCMA/8000`, `a=rtpmap:${String(EVENTS)} telephone-event/8000`, `a=fmtp:${String(EVENTS)} 0-15`, 'a=ptime:20', 'a=sendrecv', ''].join('\r\n')
    this.#from = `<sip:${from}@127.0.0.1>;tag=caller`
    this.#request('INVITE', 1, [`Contact: <sip:${from}@127.0.0.1:${String(this.#signals.address().port)}>`, 'Content-Type: application/sdp'], sdp)
    const answer = await waitUntil('an answer to the INVITE', () => this.#texts.find((text) => /^SIP\/2\.0 [2-6]/.test(text)), 10_000)
    if (!answer.startsWith('SIP/2.0 200')) throw new Error(answer.split('\r\n', 1)[0])
    this.#to = /^To:\s*(.*)$/im.exec(answer)![1]!.trim()
    this.#remotePort = Number(/^m=audio (\d+)/m.exec(answer)![1])
    this.#request('ACK', 1)
    this.answeredAtMs = performance.now()
    this.#nextMs = this.answeredAtMs
    this.#timer = setInterval(() => { this.#speak() }, PACKET_MS / 2)
  }

  /** Presses keys one after the other, each for 60 ms. */
  async press(keys: string, everyMs = 160): Promise<void> {
    for (const key of keys) {
      this.#event(KEYS.indexOf(key))
      await new Promise((resolve) => { setTimeout(resolve, everyMs) })
    }
  }

  hangUp(): void {
    this.#request('BYE', 2)
    this.silence()
  }

  /** Goes without a word, as when its battery is empty. */
  silence(): void {
    clearInterval(this.#timer)
    if (this.#timer === undefined) return
    this.#timer = undefined
    setTimeout(() => { this.#signals.close() }, 200).unref()
    this.#sound.close()
  }

  #from = ''

  #request(method: string, sequence: number, headers: readonly string[] = [], body = ''): void {
    const { port } = this.#signals.address()
    this.#send([
      `${method} sip:loa@127.0.0.1:${String(this.#toPort)} SIP/2.0`, `Via: SIP/2.0/UDP 127.0.0.1:${String(port)};branch=z9hG4bK${method}${String(Math.random()).slice(2)};rport`, 'Max-Forwards: 70',
      `From: ${this.#from}`, `To: ${this.#to === '' ? `<sip:loa@127.0.0.1:${String(this.#toPort)}>` : this.#to}`, `Call-ID: ${this.#callId}`, `CSeq: ${String(sequence)} ${method}`, ...headers, `Content-Length: ${String(body.length)}`,
    ], body)
  }

  #send(lines: readonly string[], body = ''): void {
    this.#signals.send(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'), this.#toPort, '127.0.0.1')
  }

  #speak(): void {
    for (; this.#nextMs <= performance.now(); this.#nextMs += PACKET_MS) {
      const payload = Buffer.alloc(PACKET_SAMPLES)
      for (let at = 0; at < PACKET_SAMPLES; at += 1) payload[at] = aLawOf(Math.round(8000 * Math.sin((2 * Math.PI * this.#voiceHz * (this.#timestamp + at)) / 8000)))
      this.#packet(PCMA, this.#timestamp, payload)
      this.#timestamp += PACKET_SAMPLES
    }
  }

  /** RFC 4733, 2.5: its length grows, its end is sent three times. */
  #event(event: number): void {
    const timestamp = this.#timestamp
    const packet = (durationSamples: number, isEnd: boolean): void => {
      const payload = Buffer.from([event, isEnd ? 0x8a : 0x0a, 0, 0])
      payload.writeUInt16BE(durationSamples, 2)
      this.#packet(EVENTS, timestamp, payload, durationSamples === PACKET_SAMPLES)
    }
    for (let part = 1; part <= 3; part += 1) packet(part * PACKET_SAMPLES, false)
    for (let time = 0; time < 3; time += 1) packet(3 * PACKET_SAMPLES, true)
  }

  #packet(type: number, timestamp: number, payload: Buffer, isMarked = false): void {
    const head = Buffer.from([0x80, type | (isMarked ? 0x80 : 0), 0, 0, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78])
    head.writeUInt16BE(this.#sequence++ & 0xffff, 2)
    head.writeUInt32BE(timestamp, 4)
    this.#sound.send(Buffer.concat([head, payload]), this.#remotePort, '127.0.0.1')
  }
}
