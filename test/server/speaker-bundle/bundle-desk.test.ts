import t from 'tap'
import { parseBundle } from '../../../speaker/alone/bundle.ts'
import { BundleDesk, type BundleMessage, type SoundFiles } from '../../../server/speaker-bundle/bundle-desk.ts'
import type { SpeakerFile } from '../../../server/speaker-bundle/speaker-files.ts'
import type { ClipRecord, OrderRecord } from '../../../control/ports.ts'
import type { Arbiter, ArbiterOrder } from '../../../rooms/arbiter/index.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { buildArbiter, clips, order, s } from '../../rooms/arbiter/build.ts'

const HOUR = 3600

class FakeFiles implements SoundFiles {
  readonly made = new Map<string, SpeakerFile>()
  readonly failing = new Map<string, number>()
  readonly broken = new Set<string>()
  known = (name: string): SpeakerFile | undefined => this.made.get(name)
  failures = (name: string): number => this.failing.get(name) ?? 0
  ofWav = (name: string, _path: string, durationSamples: number): Promise<SpeakerFile> => this.#make(name, durationSamples)
  ofPcm = (name: string, pcm: Float32Array): Promise<SpeakerFile> => this.#make(name, pcm.length)

  #make(name: string, durationSamples: number): Promise<SpeakerFile> {
    if (this.broken.has(name)) {
      this.failing.set(name, this.failures(name) + 1)
      return Promise.reject(new Error('no'))
    }
    const file = { sha256: Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64), bytes: durationSamples / 12, durationSamples }
    this.made.set(name, file)
    return Promise.resolve(file)
  }
}

function build(orders: readonly ArbiterOrder[], fillerClipIds: readonly string[] = []) {
  const clock = new FakeClock({ monotonicMs: 0 })
  const arbiter: Arbiter = buildArbiter()
  for (const each of orders) arbiter.upsertOrder(each)
  arbiter.advance(0)
  const files = new FakeFiles()
  const online = new Set(['n1', 's1'])
  const sent: BundleMessage[] = []
  const errors: unknown[] = []
  const volumes = new Map<string, object>()
  const nowSamples = (): number => clock.monotonicMs() * 48
  const clipsOf = new Map(orders.map(({ id, content }) => [id, content.kind === 'clips' ? content.itemSamples.map((_, n) => `${id}-${String(n)}`) : null]))
  const durations = new Map(orders.flatMap(({ id, content }) => (content.kind === 'clips' ? content.itemSamples.map((samples, n): [string, number] => [`${id}-${String(n)}`, samples]) : [])))
  for (const id of fillerClipIds) durations.set(id, s(60))
  const desk = new BundleDesk({
    clock,
    store: {
      // Only what the desk asks of a record is there.
      orders: { get: (id: string) => ({ clipIds: clipsOf.get(id) ?? null, resume: 'continue' }) as unknown as OrderRecord } as never,
      clips: { get: (id: string) => (durations.has(id) ? ({ id, path: `/${id}`, durationSamples: durations.get(id) } as unknown as ClipRecord) : undefined) } as never,
    },
    files,
    planAhead: (ids, horizon) => arbiter.planAhead(ids, horizon),
    volumeOf: (clusterId) => volumes.get(clusterId) ?? null,
    nowSamples,
    onlineDevices: () => online,
    send: (messages) => sent.push(...messages),
    attentionTone: () => Promise.resolve(new Float32Array(s(6))),
    fillerClipIds,
    onError: (error) => errors.push(error),
  })
  t.teardown(() => { desk.close() })
  const wait = async (seconds: number): Promise<void> => {
    for (let n = 0; n < seconds; n += 60) {
      await clock.advanceAsync(Math.min(60, seconds - n) * 1000)
      arbiter.advance(nowSamples())
      desk.refresh()
    }
  }
  const bundles = (clusterId: string) => sent.filter((message) => message.clusterId === clusterId).map(({ fields }) => parseBundle({ kind: 'bundle', ...fields }))
  return { clock, arbiter, desk, files, volumes, online, sent, errors, wait, bundles }
}

const inWords = (bundle: ReturnType<typeof parseBundle>): unknown => bundle?.items.map((item) => `${item.orderId} ${String(item.fromSamples / s(1))}-${String(item.untilSamples / s(1))} @${String(item.anchorSamples / s(1))} ${String(item.clips.length)}`)

t.test('a bundle is what the arbiter plans for 48 h, each cluster its own', async (t) => {
  const { desk, wait, bundles, sent } = build([
    order('relay', { startSamples: 0, endSamples: s(2 * HOUR) }),
    order('news', { startSamples: s(24 * HOUR), endSamples: s(25 * HOUR), content: clips(60, 30), targets: { units: ['north'] } }),
    order('far', { startSamples: s(72 * HOUR), endSamples: s(73 * HOUR), content: clips(60) }),
    order('flood', { class: 'emergency', toneSamples: s(6), startSamples: s(24 * HOUR + 20), endSamples: s(24 * HOUR + 36), content: clips(10), targets: { units: ['north'] } }),
  ], ['music'])
  desk.changed()
  await wait(3)
  t.same(inWords(bundles('n1').at(-1)!), ['relay 0-7200 @0 0', 'news 86400-86420 @86400 2', 'flood 86420-86426 @86420 1', 'flood 86426-86436 @86426 1', 'news 86436-86506 @86416 2'])
  t.same(inWords(bundles('s1').at(-1)!), ['relay 0-7200 @0 0'])
  t.equal(bundles('n1').at(-1)?.files.length, 5)
  t.equal(bundles('s1').at(-1)?.fillers.length, 1)
  t.match(bundles('n1').at(-1), { validFrom: /^2026-01-01T00:00:0/, validUntil: /^2026-01-03T00:00:0/, items: [{ startsAt: '2026-01-01T00:00:00.000Z', endsAt: '2026-01-01T02:00:00.000Z' }, {}, { class: 'emergency' }] })
  t.equal(sent.at(-1)!.expiresAtMs - Date.UTC(2026, 0, 3) < 5000, true)
})

t.test('it is sent again when something has changed, when a device comes, and every six hours; not otherwise', async (t) => {
  const { desk, arbiter, wait, sent, clock } = build([order('relay', { startSamples: 0, endSamples: s(100 * HOUR) }), order('news', { startSamples: s(HOUR), endSamples: s(2 * HOUR), content: clips(60), class: 'priority' })])
  desk.changed()
  await wait(5)
  const first = sent.length
  t.equal(first, 4, 'twice: the sound was made in between')
  await wait(3 * HOUR)
  t.equal(sent.length, first, 'what is over makes no other bundle')
  arbiter.upsertOrder(order('later', { startSamples: s(30 * HOUR), endSamples: s(31 * HOUR), class: 'priority', targets: { units: ['south'] } }))
  arbiter.advance(clock.monotonicMs() * 48)
  desk.changed()
  await wait(2)
  t.same(sent.slice(first).map(({ clusterId }) => clusterId), ['s1'], 'only to whom it is for')
  desk.wants('n1')
  await wait(2)
  t.same(sent.slice(first + 1).map(({ clusterId }) => clusterId), ['n1'])
  await wait(6 * HOUR + 700)
  t.same(sent.slice(first + 2).map(({ clusterId }) => clusterId).sort(), ['n1', 's1'])
})

t.test('a day too full for one message is cut, and the rest follows in time', async (t) => {
  const { desk, wait, bundles, sent } = build(Array.from({ length: 1000 }, (_, n) => order(`o${String(n)}`, { startSamples: s(n * 100 + 50), endSamples: s(n * 100 + 120), content: clips(60) })))
  desk.changed()
  await wait(5)
  const first = bundles('n1').at(-1)!
  t.ok(JSON.stringify(sent.at(-1)).length * 4 / 3 < 256 * 1024)
  t.equal(first.files.length, first.items.length)
  t.equal(first.validUntil, new Date(Date.UTC(2026, 0, 1) + (first.items.length * 100 + 50) * 1000).toISOString())
  await wait(first.items.length * 60)
  const next = bundles('n1').at(-1)!
  t.ok(next.items[0]!.fromSamples < first.items.at(-1)!.fromSamples && next.items.at(-1)!.fromSamples > first.items.at(-1)!.fromSamples)
})

t.test('a sound that cannot be made leaves its stretch to the fallback, and is not tried for ever', async (t) => {
  const { desk, files, wait, bundles, errors } = build([order('news', { startSamples: s(HOUR), endSamples: s(2 * HOUR), content: clips(60) })])
  files.broken.add('clip-news-0')
  desk.changed()
  await wait(60)
  t.same(inWords(bundles('n1').at(-1)!), ['news 3600-3660 @3600 0'])
  t.equal(errors.length, 3)
})

t.test('the hours of the volume go with it, to each cluster its own, and again when they change', async (t) => {
  const { desk, volumes, wait, bundles, sent } = build([order('relay', { startSamples: 0, endSamples: s(100 * HOUR) })])
  volumes.set('n1', { weekFromSamples: -5, hours: [{ from: 1260, until: 1440, percent: 40 }] })
  desk.changed()
  await wait(3)
  t.match([bundles('n1').at(-1)?.volume, bundles('s1').at(-1)?.volume], [{ weekFromSamples: -5, hours: [{ from: 1260, until: 1440, percent: 40 }] }, undefined])
  t.not(bundles('n1').at(-1)?.bundleId, bundles('s1').at(-1)?.bundleId)
  const before = sent.length
  volumes.set('n1', { weekFromSamples: -5, hours: [{ from: 1260, until: 1440, percent: 30 }] })
  desk.changed()
  await wait(2)
  t.same(sent.slice(before).map(({ clusterId }) => clusterId), ['n1'])
  volumes.delete('n1')
  desk.changed()
  await wait(2)
  t.equal(bundles('n1').at(-1)?.volume, undefined)
  await wait(3 * HOUR)
  t.equal(sent.length, before + 2, 'and not otherwise')
})
