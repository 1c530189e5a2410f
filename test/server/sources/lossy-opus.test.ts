import t from 'tap'
import { OpusStreamDecoder } from '../../../codec/index.ts'
import type { RtpHeader } from '../../../codec/rtp/index.ts'
import { VoiceReceiver } from '../../../server/phone/media/voice-receiver.ts'
import { RtpMedia } from '../../../server/sources/rtp-media.ts'
import { seededRandom } from '../../support/link-emulator-random.ts'
import { clearnessDb, fecPackets } from '../../support/lossy-opus.ts'
import { speech } from '../../support/sound.ts'
import { logSpectralDistanceDb } from '../../support/spectrum.ts'

const joined = (parts: readonly Float32Array[]): Float32Array => Float32Array.from(parts.flatMap((part) => [...part]))
const header = (index: number): RtpHeader => ({ payloadType: 111, marker: false, sequence: (65_400 + index) % 65_536, timestamp: index * 960, ssrc: 5 })

/** Packets that come by one of the ways in which live Opus reaches us. */
const WAYS: Readonly<Record<string, (packets: readonly Buffer[], isLost: (index: number) => boolean) => Float32Array>> = {
  'WHIP and RTP': (packets, isLost) => {
    const parts: Float32Array[] = []
    const media = RtpMedia.opus(10, { onPcm: (pcm) => { parts.push(pcm.slice()) }, onPause: () => undefined, onSpeechEnd: () => undefined })
    for (const [index, payload] of packets.entries()) {
      if (!isLost(index)) media.push({ ...header(index), payload }, index * 20)
      media.expire(index * 20 + 15)
    }
    media.close()
    return joined(parts)
  },
  telephone: (packets, isLost) => {
    const parts: Float32Array[] = []
    const receiver = new VoiceReceiver('opus', (pcm) => { parts.push(pcm) })
    for (const [index, payload] of packets.entries()) {
      if (!isLost(index)) receiver.push(header(index), payload, true, index * 20)
      receiver.tick(index * 20 + 10)
    }
    receiver.tick(Infinity)
    receiver.close()
    return joined(parts)
  },
}

/** Of the same packets, without a look at what the next one holds of the one that is lost. */
function concealed(packets: readonly Buffer[], isLost: (index: number) => boolean): Float32Array {
  const decoder = new OpusStreamDecoder()
  const pcm = joined(packets.map((packet, index) => (isLost(index) ? decoder.bridge(960) : decoder.decode(packet))))
  decoder.close()
  return pcm
}

/**
 * Measured with several seeds, concealment against in-band FEC: at 5 % loss 10-13 against 20-27 dB over what is wrong and 0.44-0.64 against 0.09-0.16 dB between the
 * spectra; at 15 % (of which FEC brings back what is not lost in a row) 6-10 against 13-20 dB, and 1.1-2.1 against 0.27-0.66 dB.
 */
for (const { lossPercent, seed, leastDb, mostApartDb } of [{ lossPercent: 5, seed: 1, leastDb: 16, mostApartDb: 0.2 }, { lossPercent: 15, seed: 3, leastDb: 10, mostApartDb: 0.9 }]) {
  t.test(`${String(lossPercent)} % of Opus packets lost: the copies in those behind them are heard`, (t) => {
    const packets = fecPackets(speech())
    const random = seededRandom(seed * 100 + lossPercent)
    const lost = packets.map((_, index) => index > 5 && index < packets.length - 1 && random() < lossPercent / 100)
    const isLost = (index: number): boolean => lost[index]!
    const clean = concealed(packets, () => false)
    const options = { rateHz: 48_000, toHz: 8000 }
    const measure = (pcm: Float32Array): readonly [number, number] => [clearnessDb(clean, pcm), logSpectralDistanceDb(clean, pcm, options)]
    const [plainDb, plainApartDb] = measure(concealed(packets, isLost))
    t.comment(`concealed only: ${plainDb.toFixed(1)} dB over what is wrong, spectra ${plainApartDb.toFixed(2)} dB apart`)
    for (const [way, hear] of Object.entries(WAYS)) {
      t.ok(clearnessDb(clean, hear(packets, () => false)) > 100, `${way}: all of it, where nothing is lost`)
      const [db, apartDb] = measure(hear(packets, isLost))
      t.ok(db > leastDb && apartDb < mostApartDb, `${way}: ${db.toFixed(1)} dB, ${apartDb.toFixed(2)} dB apart`)
      t.ok(db > plainDb + 4 && apartDb < plainApartDb / 2, `${way}: far better than concealed`)
    }
    t.end()
  })
}
