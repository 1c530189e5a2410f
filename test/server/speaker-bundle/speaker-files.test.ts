import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { floatToS16le } from '../../../codec/index.ts'
import { wavHeader } from '../../../server/clips/wav-file.ts'
import { SpeakerFiles, speakerFilePath } from '../../../server/speaker-bundle/speaker-files.ts'
import { OpusFile } from '../../../speaker/alone/opus-file.ts'
import { lagOf, MAX_LAG_SAMPLES, S, wandering } from '../../speaker/alone/sounds.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'loa-speaker-files-'))
t.teardown(() => { rmSync(dataDir, { recursive: true }) })
const settings = { dataDir, ffmpegPath: 'ffmpeg', opusFormat: 'opus-32' }
const folder = join(dataDir, 'speaker-files')

const pcm = wandering(12, 1500)
const wav = join(dataDir, 'clip.wav')
const s16 = Buffer.alloc(pcm.length * 2)
floatToS16le(pcm, s16)
writeFileSync(wav, Buffer.concat([wavHeader(pcm.length), s16]))

t.test('a clip becomes one small file under its hash, which a device plays to the sample', async (t) => {
  const files = new SpeakerFiles(settings)
  t.equal(files.known('clip-a'), undefined)
  const [made, same] = await Promise.all([files.ofWav('clip-a', wav, pcm.length), files.ofWav('clip-a', wav, pcm.length)])
  t.same(made, same)
  t.same(files.known('clip-a'), made)
  const bytes = readFileSync(speakerFilePath(dataDir, made.sha256)!)
  t.equal(createHash('sha256').update(bytes).digest('hex'), made.sha256)
  t.equal(made.bytes, bytes.length)
  t.equal(made.durationSamples, pcm.length)
  t.ok(made.bytes / 12 < 4500, `${(made.bytes / 12).toFixed(0)} bytes a second; WAV has 96 000`)
  const file = (await OpusFile.open(speakerFilePath(dataDir, made.sha256)!, made.sha256))!
  t.equal(file.durationSamples, pcm.length, 'not a sample longer or shorter')
  await file.prime(7 * S)
  const block = new Float32Array(S)
  t.equal(file.read(block, 7 * S), S)
  const { lag, likeness } = lagOf(block, pcm.subarray(7 * S, 8 * S))
  t.ok(Math.abs(lag) <= MAX_LAG_SAMPLES && likeness > 0.9)
  await file.close()
})

t.test('a restart finds it again, and makes it anew when the disk has spoilt it', async (t) => {
  const before = (await new SpeakerFiles(settings).ofWav('clip-a', '/not/there', pcm.length))
  t.ok(before.sha256, 'nothing was made')
  const path = speakerFilePath(dataDir, before.sha256)!
  const bytes = readFileSync(path)
  bytes[1000]! ^= 1
  writeFileSync(path, bytes)
  const again = await new SpeakerFiles(settings).ofWav('clip-a', wav, pcm.length)
  t.equal(createHash('sha256').update(readFileSync(speakerFilePath(dataDir, again.sha256)!)).digest('hex'), again.sha256)
  t.equal(again.sha256, before.sha256, 'the same sound gives the same file, so devices need not fetch it again')
})

t.test('what cannot be made leaves nothing, is counted, and holds nobody up', async (t) => {
  const files = new SpeakerFiles(settings)
  const names = readdirSync(folder).length
  const failing = files.ofWav('clip-b', '/not/there', 1)
  const tone = files.ofPcm('tone-attention', pcm.subarray(0, S))
  await t.rejects(failing, /ffmpeg/)
  t.equal((await tone).durationSamples, S)
  t.equal(files.failures('clip-b'), 1)
  t.equal(readdirSync(folder).length, names + 2)
  t.notOk(readdirSync(folder).some((name) => name.endsWith('.part')))
  t.equal(speakerFilePath(dataDir, '../clip.wav'), null)
})
