import { execFileSync } from 'node:child_process'
import t from 'tap'
import type { Mp3Frame } from '../../codec/index.ts'
import { createEncoder, MP3_24K_KBPS, MP3_48K_KBPS, Mp3FrameParser, parseFormat } from '../../codec/index.ts'
import { encodeAll, speech, sweep } from '../support/sound.ts'

/**
 * Any frame may follow any frame only when none leans on the bits of the one before: main_data_begin is 0 in every frame of every bit rate,
 * on sound that would use a reservoir if there were one (speech with its pauses, a sweep, both at once after silence).
 */
t.test('no frame uses the bit reservoir', (t) => {
  const voice = speech()
  const swept = sweep(50, 20_000, 3, 0.9)
  const sound = new Float32Array(voice.length + swept.length + 48_000)
  sound.set(voice)
  sound.set(swept, voice.length + 48_000)
  for (const id of [...MP3_48K_KBPS.map((kbps) => `mp3-${String(kbps)}`), ...MP3_24K_KBPS.map((kbps) => `mp3-24k-${String(kbps)}`)]) {
    const format = parseFormat(id)
    const encoder = createEncoder(format)
    const encoded = encodeAll(encoder, sound)
    encoder.close()
    const begins: number[] = []
    const parser = new Mp3FrameParser((frame: Mp3Frame) => {
      begins.push(frame.mainDataBegin)
      if (begins.length > 1) return
      t.match(frame.header, { bitrateKbps: format.bitrateKbps, sampleRateHz: format.sampleRateHz, channels: 1, hasCrc: false, frameBytes: 3 * format.bitrateKbps }, `${id}: the header is that of the format`)
    })
    for (const frame of encoded) parser.push(frame)
    parser.end()
    t.equal(begins.length, encoded.length, `${id}: ${String(begins.length)} frames are read`)
    t.equal(begins.filter((begin) => begin !== 0).length, 0, `${id}: main_data_begin is 0 in all`)
    t.equal(parser.garbageBytes, 0, `${id}: nothing is between them`)
  }
  t.end()
})

t.test('the same count sees a reservoir where there is one', (t) => {
  const mp3 = execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(1000*t*t):s=48000:d=3', '-c:a', 'libmp3lame', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', 'pipe:1'])
  let leaning = 0
  const parser = new Mp3FrameParser((frame) => { if (frame.mainDataBegin > 0) leaning += 1 })
  parser.push(mp3)
  parser.end()
  t.ok(leaning > parser.frames / 2, `${String(leaning)} of ${String(parser.frames)} frames by ffmpeg's defaults lean on earlier ones`)
  t.end()
})
