import { join } from 'node:path'
import { pino } from 'pino'
import { createEncoder, parseFormat } from '../../codec/index.ts'
import type { Clock } from '../../rooms/clock.ts'
import { RtcHost, type RtcHostOptions } from '../../server/webrtc/rtc-host.ts'
import { WhepFeed } from '../../server/webrtc/whep-feed.ts'
import { readWhepOffer } from '../../server/webrtc/whep-offer.ts'
import { WhepSession } from '../../server/webrtc/whep-session.ts'
import { readOffer } from '../../server/webrtc/whip-offer.ts'
import { WhipSession } from '../../server/webrtc/whip-session.ts'
import { systemClock } from '../../server/system-clock.ts'
import { frameWire } from '../../server/rtp/frame-wire.ts'

const WORKER = join(import.meta.dirname, '../../build/mediasoup/mediasoup-worker')

interface Teardown {
  teardown(fn: () => void): void
}

/** What takes WHIP and WHEP, without the processes and the HTTP around it. */
export class RtcRig {
  readonly rtc: RtcHost
  readonly feed = new WhepFeed(960)
  readonly published: WhipSession[] = []
  readonly monitors: WhepSession[] = []
  readonly #clock: Clock

  constructor(t: Teardown, options: Partial<RtcHostOptions> = {}, clock: Clock = systemClock) {
    this.#clock = clock
    this.rtc = new RtcHost({ workerPath: WORKER, ports: [0], listenAddress: '127.0.0.1', announcedAddresses: [], logger: pino({ level: 'silent' }), ...options })
    t.teardown(() => {
      for (const session of this.published) session.end('the test is over', false)
      for (const session of this.monitors) session.end('the test is over')
      this.rtc.close()
    })
  }

  readonly whip = async (offer: string): Promise<string> => {
    const session = await WhipSession.open({ id: String(this.published.length), offer: readOffer(offer), seat: await this.rtc.seat(), clock: this.#clock, watch: { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }, onEnd: () => undefined })
    this.published.push(session)
    return session.answer
  }

  readonly whep = async (offer: string): Promise<string> => {
    const session = await WhepSession.open({ id: String(this.monitors.length), offer: readWhepOffer(offer), seat: await this.rtc.seat(), feed: this.feed, clock: this.#clock, onEnd: () => undefined })
    this.monitors.push(session)
    return session.answer
  }

  /** One frame of the fan-out's. */
  feedFrame(frameIndex: number, data: Buffer): void {
    this.feed.write(frameWire.encode([{ frameIndex, data, flags: 0, isMissing: false, cut: false, orderClass: null }]))
  }
}

/** Frames of Opus, 20 ms each. */
export function opusFrames(pcm: Float32Array, expectedLossPercent = 0): Buffer[] {
  const encoder = createEncoder(parseFormat('opus-32'), { opusComplexity: 5, opusExpectedLossPercent: expectedLossPercent, mp3Quality: 7 })
  const frames: Buffer[] = []
  for (let at = 0; at + 960 <= pcm.length; at += 960) frames.push(encoder.encode(pcm.subarray(at, at + 960)))
  return frames
}
