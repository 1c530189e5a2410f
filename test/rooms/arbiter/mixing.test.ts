import t from 'tap'
import type { Test } from 'tap'
import { Arbiter } from '../../../rooms/arbiter/index.ts'
import type { ArbiterOrder } from '../../../rooms/arbiter/index.ts'
import { comparePrecedence, recordOf } from '../../../rooms/arbiter/order.ts'
import { isCrossfade, levelDbAt, type LevelRamp } from '../../../rooms/mix-room.ts'
import { parseRoom, type Plan, type PlanSegment, type RoomRef } from '../../../rooms/plan.ts'
import { fc } from '../../support/seed.ts'
import { between, buildArbiter, clips, open, order, s } from './build.ts'
import { anOrder, SPAN_SECONDS } from './arbitraries.ts'


const RUNS = Number(process.env['LOA_PROPERTY_RUNS'] ?? 600)
const over = { duckDb: 12, attackSamples: s(1), releaseSamples: s(2) }
const seconds = (samples: number): string => String(Math.round((samples / s(1)) * 100) / 100)

/** A room in words: times in seconds, `a>b@5+2` a crossfade from 5 on that lasts 2, `a/b@0>-12@5+1` a over b. */
function inWords(room: RoomRef): string {
  const parsed = parseRoom(room)
  if (parsed?.kind === 'clips') {
    const { from, until } = parsed.span
    return `ord:${parsed.orderId}@${seconds(parsed.anchorSamples)}${from === 0 && until === null ? '' : `#${seconds(from)}-${until === null ? '' : seconds(until)}`}`
  }
  if (parsed?.kind === 'jingle') return `${parsed.orderId}.${parsed.jingle}@${seconds(parsed.anchorSamples)}`
  if (parsed?.kind === 'tone') return 'tone'
  if (parsed?.kind !== 'mix') return room
  const { mix } = parsed
  if (isCrossfade(mix)) return `${inWords(mix.from)}>${inWords(mix.to)}@${seconds(mix.atSamples)}+${seconds(mix.samples)}`
  const { fromDb, toDb, atSamples, samples } = mix.level
  return `${mix.over === null ? '' : inWords(mix.over)}/${inWords(mix.under)}@${String(fromDb)}>${String(toDb)}@${seconds(atSamples)}+${seconds(samples)}`
}

const planWords = (plan: Plan): string[] => plan.map(({ room, fromSamples, untilSamples, orderId, under }) => `${seconds(fromSamples)}-${seconds(untilSamples)} ${orderId}${under === undefined ? '' : `/${under.orderId}`} ${inWords(room)}`)

function course(...orders: readonly ArbiterOrder[]): string[] {
  return planWords(planOf(orders))
}

function planOf(orders: readonly ArbiterOrder[]): Plan {
  const arbiter = buildArbiter({ horizonSamples: s(1_000_000) })
  for (const each of orders) arbiter.upsertOrder(each)
  arbiter.advance(s(-1))
  return arbiter.planOf('n1')
}

t.test('an announcement over a relay: the relay goes down, goes on, and comes back', (t) => {
  t.same(course(order('vov', between(0, 100)), order('talk', { ...between(10, 20), over, content: open('mic') })), [
    '0-10 vov src:vov',
    '10-20 talk/vov src:mic/src:vov@0>-12@10+1',
    '20-22 vov /src:vov@-12>0@20+2',
    '22-100 vov src:vov',
  ])
  t.end()
})

t.test('it waits for no item edge, and the playlist beneath loses nothing', (t) => {
  t.same(course(order('music', { ...between(0, 100), content: clips(30, 30) }), order('talk', { ...between(10, 40), over, content: clips(5) })), [
    '0-10 music ord:music@0',
    '10-15 talk/music ord:talk@10/ord:music@0@0>-12@10+1',
    '15-17 music /ord:music@0@-12>0@15+2',
    '17-60 music ord:music@0',
  ])
  t.end()
})

t.test('the base ends and another begins beneath: the level stays, and does not begin at full', (t) => {
  t.same(course(order('vov', between(0, 15)), order('music', { ...between(17, 100), content: clips(60) }), order('talk', { ...between(10, 20), over, content: open('mic') })), [
    '0-10 vov src:vov',
    '10-15 talk/vov src:mic/src:vov@0>-12@10+1',
    '15-17 talk src:mic',
    '17-20 talk/music src:mic/ord:music@17@0>-12@10+1',
    '20-22 music /ord:music@17@-12>0@20+2',
    '22-77 music ord:music@17',
  ])
  t.end()
})

t.test('over silence it sounds alone, and what begins with it begins low', (t) => {
  t.same(course(order('talk', { ...between(10, 20), over, content: open('mic') })), ['10-20 talk src:mic'])
  t.same(course(order('vov', between(10, 100)), order('talk', { ...between(10, 20), over, content: open('mic') }))[0], '10-20 talk/vov src:mic/src:vov@-12>-12@10+0')
  t.end()
})

t.test('two that lay themselves over the same: one after the other, the first to its item\'s end, and the base stays low between them', (t) => {
  t.same(course(order('vov', between(0, 100)), order('a', { ...between(10, 40), over, content: clips(10) }), order('b', { ...between(12, 40), class: 'priority', over: { ...over, duckDb: 20 }, content: clips(5) })), [
    '0-10 vov src:vov',
    '10-20 a/vov ord:a@10/src:vov@0>-12@10+1',
    '20-25 b/vov ord:b@20/src:vov@-12>-20@20+1',
    '25-27 vov /src:vov@-20>0@25+2',
    '27-100 vov src:vov',
  ])
  t.end()
})

t.test('it waits beneath nobody: what goes before it is heard alone, and what must wait for its item is not heard beneath it', (t) => {
  t.same(course(order('vov', between(0, 100)), order('talk', { ...between(10, 60), over, content: clips(10, 10) }), order('news', { ...between(15, 30), class: 'priority' })), [
    '0-10 vov src:vov',
    '10-20 talk/vov ord:talk@10/src:vov@0>-12@10+1',
    // What has not been under it begins at its full level.
    '20-30 news src:news',
    '30-40 talk/vov ord:talk@20/src:vov@-12>-12@30+0',
    '40-42 vov /src:vov@-12>0@40+2',
    '42-100 vov src:vov',
  ])
  t.same(course(order('vov', { ...between(0, 100), issuerLevel: 0 }), order('talk', { ...between(10, 60), over, content: clips(10) })), ['0-100 vov src:vov'], 'nor over one of higher standing')
  t.end()
})

t.test('talk over a playlist goes on while a better order waits for the end of the clip', (t) => {
  t.same(course(order('music', { ...between(0, 100), content: clips(30, 30) }), order('talk', { ...between(10, 50), over, content: open('mic') }), order('news', { ...between(15, 40), class: 'priority' })), [
    '0-10 music ord:music@0',
    '10-30 talk/music src:mic/ord:music@0@0>-12@10+1',
    '30-40 news src:news',
    '40-50 talk/music src:mic/ord:music@10@-12>-12@40+0',
    '50-52 music /ord:music@10@-12>0@50+2',
    '52-70 music ord:music@10',
  ])
  t.end()
})

t.test('an emergency cuts both at once, and both come back where they were', (t) => {
  const orders = [order('music', { ...between(0, 200), content: clips(60) }), order('talk', { ...between(10, 100), over, content: clips(20) }), order('flood', { ...between(15, 30), class: 'emergency', over, toneSamples: s(4) })]
  t.same(course(...orders), [
    '0-10 music ord:music@0',
    '10-15 talk/music ord:talk@10/ord:music@0@0>-12@10+1',
    '15-19 flood tone',
    '19-30 flood src:flood',
    '30-45 talk/music ord:talk@25/ord:music@15@-12>-12@30+0',
    '45-47 music /ord:music@15@-12>0@45+2',
    '47-75 music ord:music@15',
  ])
  t.end()
})

t.test('an emergency in the attack, in the release, in a hand-over, in a crossfade and in a jingle is heard from its first sample on', (t) => {
  const handOvers = [{ sourceId: 'b', atSamples: s(50), crossfadeSamples: s(4) }]
  const base = [
    order('live', { ...between(0, 100), content: { kind: 'open', sourceId: 'a', handOvers, intro: { samples: s(5), crossfadeSamples: s(1) }, outro: { samples: s(6), crossfadeSamples: s(1) } } }),
    order('talk', { ...between(20, 30), over: { ...over, attackSamples: s(3), releaseSamples: s(3) }, content: open('mic') }),
  ]
  const list = [order('list', { ...between(0, 100), content: { kind: 'clips', itemSamples: [s(20), s(20)], overlapSamples: [s(6), 0] } })]
  for (const [orders, at] of [[base, 2], [base, 21], [base, 31], [base, 51], [base, 95], [list, 16]] as const) {
    const plan = planOf([...orders, order('flood', { ...between(at, at + 5), class: 'emergency' })])
    t.same(plan.filter(({ fromSamples, untilSamples }) => fromSamples < s(at + 5) && untilSamples > s(at)).map(({ room, fromSamples, untilSamples }) => [room, seconds(fromSamples), seconds(untilSamples)]), [['src:flood', String(at), String(at + 5)]])
  }
  t.end()
})

t.test('hand-over: both sound through the crossfade; a second one may begin inside the first', (t) => {
  const handOvers = [{ sourceId: 'b', atSamples: s(10), crossfadeSamples: s(4) }, { sourceId: 'c', atSamples: s(12), crossfadeSamples: s(4) }]
  t.same(course(order('live', { ...between(0, 30), content: { ...open('a'), handOvers } as ArbiterOrder['content'] })), [
    '0-10 live src:a',
    '10-12 live src:a>src:b@10+4',
    '12-14 live src:a>src:b@10+4>src:c@12+4',
    '14-16 live src:b>src:c@12+4',
    '16-30 live src:c',
  ])
  t.end()
})

t.test('a hand-over told of later changes nothing before it', (t) => {
  const arbiter = buildArbiter()
  const live = order('live', { ...between(0, 1000), content: open('a') })
  arbiter.upsertOrder(live)
  arbiter.advance(0)
  for (let at = 1; at < 60; at++) arbiter.advance(s(at))
  const before = arbiter.stats().simulationsTotal
  arbiter.upsertOrder({ ...live, content: { kind: 'open', sourceId: 'a', handOvers: [{ sourceId: 'b', atSamples: s(61), crossfadeSamples: s(1) }] } })
  const [change] = arbiter.advance(s(60))
  t.same(planWords(change!.plan), ['0-61 live src:a', '61-62 live src:a>src:b@61+1', '62-1000 live src:b'])
  t.equal(arbiter.stats().simulationsTotal, before + 1)
  t.end()
})

t.test('jingles: the intro once, when it first comes on air; the outro before the planned end, but not before a stop', (t) => {
  const content = { kind: 'open', sourceId: 'a', intro: { samples: s(5), crossfadeSamples: s(1) }, outro: { samples: s(6), crossfadeSamples: s(2) } } as const
  t.same(course(order('live', { ...between(0, 100), content }), order('news', { ...between(20, 30), class: 'priority' })), [
    '0-5 live live.intro@0>src:a@4+1',
    '5-20 live src:a',
    '20-30 news src:news',
    '30-94 live src:a',
    '94-100 live src:a>live.outro@94@94+2',
  ])
  t.same(course(order('live', { ...between(0, 100), stoppedSamples: s(50), content })), ['0-5 live live.intro@0>src:a@4+1', '5-50 live src:a'])
  t.same(course(order('live', { ...between(0, 10), content })), ['0-5 live live.intro@0>src:a@4+1', '5-10 live src:a'], 'too short for both')
  t.end()
})

t.test('a playlist with crossfades yields after the whole of an item, and comes back with the first sample of the next', (t) => {
  const content = { kind: 'clips', itemSamples: [s(20), s(20), s(20)], overlapSamples: [s(4), s(4), 0] } as const
  t.same(course(order('list', { ...between(0, 200), content })), ['0-52 list ord:list@0'])
  t.same(course(order('list', { ...between(0, 200), content }), order('news', { ...between(5, 40), class: 'priority' })), [
    '0-16 list ord:list@0',
    '16-20 list ord:list@0#0-16',
    '20-40 news src:news',
    '40-76 list ord:list@24#16-',
  ])
  t.same(course(order('list', { ...between(0, 200), content }), order('news', { ...between(17, 40), class: 'priority' })).slice(0, 3), ['0-32 list ord:list@0', '32-36 list ord:list@0#0-32', '36-40 news src:news'])
  t.end()
})

// ── Properties ──────────────────────────────────────────────────────────────────────────────────────────────────────

const second = (max: number) => fc.integer({ min: 0, max }).map(s)
const option = fc.record({ duckDb: fc.integer({ min: 0, max: 30 }), attackSamples: second(3).map((samples) => samples + 480), releaseSamples: second(4).map((samples) => samples + 480) })
const jingle = fc.record({ samples: fc.integer({ min: 1, max: 6 }).map(s), crossfadeSamples: fc.constantFrom(480, s(1)) })
const mixedOrders: fc.Arbitrary<ArbiterOrder[]> = fc
  .array(fc.record({
    plain: anOrder, over: fc.option(option, { freq: 2 }), intro: fc.option(jingle), outro: fc.option(jingle),
    handOvers: fc.array(fc.record({ sourceId: fc.constantFrom('x', 'y'), atSamples: second(SPAN_SECONDS), crossfadeSamples: second(5) }), { maxLength: 2 }),
    crossfade: fc.constantFrom(0, 0, s(1), s(3)),
  }), { minLength: 1, maxLength: 8 })
  .map((all) => all.map(({ plain, over, intro, outro, handOvers, crossfade }, index): ArbiterOrder => {
    const { content } = plain
    const ids = { id: `o${String(index)}`, title: `o${String(index)}`, targets: { units: ['province'], clusters: [], tags: [] } }
    if (content.kind === 'clips') {
      const overlapSamples = content.itemSamples.map((samples, item) => (item + 1 < content.itemSamples.length ? Math.min(crossfade, Math.floor(Math.min(samples, content.itemSamples[item + 1]!) / 2)) : 0))
      return { ...plain, ...ids, ...(over === null ? {} : { over }), content: { ...content, overlapSamples } }
    }
    const sorted = handOvers.toSorted((a, b) => a.atSamples - b.atSamples)
    return { ...plain, ...ids, ...(over === null ? {} : { over }), content: { ...content, handOvers: sorted, ...(intro === null ? {} : { intro }), ...(outro === null ? {} : { outro }) } }
  }))

const mayPlay = (each: ArbiterOrder, at: number): boolean => Math.max(each.startSamples, each.acceptedSamples) <= at && at < Math.min(each.endSamples, each.stoppedSamples ?? Infinity)
const holds = (t: Test, check: (orders: readonly ArbiterOrder[]) => void, numRuns = RUNS): void => {
  fc.assert(fc.property(mixedOrders, check), { numRuns })
  t.pass(`${String(numRuns)} runs`)
  t.end()
}

const overlayOf = ({ room }: PlanSegment): { readonly over: RoomRef | null; readonly under: RoomRef; readonly level: LevelRamp } | undefined => {
  const parsed = parseRoom(room)
  return parsed?.kind === 'mix' && !isCrossfade(parsed.mix) ? parsed.mix : undefined
}

t.test('segments follow each other, inside the windows of both orders; an emergency is heard alone, and at once', (t) => {
  holds(t, (orders) => {
    const plan = planOf(orders)
    const byId = new Map(orders.map((each) => [each.id, each]))
    let freeFrom = -Infinity
    for (const segment of plan) {
      const { fromSamples, untilSamples, orderId, under } = segment
      if (fromSamples < freeFrom || untilSamples <= fromSamples) throw new Error('segments overlap or are empty')
      freeFrom = untilSamples
      for (const id of [orderId, ...(under === undefined ? [] : [under.orderId])]) {
        const each = byId.get(id)!
        if (!mayPlay(each, fromSamples) || !mayPlay(each, untilSamples - 1)) throw new Error(`${id} is on air outside its window`)
      }
      const top = byId.get(orderId)!
      if (top.class === 'emergency') {
        if (under !== undefined || overlayOf(segment) !== undefined) throw new Error('an emergency is mixed')
        continue
      }
      const urgent = orders.find((each) => each.class === 'emergency' && each.content.kind === 'open' && each.startSamples < untilSamples && each.startSamples > fromSamples && mayPlay(each, each.startSamples))
      if (urgent !== undefined) throw new Error(`${urgent.id} does not cut ${orderId}`)
      if (under === undefined) continue
      if (top.over === undefined) throw new Error(`${orderId} lies over ${under.orderId} and was not to`)
      if (byId.get(under.orderId)!.over !== undefined) throw new Error('one that is laid over others lies beneath')
      if (comparePrecedence(recordOf(top), recordOf(byId.get(under.orderId)!)) >= 0) throw new Error(`${orderId} lies over its better`)
    }
  })
})

t.test('no silence while anything applies that is not played to its end', (t) => {
  holds(t, (orders) => {
    const plan = planOf(orders)
    for (let at = 0; at < s(SPAN_SECONDS); at += s(1)) {
      if (plan.some(({ fromSamples, untilSamples }) => fromSamples <= at && at < untilSamples)) continue
      const left = orders.find((each) => each.content.kind === 'open' && mayPlay(each, at))
      if (left !== undefined) throw new Error(`silence at ${seconds(at)} though ${left.id} applies`)
    }
  })
})

t.test('the level of what goes on never jumps', (t) => {
  holds(t, (orders) => {
    const plan = planOf(orders)
    plan.forEach((segment, index) => {
      const next = plan[index + 1]
      if (next?.fromSamples !== segment.untilSamples || segment.class === 'emergency' || next.class === 'emergency') return
      const at = next.fromSamples
      const [before, after] = [segment, next].map((each) => {
        const overlay = overlayOf(each)
        return { id: each.under?.orderId ?? each.orderId, isBase: overlay !== undefined || orders.find(({ id }) => id === each.orderId)!.over === undefined, db: overlay === undefined ? 0 : levelDbAt(overlay.level, at) }
      }) as [{ id: string; isBase: boolean; db: number }, { id: string; isBase: boolean; db: number }]
      if (before.isBase && after.isBase && before.id === after.id && Math.abs(before.db - after.db) > 0.02) throw new Error(`${before.id} jumps from ${String(before.db)} to ${String(after.db)} dB at ${seconds(at)}`)
    })
  })
})

t.test('every sample of a continued playlist is heard once and in order, above or beneath', (t) => {
  holds(t, (orders) => {
    const plan = planOf(orders)
    for (const each of orders) {
      if (each.content.kind === 'open' || each.resume === 'skip') continue
      let position = 0
      let tailUntil: number | null = null
      for (const segment of plan) {
        const rooms = [overlayOf(segment)?.over ?? null, overlayOf(segment)?.under ?? null, segment.room]
        const clip = rooms.map((room) => (room === null ? undefined : parseRoom(room))).find((parsed) => parsed?.kind === 'clips' && parsed.orderId === each.id)
        if (clip?.kind !== 'clips') continue
        const [from, until] = [segment.fromSamples - clip.anchorSamples, segment.untilSamples - clip.anchorSamples]
        // Coming back after the end of an item that has sounded alone, or in the middle of that end, where a level has come back to full.
        if (from !== position && from !== clip.span.from && from !== tailUntil) throw new Error(`${each.id} jumps from ${seconds(position)} to ${seconds(from)}`)
        position = clip.span.until === null ? until : Math.min(until, clip.span.until)
        tailUntil = clip.span.until === null ? null : until
      }
    }
  })
})

t.test('step by step, told in any sequence, it plans the same as from the beginning', (t) => {
  fc.assert(fc.property(mixedOrders, fc.array(fc.nat(), { maxLength: 8 }), (orders, keys) => {
    const arbiter = buildArbiter({ horizonSamples: s(1_000_000), lateSamples: 0 })
    const expected = planOf(orders)
    const sequence = orders.map((each, index) => [keys[index] ?? 0, each] as const).sort(([a], [b]) => a - b).map(([, each]) => each)
    for (const each of sequence) arbiter.upsertOrder(each)
    for (let at = s(-1); at < s(SPAN_SECONDS + 20); at += s(7)) {
      arbiter.upsertOrder(order('far off', { ...between(2000, 3000), endSamples: s(3000) + at, targets: { units: ['province'] } }))
      arbiter.advance(at)
      const actual = arbiter.planOf('n1').filter(({ orderId }) => orderId !== 'far off')
      const rest = expected.filter(({ untilSamples }) => untilSamples > at)
      if (JSON.stringify(actual) !== JSON.stringify(rest)) throw new Error(`differs at ${seconds(at)}: ${planWords(actual).join(' | ')} — ${planWords(rest).join(' | ')}`)
    }
  }), { numRuns: Math.ceil(RUNS / 2) })
  t.pass('holds')
  t.end()
})

t.test('a hand-over or an overlay costs one simulation of the clusters it touches', (t) => {
  const arbiter = new Arbiter()
  arbiter.setUnits([{ id: 'province', parentId: null }])
  arbiter.upsertClusters(Array.from({ length: 1000 }, (_, index) => ({ id: String(index), unitId: 'province', tags: [], enabled: true })))
  arbiter.upsertOrder(order('vov'))
  arbiter.advance(0)
  const before = arbiter.stats().simulationsTotal
  arbiter.upsertOrder(order('talk', { ...between(5, 60), over, content: open('mic') }))
  const changes = arbiter.advance(s(1))
  t.equal(changes.length, 1, 'clusters with the same base share one programme')
  t.equal(arbiter.stats().simulationsTotal, before + 1)
  t.end()
})
