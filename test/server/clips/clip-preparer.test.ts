import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { isListeningCopy, listeningPath } from '../../../server/clips/listening-copies.ts'
import { shapePath } from '../../../server/clips/clip-shape.ts'
import { createClipPreparer, type ClipPreparer } from '../../../server/clips/clip-preparer.ts'

// Conversions are work for a core, and the machine may have other work.
t.setTimeout(120_000)

interface Workshop {
  readonly folder: string
  readonly preparer: ClipPreparer
  /** Makes an input file by ffmpeg. */
  make(name: string, args: readonly string[]): string
  /** Makes an input file of these bytes. */
  put(name: string, content: string | Buffer): string
  /** What stands in the folder of mezzanines. */
  mezzanines(): string[]
}

function workshop(t: Test, settings: { maxClipMs?: number; dataDir?: string; minFreeDiskBytes?: number } = {}): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'loa-clips-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const dataDir = settings.dataDir ?? join(folder, 'data')
  return {
    folder,
    preparer: createClipPreparer({ dataDir, ffmpegPath: 'ffmpeg', maxClipMs: settings.maxClipMs ?? 60_000, clipLoudnessLufs: -16, clipTruePeakDbtp: -1, minFreeDiskBytes: settings.minFreeDiskBytes ?? 0 }),
    make(name, args) {
      const path = join(folder, name)
      execFileSync('ffmpeg', ['-v', 'error', '-y', ...args, path])
      return path
    },
    put(name, content) {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    mezzanines: () => readdirSync(join(dataDir, 'clips')).filter((name) => !name.endsWith('.shape.json') && !isListeningCopy(name)),
  }
}

function measure(path: string): { lufs: number; peak: number; format: string } {
  const { stderr } = spawnSync('ffmpeg', ['-hide_banner', '-nostats', '-i', path, '-af', 'ebur128=peak=true', '-f', 'null', '-'])
  const text = stderr.toString()
  const summary = text.slice(text.lastIndexOf('Summary:'))
  return { lufs: Number(/I:\s+(\S+) LUFS/.exec(summary)![1]), peak: Number(/Peak:\s+(\S+) dBFS/.exec(summary)![1]), format: /Audio: (.*)/.exec(text)![1]! }
}

function speechFile(shop: Workshop, name: string, filter: string): string {
  const raw = join(shop.folder, 'raw.wav')
  execFileSync('espeak-ng', ['-v', 'vi', '-w', raw, 'Đây là đài truyền thanh xã. Thông báo: nước lũ đang lên nhanh, đề nghị bà con chuyển đến nơi an toàn. Xin nhắc lại, nước lũ đang lên nhanh.'])
  return shop.make(name, ['-i', raw, '-af', filter])
}

t.test('speech, quiet or loud, comes out at the loudness of the house and under the ceiling', async (t) => {
  const shop = workshop(t)
  for (const [name, filter] of [['quiet.mp3', 'volume=-24dB'], ['loud.wav', 'volume=10dB'], ['stereo.ogg', 'volume=-6dB,aformat=channel_layouts=stereo,aresample=44100']] as const) {
    const clip = await shop.preparer.prepare(speechFile(shop, name, filter))
    const { lufs, peak, format } = measure(clip.path)
    t.ok(Math.abs(lufs + 16) <= 0.5, `${name}: ${String(lufs)} LUFS`)
    t.ok(peak <= -0.9, `${name}: ${String(peak)} dBTP`)
    t.match(format, /pcm_s16le.*48000 Hz, 1 channels|pcm_s16le.*48000 Hz, mono/)
    t.equal(readFileSync(clip.path).length, clip.sizeBytes)
    t.equal(clip.sizeBytes, 44 + clip.durationSamples * 2)
    t.equal(clip.durationMs, Math.round(clip.durationSamples / 48))
  }
  t.equal(shop.mezzanines().length, 3, 'nothing but the clips is left')
})

t.test('what needs no limiter is changed by a gain alone and keeps its length to the sample', async (t) => {
  const shop = workshop(t)
  const clip = await shop.preparer.prepare(shop.make('tone.wav', ['-f', 'lavfi', '-i', 'aevalsrc=0.02*sin(2*PI*440*t):s=48000:d=3']))
  t.equal(clip.durationSamples, 144_000)
  const { lufs } = measure(clip.path)
  t.ok(Math.abs(lufs + 16) <= 0.3, `${String(lufs)} LUFS`)
  const pcm = readFileSync(clip.path).subarray(44)
  const gain = pcm.readInt16LE(2 * 27) / 32768 / (0.02 * Math.sin((2 * Math.PI * 440 * 27) / 48_000))
  const later = pcm.readInt16LE(2 * 96_027) / 32768 / (0.02 * Math.sin((2 * Math.PI * 440 * 96_027) / 48_000))
  t.ok(Math.abs(gain / later - 1) < 0.01, 'one gain from end to end')
})

t.test('the limiter neither delays nor shortens', async (t) => {
  const shop = workshop(t)
  // Quiet noise with one click per second, so that the gain it needs takes the clicks over the ceiling.
  const clip = await shop.preparer.prepare(shop.make('clicks.wav', ['-f', 'lavfi', '-i', "aevalsrc='if(eq(mod(n,48000),24000),0.9,0.02*(random(0)-0.5))':s=48000:d=4"]))
  t.equal(clip.durationSamples, 192_000)
  const pcm = readFileSync(clip.path).subarray(44)
  for (let second = 0; second < 4; second++) {
    let highest = 0
    for (let i = second * 48_000; i < (second + 1) * 48_000; i++) if (Math.abs(pcm.readInt16LE(i * 2)) > Math.abs(pcm.readInt16LE(highest * 2)) || highest < second * 48_000) highest = i
    t.ok(Math.abs(highest - (second * 48_000 + 24_000)) <= 2, `the click stands where it stood (${String(highest)})`)
  }
})

t.test('the same sound is the same clip', async (t) => {
  const shop = workshop(t)
  const path = shop.make('a.flac', ['-f', 'lavfi', '-i', 'sine=500:duration=1'])
  const progress: number[] = []
  const first = await shop.preparer.prepare(path, (fraction) => progress.push(fraction))
  const second = await shop.preparer.prepare(path)
  t.same(second, first)
  t.match(first.clipId, /^[0-9a-f]{32}$/)
  t.equal(progress.at(-1), 1)
  t.same(progress, [...progress].sort((a, b) => a - b))
  t.equal(shop.mezzanines().length, 1)
})

t.test('how a clip looks and how loud it goes out is worked out once, and again when that is lost', async (t) => {
  const shop = workshop(t)
  // A second of tone, one of silence, one of a tone 12 dB lower.
  const { path, durationSamples } = await shop.preparer.prepare(shop.make('a.wav', ['-f', 'lavfi', '-i', "aevalsrc='sin(2*PI*500*t)*(lt(t,1)+0.25*gte(t,2))*0.2':d=3:s=48000"]))
  const shape = await shop.preparer.shape(path)
  t.equal(shape.peaks.length, 300)
  const [loud, silent, low] = [shape.peaks[50]!, shape.peaks[150]!, shape.peaks[250]!]
  t.ok(silent < 0.001 && Math.abs(loud / low - 4) < 0.2, `${String(loud)} ${String(silent)} ${String(low)}`)
  t.ok(Math.abs(shape.integratedLufs! - measure(path).lufs) <= 0.1 && Math.abs(shape.truePeakDbtp! - measure(path).peak) <= 0.1)
  t.equal(durationSamples, 144_000)

  const kept = readFileSync(shapePath(path), 'utf8')
  for (const lost of [null, '{"peaks":[']) {
    if (lost === null) rmSync(shapePath(path))
    else writeFileSync(shapePath(path), lost)
    const [again, beside] = await Promise.all([shop.preparer.shape(path), shop.preparer.shape(path)])
    t.same(again, shape)
    t.same(beside, shape)
    t.equal(readFileSync(shapePath(path), 'utf8'), kept)
  }

  const part = join(shop.folder, 'part.wav')
  await shop.preparer.cut(path, 24_000, 60_000, part)
  const [whole, cut] = [readFileSync(path), readFileSync(part)]
  t.equal(cut.length, 44 + 36_000 * 2)
  t.same(cut.subarray(44 + 480, cut.length - 480), whole.subarray(44 + 48_000 + 480, 44 + 120_000 - 480), 'sample for sample but for the fades')
  t.same([cut.readInt16LE(44), cut.readInt16LE(cut.length - 2)], [0, 0], 'without a click at its ends')
  t.equal((await shop.preparer.prepare(part)).durationSamples, 36_000)

  await shop.preparer.remove(path)
  await shop.preparer.remove(path)
  t.equal(shop.mezzanines().length, 1)
  await t.rejects(shop.preparer.shape(join(shop.folder, 'nobody.wav')))
})

t.test('silence and very short sound are clips too', async (t) => {
  const shop = workshop(t)
  const silence = await shop.preparer.prepare(shop.make('silence.wav', ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono', '-t', '2']))
  t.equal(silence.loudnessLufs, -Infinity)
  t.equal(silence.durationSamples, 96_000)
  const short = await shop.preparer.prepare(shop.make('short.wav', ['-f', 'lavfi', '-i', 'sine=500:sample_rate=48000:duration=0.1']))
  t.equal(short.durationSamples, 4800)
})

t.test('files that are no clips are refused with a code, and nothing is left', async (t) => {
  const shop = workshop(t, { maxClipMs: 5000 })
  const victim = shop.make('victim.wav', ['-f', 'lavfi', '-i', 'sine=500:duration=1'])
  const good = readFileSync(shop.make('good.mp3', ['-f', 'lavfi', '-i', 'sine=500:duration=1']))
  const cases: readonly (readonly [string, string, string])[] = [
    ['empty', shop.put('empty.mp3', ''), 'CLIP_ERR_UNREADABLE'],
    ['text', shop.put('text.mp3', 'nothing to hear\n'.repeat(1000)), 'CLIP_ERR_UNREADABLE'],
    ['noise', shop.put('noise.bin', Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 7919 * (i + 3)) & 255))), 'CLIP_ERR_UNREADABLE'],
    ['picture', shop.make('picture.png', ['-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1']), 'CLIP_ERR_UNREADABLE'],
    ['film without sound', shop.make('film.mp4', ['-f', 'lavfi', '-i', 'color=red:s=64x64:d=1']), 'CLIP_ERR_UNREADABLE'],
    ['concat list', shop.put('list.ffconcat', `ffconcat version 1.0\nfile '${victim}'\n`), 'CLIP_ERR_UNREADABLE'],
    ['HLS playlist', shop.put('list.m3u8', `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\n${victim}\n#EXT-X-ENDLIST\n`), 'CLIP_ERR_UNREADABLE'],
    ['session description', shop.put('list.sdp', 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n'), 'CLIP_ERR_UNREADABLE'],
    ['too long', shop.make('long.opus', ['-f', 'lavfi', '-i', 'sine=500:duration=7']), 'CLIP_ERR_TOO_LONG'],
    ['hours of silence in few bytes', shop.make('hours.flac', ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '7200']), 'CLIP_ERR_TOO_LONG'],
    ['head of a WAV', shop.put('head.wav', readFileSync(victim).subarray(0, 44)), 'CLIP_ERR_UNREADABLE'],
    ['no sample at all', shop.make('nothing.flac', ['-f', 'lavfi', '-i', 'sine=500:duration=1', '-af', 'atrim=end_sample=0']), 'CLIP_ERR_EMPTY'],
  ]
  for (const [name, path, code] of cases) await t.rejects(shop.preparer.prepare(path), { code }, name)
  t.same(shop.mezzanines(), [])
  // A file that breaks off is what is there of it.
  const cut = await shop.preparer.prepare(shop.put('cut.mp3', good.subarray(0, good.length / 2)))
  t.ok(cut.durationMs > 300 && cut.durationMs < 700, `${String(cut.durationMs)} ms`)
})

t.test('an upload that is given up ends its decoder and leaves nothing', async (t) => {
  const shop = workshop(t, { maxClipMs: 7_200_000 })
  const path = shop.make('hours.flac', ['-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '300'])
  const abort = new AbortController()
  await t.rejects(shop.preparer.prepare(path, (fraction) => { if (fraction > 0.5) abort.abort() }, abort.signal), { code: 'CLIP_ERR_ABORTED' })
  t.same(shop.mezzanines(), [])
})

t.test('a full disk is told as such and leaves nothing', { skip: process.getuid?.() === 0 ? false : 'needs root to mount a small disk' }, async (t) => {
  const disk = mkdtempSync(join(tmpdir(), 'loa-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk])
  t.teardown(() => {
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  })
  mkdirSync(join(disk, 'clips'))
  const shop = workshop(t, { dataDir: disk })
  const path = shop.make('ten.wav', ['-f', 'lavfi', '-i', 'sine=500:duration=10'])
  await t.rejects(shop.preparer.prepare(path), { code: 'CLIP_ERR_DISK_FULL' })
  t.same(shop.mezzanines(), [])
})

t.test('a copy to listen to is Opus, small, made once, and goes with its clip', async (t) => {
  const shop = workshop(t)
  const { preparer } = shop
  const clip = await preparer.prepare(speechFile(shop, 'speech.wav', 'volume=-6dB'))
  const asked = await Promise.all([preparer.listeningCopy(clip.path), preparer.listeningCopy(clip.path)])
  const [copy] = asked
  t.equal(asked[1], copy)
  const { lufs, format } = measure(copy)
  t.match(format, /opus, 48000 Hz, mono/)
  t.ok(Math.abs(lufs + 16) <= 1, `${String(lufs)} LUFS`)
  t.ok(statSync(copy).size < clip.sizeBytes / 10, `${String(statSync(copy).size)} of ${String(clip.sizeBytes)} bytes`)
  const madeMs = statSync(copy).mtimeMs
  await preparer.listeningCopy(clip.path)
  t.equal(statSync(copy).mtimeMs, madeMs)
  await preparer.remove(clip.path)
  t.same(readdirSync(dirname(clip.path)), [], 'nothing is left')
  await t.rejects(preparer.listeningCopy(clip.path), { code: 'CLIP_ERR_UNREADABLE' })
})

t.test('a copy that is being made ends with its clip, with the server, and where the disk is full', async (t) => {
  const shop = workshop(t)
  const clip = await shop.preparer.prepare(shop.make('tone.wav', ['-f', 'lavfi', '-i', 'sine=440:duration=50']))
  shop.preparer.beginListeningCopy(clip.path)
  const cut = t.rejects(shop.preparer.listeningCopy(clip.path), { code: 'CLIP_ERR_ABORTED' })
  await shop.preparer.remove(clip.path)
  await cut
  t.same(readdirSync(dirname(clip.path)), [])
  const again = await shop.preparer.prepare(join(shop.folder, 'tone.wav'))
  const ended = t.rejects(shop.preparer.listeningCopy(again.path), { code: 'CLIP_ERR_ABORTED' })
  await shop.preparer.close()
  await ended
  await t.rejects(shop.preparer.listeningCopy(again.path), { code: 'CLIP_ERR_ABORTED' }, 'and none is begun any more')
  const full = workshop(t, { dataDir: join(shop.folder, 'data'), minFreeDiskBytes: Number.MAX_SAFE_INTEGER })
  await t.rejects(full.preparer.listeningCopy(again.path), { code: 'CLIP_ERR_DISK_FULL' })
  t.same(shop.mezzanines().length, 1)
})

t.test('what somebody waits for is made before what nobody does', async (t) => {
  const shop = workshop(t)
  const clips = await Promise.all([10, 11, 12].map((seconds) => shop.preparer.prepare(shop.make(`${String(seconds)}.wav`, ['-f', 'lavfi', '-i', `sine=440:duration=${String(seconds)}`]))))
  for (const { path } of clips) shop.preparer.beginListeningCopy(path)
  await shop.preparer.listeningCopy(clips[2]!.path)
  t.notOk(existsSync(listeningPath(clips[1]!.path)), 'it has gone ahead of the second')
  await shop.preparer.listeningCopy(clips[1]!.path)
  await shop.preparer.close()
})
