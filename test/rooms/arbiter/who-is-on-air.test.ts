import t from 'tap'
import { between, clips, course, open, order, s, walkedCourse } from './build.ts'
import type { ArbiterOrder } from '../../../rooms/arbiter/index.ts'

interface Case {
  readonly rule: string
  readonly orders: readonly ArbiterOrder[]
  readonly course: readonly string[]
}

const relay = order('relay')
const flood = (patch = {}) => order('flood', { class: 'emergency', ...between(100, 200), ...patch })

const precedence: Case[] = [
  { rule: 'nothing ordered is silence', orders: [], course: [] },
  { rule: 'a relay plays for its window', orders: [order('relay', between(10, 20))], course: ['src:relay 10-20'] },
  {
    rule: 'emergency goes before priority before normal, whoever issued them',
    orders: [order('n', { issuerLevel: 0 }), order('p', { class: 'priority', issuerLevel: 1, ...between(50, 300) }), flood({ issuerLevel: 3 })],
    course: ['src:n 0-50', 'src:p 50-100', 'src:flood 100-200', 'src:p 200-300', 'src:n 300-1000'],
  },
  {
    rule: 'within a class the higher unit goes first',
    orders: [order('commune', { issuerLevel: 2, ...between(0, 300) }), order('district', { issuerLevel: 1, ...between(100, 200) })],
    course: ['src:commune 0-100', 'src:district 100-200', 'src:commune 200-300'],
  },
  {
    rule: 'between two priority items the rank set by the commune decides, not the start',
    orders: [
      order('second', { class: 'priority', rank: 2, ...between(100, 200) }),
      order('first', { class: 'priority', rank: 1, ...between(50, 150) }),
    ],
    course: ['src:first 50-150', 'src:second 150-200'],
  },
  {
    rule: 'rank means nothing for normal orders: the later open one is heard',
    orders: [order('early', { rank: 1, ...between(0, 200) }), order('late', { rank: 9, ...between(50, 100) })],
    course: ['src:early 0-50', 'src:late 50-100', 'src:early 100-200'],
  },
  {
    rule: 'of two emergencies of one level the later replaces the earlier, which comes back',
    orders: [flood(), order('correction', { class: 'emergency', ...between(130, 150) })],
    course: ['src:flood 100-130', 'src:correction 130-150', 'src:flood 150-200'],
  },
  {
    rule: 'of emergencies of one level the graver goes first, and what it cut comes back',
    orders: [flood({ gravity: 4, content: clips(80) }), order('news', { class: 'emergency', gravity: 3, ...between(110, 150) }), order('dam', { class: 'emergency', gravity: 5, ...between(120, 140) })],
    course: ['ord:flood@100 100-120', 'src:dam 120-140', 'ord:flood@120 140-200'],
  },
  {
    rule: 'the level of the unit goes before that of the danger',
    orders: [flood({ issuerLevel: 1, gravity: 1 }), order('dam', { class: 'emergency', gravity: 5, ...between(120, 240) })],
    course: ['src:flood 100-200', 'src:dam 200-240'],
  },
  {
    rule: 'an emergency of which nobody has said how grave it is counts as gravest',
    orders: [flood({ gravity: 4 }), order('studio', { class: 'emergency', ...between(130, 150) })],
    course: ['src:flood 100-130', 'src:studio 130-150', 'src:flood 150-200'],
  },
  {
    rule: 'an exercise cuts what is none, and waits for everything real, whoever gave it; a test waits for both',
    orders: [order('relay'), order('exercise', { class: 'emergency', kind: 'exercise', issuerLevel: 0, gravity: 5, ...between(110, 300) }), order('test', { class: 'emergency', kind: 'test', issuerLevel: 0, ...between(50, 120) }), flood({ gravity: 1 })],
    course: ['src:relay 0-50', 'src:test 50-100', 'src:flood 100-200', 'src:exercise 200-300', 'src:relay 300-1000'],
  },
  {
    rule: 'a later emergency of a lower unit waits for the one of the higher unit',
    orders: [flood({ issuerLevel: 0 }), order('fire', { class: 'emergency', ...between(130, 250) })],
    course: ['src:flood 100-200', 'src:fire 200-250'],
  },
  {
    rule: 'of two emergencies planned for the same start the one accepted later is the correction',
    orders: [2, 3, 1].map((accepted) => order(`accepted-${String(accepted)}`, { class: 'emergency', acceptedSamples: s(accepted), ...between(100, 200) })),
    course: ['src:accepted-3 100-200'],
  },
  {
    rule: 'a studio put on air over an all-day relay is heard, then the relay comes back',
    orders: [relay, order('studio', between(400, 500))],
    course: ['src:relay 0-400', 'src:studio 400-500', 'src:relay 500-1000'],
  },
  {
    rule: 'a clip goes before a relay of the same standing, even one that starts later',
    orders: [order('clip', { content: clips(30), ...between(10, 100) }), order('live', between(20, 60))],
    course: ['ord:clip@10 10-40', 'src:live 40-60'],
  },
  {
    rule: 'clips of the same standing queue, first come first served',
    orders: [order('b', { content: clips(30), ...between(10, 200) }), order('a', { content: clips(30), ...between(20, 200) })],
    course: ['ord:b@10 10-40', 'ord:a@40 40-70'],
  },
  {
    rule: 'when all else is equal the id decides',
    orders: [order('b', { content: clips(10) }), order('a', { content: clips(10) })],
    course: ['ord:a@0 0-10', 'ord:b@10 10-20'],
  },
]

const edges: Case[] = [
  {
    rule: 'a priority relay waits for the end of a normal clip',
    orders: [order('clip', { content: clips(60) }), order('p', { class: 'priority', ...between(10, 100) })],
    course: ['ord:clip@0 0-60', 'src:p 60-100'],
  },
  {
    rule: 'a playlist yields between its items and goes on with the next one',
    orders: [order('list', { content: clips(20, 20, 20) }), order('p', { class: 'priority', content: clips(15), ...between(10, 900) })],
    course: ['ord:list@0 0-20', 'ord:p@20 20-35', 'ord:list@15 35-75'],
  },
  {
    rule: 'a priority item that begins exactly at an edge takes that edge',
    orders: [order('list', { content: clips(20, 20) }), order('p', { class: 'priority', ...between(20, 30) })],
    course: ['ord:list@0 0-20', 'src:p 20-30', 'ord:list@10 30-50'],
  },
  {
    rule: 'an order of a higher unit does not cut into an item either',
    orders: [order('clip', { content: clips(60) }), order('province', { issuerLevel: 0, ...between(10, 100) })],
    course: ['ord:clip@0 0-60', 'src:province 60-100'],
  },
  {
    rule: 'a priority relay that is over before the edge is never heard',
    orders: [order('clip', { content: clips(60) }), order('p', { class: 'priority', ...between(10, 50) })],
    course: ['ord:clip@0 0-60'],
  },
  {
    rule: 'a relay yields to priority at the planned instant',
    orders: [relay, order('p', { class: 'priority', ...between(100.1, 200) })],
    course: ['src:relay 0-100.1', 'src:p 100.1-200', 'src:relay 200-1000'],
  },
  {
    rule: 'an emergency cuts into an item at any instant, and into another emergency\'s clip',
    orders: [
      order('clip', { content: clips(60) }),
      order('e1', { class: 'emergency', content: clips(10), ...between(12.3, 100) }),
      order('e2', { class: 'emergency', content: clips(3), ...between(15.7, 100) }),
    ],
    course: ['ord:clip@0 0-12.3', 'ord:e1@12.3 12.3-15.7', 'ord:e2@15.7 15.7-18.7', 'ord:e1@15.3 18.7-25.3', 'ord:clip@13 25.3-73'],
  },
]

const resuming: Case[] = [
  {
    rule: 'a relay is rejoined where it is by then',
    orders: [relay, flood()],
    course: ['src:relay 0-100', 'src:flood 100-200', 'src:relay 200-1000'],
  },
  {
    rule: 'continue: a clip goes on where it was cut, in a room with another anchor',
    orders: [order('clip', { content: clips(120) }), flood()],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'ord:clip@100 200-220'],
  },
  {
    rule: 'skip: a clip goes on as if it had played meanwhile, in the same room',
    orders: [order('clip', { content: clips(250), resume: 'skip' }), flood()],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'ord:clip@0 200-250'],
  },
  {
    rule: 'skip: a clip that would be over by then is over',
    orders: [relay, order('clip', { content: clips(150), resume: 'skip', ...between(0, 900) }), flood()],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'src:relay 200-1000'],
  },
  {
    rule: 'continue: the item that was cut is played out before a priority order that came meanwhile',
    orders: [order('clip', { content: clips(120, 50) }), flood(), order('p', { class: 'priority', ...between(150, 300) })],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'ord:clip@100 200-220', 'src:p 220-300', 'ord:clip@180 300-350'],
  },
  {
    rule: 'skip: inside the item that was cut, that item is played out first',
    orders: [order('clip', { content: clips(220, 50), resume: 'skip' }), flood(), order('p', { class: 'priority', ...between(150, 300) })],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'ord:clip@0 200-220', 'src:p 220-300', 'ord:clip@80 300-350'],
  },
  {
    rule: 'skip: past the end of the item that was cut, priority goes first and the next item comes back whole',
    orders: [order('clip', { content: clips(120, 100), resume: 'skip' }), flood(), order('p', { class: 'priority', ...between(150, 300) })],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'src:p 200-300', 'ord:clip@180 300-400'],
  },
  {
    rule: 'skip: past the end of the item and with nothing better waiting, it is in the middle of the next one',
    orders: [order('clip', { content: clips(120, 100), resume: 'skip' }), flood()],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'ord:clip@0 200-220'],
  },
  {
    rule: 'an item cut exactly at its end has nothing left to play out',
    orders: [order('clip', { content: clips(100, 50) }), flood(), order('p', { class: 'priority', ...between(150, 300) })],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'src:p 200-300', 'ord:clip@200 300-350'],
  },
  {
    rule: 'a clip that waited starts with its first sample',
    orders: [order('clip', { content: clips(30), ...between(120, 900) }), flood()],
    course: ['src:flood 100-200', 'ord:clip@200 200-230'],
  },
  {
    rule: 'one emergency after another is one cut for the clip beneath',
    orders: [order('clip', { content: clips(150) }), flood(), order('fire', { class: 'emergency', ...between(200, 250) })],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'src:fire 200-250', 'ord:clip@150 250-300'],
  },
  {
    rule: 'an emergency clip cut by another emergency does not make the clip beneath forget its item',
    orders: [
      order('clip', { content: clips(150, 50) }),
      order('e1', { class: 'emergency', content: clips(30), ...between(100, 900) }),
      order('e2', { class: 'emergency', content: clips(10), ...between(110, 900) }),
      order('p', { class: 'priority', ...between(120, 300) }),
    ],
    course: ['ord:clip@0 0-100', 'ord:e1@100 100-110', 'ord:e2@110 110-120', 'ord:e1@110 120-140', 'ord:clip@40 140-190', 'src:p 190-300', 'ord:clip@150 300-350'],
  },
  {
    rule: 'what was stopped beneath an emergency does not come back',
    orders: [relay, order('clip', { content: clips(150), ...between(0, 900), stoppedSamples: s(150) }), flood()],
    course: ['ord:clip@0 0-100', 'src:flood 100-200', 'src:relay 200-1000'],
  },
  {
    rule: 'skip applies to an emergency clip cut by another emergency too',
    orders: [
      order('e1', { class: 'emergency', content: clips(100), resume: 'skip', ...between(0, 900) }),
      order('e2', { class: 'emergency', content: clips(30), ...between(50, 900) }),
    ],
    course: ['ord:e1@0 0-50', 'ord:e2@50 50-80', 'ord:e1@0 80-100'],
  },
]

const ends: Case[] = [
  { rule: 'the end of the window ends a clip in its middle', orders: [order('clip', { content: clips(60), ...between(0, 40) })], course: ['ord:clip@0 0-40'] },
  { rule: 'a stop ends an item at once', orders: [relay, order('clip', { content: clips(60), stoppedSamples: s(20), ...between(0, 100) })], course: ['ord:clip@0 0-20', 'src:relay 20-1000'] },
  { rule: 'a stop after the end changes nothing', orders: [order('relay', { stoppedSamples: s(2000) })], course: ['src:relay 0-1000'] },
  { rule: 'stopped before its start it is never heard', orders: [order('relay', { ...between(10, 20), stoppedSamples: s(5) })], course: [] },
  { rule: 'accepted late, it is heard from then on', orders: [order('relay', { acceptedSamples: s(30) })], course: ['src:relay 30-1000'] },
  { rule: 'accepted after its end it is never heard', orders: [order('relay', { ...between(0, 20), acceptedSamples: s(20) })], course: [] },
  { rule: 'a playlist without items is never on air', orders: [relay, order('empty', { content: clips(), ...between(10, 20) })], course: ['src:relay 0-1000'] },
  { rule: 'an item without length does no harm', orders: [order('clip', { content: clips(10, 0, 10) }), order('p', { class: 'priority', ...between(5, 15) })], course: ['ord:clip@0 0-10', 'src:p 10-15', 'ord:clip@5 15-25'] },
  { rule: 'two orders for one source follow each other without a gap', orders: [order('a', { content: open('vov'), ...between(0, 10) }), order('b', { content: open('vov'), ...between(10, 20) })], course: ['src:vov 0-10', 'src:vov 10-20'] },
]

const tones: Case[] = [
  { rule: 'an emergency begins with its tone, and a clip with its first sample after it', orders: [flood({ toneSamples: s(6), content: clips(20) })], course: ['tone:attention@100 100-106', 'ord:flood@106 106-126'] },
  { rule: 'other classes have no tone', orders: [order('relay', { toneSamples: s(6), class: 'priority', ...between(0, 10) })], course: ['src:relay 0-10'] },
  { rule: 'the tone does not outlive its order', orders: [flood({ toneSamples: s(6), stoppedSamples: s(103) })], course: ['tone:attention@100 100-103'] },
  {
    rule: 'an emergency away for 30 s comes back without its tone',
    orders: [flood({ toneSamples: s(6) }), order('e2', { class: 'emergency', toneSamples: s(3), ...between(120, 150) })],
    course: ['tone:attention@100 100-106', 'src:flood 106-120', 'tone:attention@120 120-123', 'src:e2 123-150', 'src:flood 150-200'],
  },
  {
    rule: 'away for longer, it sounds its tone again',
    orders: [flood({ toneSamples: s(6), content: clips(50) }), order('e2', { class: 'emergency', ...between(120, 150.5) })],
    course: ['tone:attention@100 100-106', 'ord:flood@106 106-120', 'src:e2 120-150.5', 'tone:attention@150.5 150.5-156.5', 'ord:flood@142.5 156.5-192.5'],
  },
  {
    rule: 'cut in its tone, it comes back with its content, from the first sample',
    orders: [flood({ toneSamples: s(6), content: clips(20), resume: 'skip' }), order('e2', { class: 'emergency', ...between(102, 104) })],
    course: ['tone:attention@100 100-102', 'src:e2 102-104', 'ord:flood@104 104-124'],
  },
  {
    rule: 'skip: the tone takes the place of what would have been heard, and ends with it',
    orders: [flood({ toneSamples: s(6), content: clips(70), resume: 'skip' }), order('e2', { class: 'emergency', ...between(120, 173) })],
    course: ['tone:attention@100 100-106', 'ord:flood@106 106-120', 'src:e2 120-173', 'tone:attention@173 173-176'],
  },
]

for (const [title, cases] of Object.entries({ precedence, edges, resuming, ends, tones })) {
  t.test(title, (t) => {
    for (const { rule, orders, course: expected } of cases) {
      t.same(course(orders), expected, rule)
      t.same(course([...orders].reverse()), expected, `${rule} (told the other way round)`)
      t.same(walkedCourse(orders), expected, `${rule} (step by step)`)
    }
    t.end()
  })
}
