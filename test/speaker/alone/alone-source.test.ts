import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Alone, type AloneOptions } from '../../../speaker/alone/alone-source.ts'
import type { Bundle, BundleItem } from '../../../speaker/alone/bundle.ts'
import { BundleKeeper, type BundleKeeperOptions } from '../../../speaker/alone/bundle-keeper.ts'
import type { AloneSound, SignedMessage } from '../../../speaker/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { isSilent, lagOf, MAX_LAG_SAMPLES, opusFile, S, wandering, type MadeFile } from './sounds.ts'

t.setTimeout(60_000)

const newsPcm = wandering(20, 1500)
const musicPcm = wandering(8, 2500)
const news = opusFile(newsPcm)
const music = opusFile(musicPcm)
const FILES: readonly MadeFile[] = [news, music]

const item = (orderId: string, fromS: number, untilS: number, clips: readonly MadeFile[], more: Partial<BundleItem> = {}): BundleItem => ({
  orderId, class: 'normal', title: orderId, startsAt: '2026-06-18T03:00:00.000Z', endsAt: '2026-06-18T04:00:00.000Z', fromSamples: fromS * S, untilSamples: untilS * S, anchorSamples: fromS * S, clips: clips.map(({ sha256 }) => sha256), resume: 'continue', ...more,
})

const bundleOf = (items: readonly BundleItem[], fillers: readonly MadeFile[] = []): Bundle => ({
  kind: 'bundle', bundleId: 'b1', validFrom: '2026-06-18T03:00:00.000Z', validUntil: '2026-06-20T03:00:00.000Z', items: [...items], fillers: fillers.map(({ sha256 }) => sha256),
  files: FILES.map(({ sha256, content, durationSamples }) => ({ sha256, bytes: content.length, format: 'ogg-opus', durationSamples, path: `/v1/speaker/files/${sha256}` })),
})

/** The envelope's body stands for itself here: signatures are the gate's, and tested there. */
const sealed = (bundle: Bundle): SignedMessage => ({ type: 'signed', keyId: 'k', body: JSON.stringify(bundle), signature: 's' })

interface Bench {
  readonly keeper: BundleKeeper
  readonly alone: Alone
  readonly clock: FakeClock
  readonly fetched: string[]
  /** Lets the device stand at a place, until what is near is in memory. */
  settle(placeS: number): Promise<void>
  /** What is heard from a place on. */
  hear(fromS: number, untilS: number, missingMs?: number): { readonly pcm: Float32Array; readonly sounds: readonly AloneSound[] }
  restart(): Promise<Bench>
}

async function build(t: Test, bundle: Bundle | null, options: Partial<AloneOptions & BundleKeeperOptions> = {}, folder?: string): Promise<Bench> {
  const at = folder ?? mkdtempSync(join(tmpdir(), 'loa-alone-'))
  if (folder === undefined) t.teardown(() => { rmSync(at, { recursive: true, force: true }) })
  const clock = new FakeClock()
  const fetched: string[] = []
  let place: number | null = null
  const keeper = await BundleKeeper.open({
    folder: at, clock, wallMs: () => clock.wallMs(), minFreeBytes: 0,
    fetchFile: (path) => {
      fetched.push(path)
      const file = FILES.find(({ sha256 }) => path.endsWith(sha256))!
      return Promise.resolve((async function* () { yield file.content })())
    },
    verifyStored: ({ body }) => JSON.parse(body) as unknown,
    ...options,
  })
  const alone = new Alone({ clock, keeper, nowPlace: () => place, ...options })
  t.teardown(() => alone.close())
  if (bundle !== null) {
    keeper.connected(true)
    await keeper.take(sealed(bundle), bundle)
    if (options.fetchFile === undefined) await waitUntil('the files', () => keeper.status().filesMissing === 0)
  }
  return {
    keeper, alone, clock, fetched,
    async settle(placeS) {
      place = Math.round(placeS * S)
      await clock.advanceAsync(500)
      await waitUntil('what is near', async () => {
        await clock.advanceAsync(500)
        return alone.isReady
      })
    },
    hear(fromS, untilS, missingMs = 200) {
      const from = Math.round(fromS * S)
      const pcm = new Float32Array(Math.round(untilS * S) - from).fill(NaN)
      const sounds: AloneSound[] = []
      for (let n = 0; n < pcm.length; n += 960) sounds.push(alone.read(pcm.subarray(n, n + 960), from + n, missingMs + n / 48))
      return { pcm, sounds }
    },
    async restart() {
      await alone.close()
      return build(t, null, options, at)
    },
  }
}

const alike = (t: Test, heard: Float32Array, expected: Float32Array, what: string): void => {
  const { lag, likeness } = lagOf(heard, expected)
  t.ok(Math.abs(lag) <= MAX_LAG_SAMPLES && likeness > 0.9, `${what}: ${String(lag)} samples off, likeness ${likeness.toFixed(3)}`)
}

t.test('a cached clip goes on at its place at once, begins on time, and sounds not one sample past its end', async (t) => {
  const bench = await build(t, bundleOf([item('news', 1000, 1012, [news]), item('later', 1020, 1030, [music, news], { class: 'emergency' })]))
  await bench.settle(1003.5)
  const joined = bench.hear(1005, 1006, 0)
  alike(t, joined.pcm, newsPcm.subarray(5 * S, 6 * S), 'in the middle')
  t.same(joined.sounds[0], { playing: 'cached', orderId: 'news' })
  const end = bench.hear(1011.5, 1013)
  alike(t, end.pcm.subarray(0, S / 2), newsPcm.subarray(11.5 * S, 12 * S), 'to the end')
  t.ok(isSilent(end.pcm.subarray(S / 2)), 'silence from the first sample after it')
  t.same(end.sounds.at(-1), { playing: 'silence', orderId: null })

  await bench.settle(1019)
  const begin = bench.hear(1019.5, 1021)
  t.ok(isSilent(begin.pcm.subarray(0, S / 2)))
  alike(t, begin.pcm.subarray(S / 2), musicPcm.subarray(0, S), 'from its first sample')
  t.same(begin.sounds.at(-1), { playing: 'cached', orderId: 'later', emergency: true })
  await bench.settle(1027)
  const edge = bench.hear(1027.5, 1028.5)
  alike(t, edge.pcm.subarray(S / 2), newsPcm.subarray(0, S / 2), 'the next clip follows without a gap')
})

t.test('it is there after a restart without any network, once the time is known', async (t) => {
  const bench = await (await build(t, bundleOf([item('news', 1000, 1020, [news])]))).restart()
  t.ok(isSilent(bench.hear(1005, 1005.2).pcm))
  await bench.settle(1005)
  alike(t, bench.hear(1006, 1007).pcm, newsPcm.subarray(6 * S, 7 * S), 'after the restart')
  t.same(bench.fetched, [], 'nothing was fetched')
})

t.test('the hours of the volume are kept with the bundle, through a restart, and go round by the week', async (t) => {
  const WEEK_S = 7 * 86_400
  const hours = { weekFromSamples: 500 * S, hours: [{ from: 0, until: 10, percent: 30 }, { from: 10_079, until: 10_080, percent: 60 }] }
  const bench = await (await build(t, { ...bundleOf([]), volume: hours })).restart()
  t.equal(bench.alone.volumePercentAt(500 * S), 100, 'nothing is known yet')
  await bench.settle(1005)
  const at = (placeS: number): number => bench.alone.volumePercentAt(placeS * S)
  t.same([at(499.9), at(500), at(1099.9), at(1100), at(500 + WEEK_S - 61), at(500 + WEEK_S - 60), at(500 + WEEK_S), at(440 - 3 * WEEK_S), at(430 - 3 * WEEK_S)], [60, 30, 30, 100, 100, 60, 30, 60, 100])
  t.equal((await build(t, bundleOf([]))).alone.volumePercentAt(0), 100)
})

t.test('for a live programme: nothing for 3 s, then the filler, the same for all neighbours; none outside a programme or in an emergency', async (t) => {
  const bundle = bundleOf([item('relay', 1000, 1100, []), item('flood', 1200, 1300, [], { class: 'emergency' })], [music])
  const bench = await build(t, bundle)
  await bench.settle(1050)
  const { pcm, sounds } = bench.hear(1050, 1056, 0)
  t.ok(isSilent(pcm.subarray(0, 2.9 * S)), 'a short cut changes nothing')
  t.same([sounds[10], sounds.at(-1)], [{ playing: 'silence', orderId: null }, { playing: 'filler', orderId: null }])
  const startS = 1054 % 8
  alike(t, pcm.subarray(4 * S, 5 * S), musicPcm.subarray(startS * S, (startS + 1) * S), 'by the house clock')
  const edge = bench.hear(1099.5, 1100.5, 9000)
  t.notOk(isSilent(edge.pcm.subarray(0, S / 2)))
  t.ok(isSilent(edge.pcm.subarray(S / 2)), 'the filler ends with the order')
  await bench.settle(1201)
  t.ok(isSilent(bench.hear(1201, 1203, 60_000).pcm), 'music is no answer to an emergency')
  const quiet = await build(t, bundle, { playsFillers: false })
  await quiet.settle(1050)
  t.ok(isSilent(quiet.hear(1050, 1051, 60_000).pcm), 'silence by policy')
})

t.test('the other way is taken before the filler and given back when the network returns', async (t) => {
  const asked: boolean[] = []
  let works = true
  const bench = await build(t, bundleOf([item('relay', 1000, 1100, [])], [music]), { fallback: (isOn) => { asked.push(isOn); return Promise.resolve(works) } })
  await bench.settle(1050)
  t.ok(isSilent(bench.hear(1050, 1053.2, 0).pcm))
  t.same(asked, [true], 'within 5 s')
  await bench.settle(1054)
  t.ok(isSilent(bench.hear(1054, 1055, 4000).pcm), 'the amplifier has the FM receiver now')
  bench.alone.connected(true)
  t.same(asked, [true, false])
  works = false
  await bench.settle(1060)
  bench.hear(1060, 1060.1, 5000)
  await bench.settle(1061)
  t.same(asked, [true, false, true])
  t.equal(bench.hear(1061, 1062, 6000).sounds.at(-1)?.playing, 'filler', 'when the hook fails, the filler')
})

t.test('what the server said last goes before the bundle of the same time, and not before what comes after', async (t) => {
  const bench = await build(t, bundleOf([item('news', 1000, 1020, [news]), item('later', 1030, 1038, [music])], [music]))
  await bench.settle(1002)
  bench.alone.onAir({ orderId: null, fromSamples: 1002 * S })
  bench.alone.onAir(null)
  t.ok(isSilent(bench.hear(1005, 1006, 9000).pcm), 'it was stopped after the bundle was made')
  await bench.settle(1029)
  alike(t, bench.hear(1031, 1032).pcm, musicPcm.subarray(S, 2 * S), 'the next one is on')

  const other = await build(t, bundleOf([item('news', 1000, 1020, [news])], [music]))
  await other.settle(1002)
  other.alone.onAir({ orderId: 'flood', class: 'emergency', fromSamples: 1002 * S, untilSamples: 1010 * S })
  t.ok(isSilent(other.hear(1005, 1006, 9000).pcm), 'an emergency that is not kept is not replaced by the news')
  await other.settle(1011)
  alike(t, other.hear(1012, 1013).pcm, newsPcm.subarray(12 * S, 13 * S), 'and the news go on after it')
  other.alone.onAir({ orderId: 'news', fromSamples: 1010 * S, untilSamples: 1020 * S })
  alike(t, other.hear(1013, 1014).pcm, newsPcm.subarray(13 * S, 14 * S), 'one word for the same order')
})

t.test('a file that has rotted is never played: it is found when it is opened, fetched again, and then played', async (t) => {
  const bench = await build(t, bundleOf([item('news', 1000, 1020, [news])]))
  const path = bench.keeper.cache.path(news.sha256)
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 0x55
  writeFileSync(path, bytes)
  const before = bench.fetched.length
  await bench.settle(1002)
  await waitUntil('the hash', () => bench.keeper.status().corruptTotal === 1)
  await waitUntil('the file again', () => bench.keeper.status().filesMissing === 0)
  t.same(bench.fetched.slice(before), [`/v1/speaker/files/${news.sha256}`])
  t.equal(createHash('sha256').update(readFileSync(path)).digest('hex'), news.sha256)
  await bench.settle(1004)
  alike(t, bench.hear(1005, 1006).pcm, newsPcm.subarray(5 * S, 6 * S), 'after it came again')
})

t.test('a server that sends the wrong bytes is asked again later, each time less often', async (t) => {
  let good = false
  const bench = await build(t, bundleOf([item('news', 1000, 1020, [news])]), {
    fetchFile: () => Promise.resolve((async function* () { yield good ? news.content : Buffer.alloc(news.content.length) })()),
  })
  await bench.clock.advanceAsync(0)
  await waitUntil('refusal', () => bench.keeper.status().fault === 'SPEAKER_ERR_CORRUPT')
  t.match(bench.keeper.status(), { filesMissing: 1 })
  good = true
  await waitUntil('the next try', async () => {
    await bench.clock.advanceAsync(1000)
    return bench.keeper.status().filesMissing === 0
  })
  t.equal(bench.keeper.status().fault, null)
})

t.test('what is no bundle changes nothing', async (t) => {
  const bundle = bundleOf([item('news', 1000, 1020, [news])])
  const bench = await build(t, bundle)
  const bad: unknown[] = [null, {}, { ...bundle, items: [item('a', 10, 20, []), item('b', 15, 25, [])] }, { ...bundle, files: [] }, { ...bundle, items: [item('a', 20, 10, [])] }, { ...bundle, fillers: ['x'] }]
  for (const body of bad) t.equal(await bench.keeper.take(sealed(bundle), body), false)
  await bench.settle(1002)
  t.notOk(isSilent(bench.hear(1002, 1003).pcm))
})
