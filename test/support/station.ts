import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { FRAME_FLAG, type BusFrame } from '../../rooms/frame-bus.ts'
import { sourceRoom } from '../../rooms/plan.ts'
import type { SourceSpec } from '../../server/link/messages.ts'
import { startEngine, type TestEngine } from './engine-process.ts'
import { encodedNoise, encodedTone, MP3, paceBytes, quickPcm } from './live-sound.ts'
import { shortToneRatioDb } from './tone-ratio.ts'
import { waitUntil } from './wait-until.ts'

export const RELAY_ROOM = sourceRoom('radio')

const SECONDS = 40
const TONES = { 700: encodedTone(700, SECONDS, MP3), 1900: encodedTone(1900, SECONDS, MP3), 0: encodedTone(700, SECONDS, MP3, 0), noise: encodedNoise(SECONDS, MP3) } as const

/** A small station: plays one tone in a loop to whoever comes, as Icecast does, and can be made to fail in every way. */
export class Station {
  toneHz: keyof typeof TONES
  /** `sound`; `stall`: connections stay open without a byte; `refuse`: 404 and broken connections. */
  mode: 'sound' | 'stall' | 'refuse' = 'sound'
  connectionsTotal = 0
  connections = 0
  readonly requests: IncomingMessage[] = []
  readonly server: Server

  constructor(toneHz: keyof typeof TONES) {
    this.toneHz = toneHz
    this.server = createServer((request, response) => { this.#play(request, response) })
  }

  url(path = '/stream', credentials = ''): string {
    return `http://${credentials}127.0.0.1:${String((this.server.address() as AddressInfo).port)}${path}`
  }

  static async start(t: Test, toneHz: keyof typeof TONES): Promise<Station> {
    const station = new Station(toneHz)
    await new Promise<void>((resolve) => station.server.listen(0, '127.0.0.1', resolve))
    t.teardown(async () => {
      station.server.closeAllConnections()
      await new Promise((resolve) => station.server.close(resolve))
    })
    return station
  }

  #play(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push(request)
    if (this.mode === 'refuse') {
      response.writeHead(404).end()
      return
    }
    this.connectionsTotal++
    this.connections++
    response.writeHead(200, { 'content-type': 'audio/mpeg' })
    response.flushHeaders()
    const { toneHz } = this
    const stop = paceBytes(TONES[toneHz], SECONDS * 1000, (part) => {
      if (this.mode === 'refuse') response.destroy()
      else if (this.mode === 'sound') {
        // All tones have frames of the same sizes, so one can go on where another stops.
        const at = part.byteOffset - TONES[toneHz].byteOffset
        response.write(TONES[this.toneHz].subarray(at, at + part.length))
      }
    }, 2000)
    response.on('close', () => {
      stop()
      this.connections--
    })
  }
}

/** Spec of a relay with the id `radio`. */
export const relay = (urls: readonly string[], more: Partial<Extract<SourceSpec, { kind: 'relay' }>> = {}): SourceSpec =>
  ({ kind: 'relay', id: 'radio', name: 'Đài', urls, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', ...more })

/** An engine that has these sources and the relay on air. */
export async function relayEngine(t: Test, sources: readonly SourceSpec[], settings: Readonly<Record<string, string>> = {}): Promise<TestEngine> {
  const engine = await startEngine(t, { LOA_ALLOW_PRIVATE_SOURCES: 'true', LOA_RELAY_RETRY_MS: '1500', ...settings })
  engine.setState({ sources, programmes: [{ room: RELAY_ROOM, kind: 'source', sourceId: 'radio' }] })
  engine.setInterest([{ room: RELAY_ROOM, format: 'opus-32' }])
  return engine
}

export const isBridged = ({ flags }: BusFrame): boolean => (flags & FRAME_FLAG.BRIDGED) !== 0

/** Waits until the last 400 ms are this tone; says how long ago the wait began, ms. */
export async function waitForTone(engine: TestEngine, toneHz: number, timeoutMs = 15_000): Promise<number> {
  const startMs = performance.now()
  let looked = 0
  await waitUntil(`${String(toneHz)} Hz on the bus`, () => {
    const frames = engine.frames.slice(-20)
    if (engine.frames.length < looked + 10 || frames.length < 20 || frames.some(isBridged)) return false
    looked = engine.frames.length
    return shortToneRatioDb(quickPcm(frames).subarray(4800), toneHz) > 10
  }, timeoutMs)
  return performance.now() - startMs
}

export function assertNoHole(t: Test, engine: TestEngine): void {
  t.same(engine.frames.slice(1).filter((frame, i) => frame.frameIndex !== engine.frames[i]!.frameIndex + 1), [], 'no frame is missing')
}

