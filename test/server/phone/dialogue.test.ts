import t from 'tap'
import type { PhoneAnswer, PhoneQuestion } from '../../../control/ports.ts'
import { LOST_MS, PREPARE_MOST_MS, type DialogueAction, type DialogueEvent } from '../../../server/phone/dialogue/dialogue-steps.ts'
import { Dialogue } from '../../../server/phone/dialogue/dialogue.ts'
import { numberWords } from '../../../server/phone/dialogue/numbers.ts'
import { fc } from '../../support/seed.ts'

const AIR = { sourceId: 's1', engine: 0 }
const known: PhoneAnswer = { kind: 'known', name: 'Lan', language: 'vi', keys: [{ key: '1', name: 'Toàn xã' }, { key: '2', name: 'Báo lũ' }] }
const onAir = (speakInMs: number, endsInMs = 600_000): PhoneAnswer => ({ kind: 'on-air', speakInMs, air: AIR, endsInMs })
const chosen = (itsClass: 'emergency' | 'normal', content: 'live' | 'template' = 'live'): PhoneAnswer => ({ kind: 'chosen', summary: { name: 'Toàn xã', content, class: itsClass, alertKind: itsClass === 'emergency' ? 'real' : null, level: itsClass === 'emergency' ? 3 : null, clusters: 21, online: 20 } })

/** A caller on virtual time: sound comes, prompts end after some seconds, control answers after some ms. */
class Caller {
  nowMs = 1000
  readonly dialogue = new Dialogue('vi')
  readonly said: string[] = []
  readonly done: DialogueAction[] = []
  readonly asked: PhoneQuestion[] = []
  heardFromMs: number | null = null
  hungUp: string | null = null
  hasSound = true
  sayMs = 4000
  answerMs = 30
  readonly #answer: (question: PhoneQuestion) => PhoneAnswer | null
  #saidAtMs = Infinity
  #answers: { readonly atMs: number; readonly answer: PhoneAnswer }[] = []
  #soundMs = 1000

  constructor(answer: (question: PhoneQuestion) => PhoneAnswer | null) {
    this.#answer = answer
    this.tell({ type: 'answered' })
  }

  tell(event: DialogueEvent): void {
    for (const action of this.dialogue.handle(event, this.nowMs)) this.#carryOut(action)
  }

  #carryOut(action: DialogueAction): void {
    this.done.push(action)
    if (action.do === 'say') {
      this.said.push(action.segments.map((segment) => ('text' in segment ? segment.text : `<${segment.tone}>`)).join(' '))
      this.#saidAtMs = this.nowMs + this.sayMs
    } else if (action.do === 'hush') this.#saidAtMs = Infinity
    else if (action.do === 'ask') {
      this.asked.push(action.question)
      const answer = this.#answer(action.question)
      if (answer !== null) this.#answers.push({ atMs: this.nowMs + this.answerMs, answer })
    } else if (action.do === 'air' && action.on) this.heardFromMs ??= this.nowMs
    else if (action.do === 'hang-up') this.hungUp = action.reason
  }

  /** Lets time pass. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      const [next] = this.#answers
      const atMs = Math.min(this.#saidAtMs, next?.atMs ?? Infinity, this.dialogue.dueMs, this.hasSound ? this.#soundMs + 20 : Infinity)
      if (atMs > untilMs) break
      this.nowMs = Math.max(this.nowMs, atMs)
      if (atMs === next?.atMs) {
        this.#answers.shift()
        this.tell({ type: 'answer', answer: next.answer })
      } else if (atMs === this.#saidAtMs) {
        this.#saidAtMs = Infinity
        this.tell({ type: 'said' })
      } else if (this.hasSound && atMs === this.#soundMs + 20) {
        this.#soundMs = this.nowMs
        this.tell({ type: 'sound' })
      } else this.tell({ type: 'time' })
    }
    this.nowMs = untilMs
  }

  press(keys: string, everyMs = 150): this {
    for (const key of keys) {
      this.tell({ type: 'key', key })
      this.pass(everyMs)
    }
    return this
  }
}

const usual = (itsClass: 'emergency' | 'normal' = 'normal', speakInMs = 0) => (question: PhoneQuestion): PhoneAnswer => {
  switch (question.kind) {
    case 'identify': return question.number === '4711' && question.pin === '271828' ? known : { kind: 'wrong' }
    case 'code': return known
    case 'choose': return chosen(itsClass)
    case 'start': return onAir(speakInMs)
    default: return { kind: 'done' }
  }
}

t.test('who knows the keys is on the air within ten seconds of the answer, of whatever class', async (t) => {
  for (const [itsClass, speakInMs] of [['normal', 0], ['emergency', 3000]] as const) {
    const caller = new Caller(usual(itsClass, speakInMs))
    caller.press('4711271828#11', 250)
    caller.pass(6000)
    t.ok(caller.heardFromMs !== null && caller.heardFromMs - 1000 <= 10_000, `${itsClass}: ${String(caller.heardFromMs! - 1000)} ms`)
    t.match(caller.said.slice(-4), [/Ba/, /Hai/, /Một/, /<air>/], 'counted down')
  }
})

t.test('keys of a normal call: off the air during the countdown, asked for only at its end', async (t) => {
  const caller = new Caller(usual('normal'))
  caller.press('4711271828#11')
  t.notMatch(caller.asked.map(({ kind }) => kind), ['identify', 'choose', 'start'])
  caller.pass(3000)
  t.same(caller.asked.map(({ kind }) => kind), ['identify', 'choose', 'start'])
})

t.test('what is said keeps real, exercise and test apart, and counts in words', async (t) => {
  const caller = new Caller(usual('emergency', 3000))
  caller.press('4711271828#1')
  caller.pass(500)
  t.match(caller.said.at(-1), /^Cảnh báo thật, khẩn cấp\. Toàn xã\. Nói trực tiếp\. Rủi ro thiên tai cấp ba\. Phát tới hai mươi mốt cụm loa, hai mươi cụm đang trực tuyến\. Phím một/)
})

t.test('star pauses and goes on; hash takes the voice off at once and asks, again hash ends', async (t) => {
  const caller = new Caller(usual())
  caller.press('4711271828#11').pass(4000)
  t.equal(caller.dialogue.isHeard, true)
  caller.press('*')
  t.equal(caller.dialogue.isHeard, false)
  caller.press('*')
  t.equal(caller.dialogue.isHeard, true)
  caller.press('#')
  t.equal(caller.dialogue.isHeard, false, 'whoever believes it is over is not heard')
  caller.press('*')
  t.equal(caller.dialogue.isHeard, true)
  caller.press('##')
  t.match([caller.asked.at(-1), caller.said.at(-1)], [{ kind: 'finish' }, /Xác nhận đã kết thúc/])
  caller.pass(5000)
  t.equal(caller.hungUp, 'ended by the caller')
})

t.test('three wrong tries end the call; keys meant for later do not become a try', async (t) => {
  const caller = new Caller(usual())
  caller.press('4711111111#11').pass(200)
  caller.press('*4711000000#').press('4711000001#').pass(20_000)
  t.same([caller.asked.length, caller.hungUp, caller.heardFromMs], [3, 'locked', null])
})

t.test('nobody presses anything: asked three times, then hung up', async (t) => {
  const caller = new Caller(usual())
  caller.pass(120_000)
  t.equal(caller.hungUp, 'nothing was pressed')
  t.equal(caller.said.filter((words) => words.includes('Mời nhập mã số')).length, 3)
})

t.test('lost sound ends it within a second; on hold nothing is heard and nothing is lost', async (t) => {
  const caller = new Caller(usual())
  caller.press('4711271828#11').pass(4000)
  caller.tell({ type: 'held', held: true })
  caller.hasSound = false
  caller.pass(30_000)
  t.same([caller.dialogue.isHeard, caller.hungUp], [false, null])
  caller.tell({ type: 'held', held: false })
  caller.hasSound = true
  caller.pass(1000)
  t.equal(caller.dialogue.isHeard, true)
  caller.hasSound = false
  caller.pass(LOST_MS + 20)
  t.same([caller.dialogue.isHeard, caller.hungUp], [false, 'no sound comes from the caller'])
})

t.test('a second person is waited for by name, and his word puts the caller on the air', async (t) => {
  const caller = new Caller((question) => (question.kind === 'start' ? { kind: 'waits', names: ['Trần Văn Bình'], waitMs: 120_000 } : usual('emergency')(question)))
  caller.press('4711271828#11').pass(1000)
  t.match(caller.said.at(-1), /người thứ hai.*Trần Văn Bình/)
  caller.pass(40_000)
  t.match(caller.said.at(-1), /Vẫn đang chờ/)
  caller.tell({ type: 'notice', notice: { kind: 'on-air', speakInMs: 3000, air: AIR, endsInMs: 60_000 } })
  caller.pass(3100)
  t.equal(caller.dialogue.isHeard, true)
  caller.tell({ type: 'notice', notice: { kind: 'over', why: 'stopped' } })
  t.equal(caller.dialogue.isHeard, false)
  caller.pass(20_000)
  t.equal(caller.hungUp, 'stopped')
})

t.test('nobody confirms: it is withdrawn when the time is over', async (t) => {
  const caller = new Caller((question) => (question.kind === 'start' ? { kind: 'waits', names: [], waitMs: 60_000 } : usual('emergency')(question)))
  caller.press('4711271828#11').pass(80_000)
  t.same([caller.hungUp, caller.asked.at(-1)], ['expired', { kind: 'finish' }])
})

t.test('what the server says goes on without the caller, and is taken back by two keys', async (t) => {
  const answer = (question: PhoneQuestion): PhoneAnswer => (question.kind === 'choose' ? chosen('emergency', 'template') : question.kind === 'start' ? { kind: 'on-air', speakInMs: 0, air: null, endsInMs: 60_000 } : usual()(question))
  const caller = new Caller(answer)
  caller.press('4711271828#11').pass(200)
  t.match(caller.said.at(-1), /đang được phát/)
  caller.press('*1').pass(20_000)
  t.same([caller.asked.at(-1), caller.hungUp, caller.heardFromMs], [{ kind: 'cancel' }, 'cancelled', null])
  const gone = new Caller(answer)
  gone.press('4711271828#11').pass(200)
  gone.tell({ type: 'ended', reason: 'BYE' })
  t.same([gone.dialogue.isOver, gone.asked.filter(({ kind }) => kind === 'cancel' || kind === 'finish')], [true, []])
})

t.test('a code is asked for where it is needed, and is not kept', async (t) => {
  const caller = new Caller((question) => (question.kind === 'identify' ? { kind: 'code-needed' } : usual()(question)))
  caller.press('4711271828#123456').pass(100)
  t.same(caller.asked.at(-1), { kind: 'code', code: '123456' })
  const secrets = caller.done.filter((action) => action.do === 'secret')
  t.same(secrets, [{ do: 'secret', on: true }, { do: 'secret', on: false }])
})

t.test('control does not answer: the caller is told, and not left', async (t) => {
  const caller = new Caller(() => null)
  caller.press('4711271828#').pass(70_000)
  t.ok(caller.said.some((words) => words.includes('Xin chờ')))
  t.equal(caller.hungUp, 'control does not answer')
})

/** Whatever is pressed, answered and noticed at whatever times. */
const answers: readonly PhoneAnswer[] = [known, { kind: 'wrong' }, { kind: 'locked' }, { kind: 'code-needed' }, { kind: 'refused', why: 'busy' }, { kind: 'refused', why: 'no-right' }, chosen('normal'), chosen('emergency'), chosen('emergency', 'template'), onAir(0, 90_000), onAir(3000, 5000), { kind: 'waits', names: [], waitMs: 60_000 }, { kind: 'done' }]
const happening = fc.oneof(
  { weight: 8, arbitrary: fc.record({ what: fc.constant('key' as const), key: fc.constantFrom(...'0123456789*#'), ms: fc.integer({ min: 0, max: 9000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('hold' as const), held: fc.boolean(), ms: fc.integer({ min: 0, max: 9000 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('over' as const), ms: fc.integer({ min: 0, max: 9000 }) }) },
)

t.test('whatever is pressed: nobody is heard without the PIN and a confirmation, and it always ends', async () => {
  fc.assert(fc.property(fc.array(happening, { maxLength: 120 }), fc.infiniteStream(fc.constantFrom(...answers)), fc.boolean(), (happenings, stream, isHonest) => {
    let proved = false
    let confirmed = false
    const caller = new Caller((question) => {
      const answer = isHonest ? usual('emergency', 3000)(question) : (stream.next().value as PhoneAnswer)
      if ((question.kind === 'identify' || question.kind === 'code') && answer.kind === 'known') proved = true
      if (question.kind === 'start') {
        if (!proved) throw new Error('started without a PIN')
        confirmed = true
      }
      return answer
    })
    if (isHonest) caller.press('4711271828#')
    for (const one of happenings) {
      if (one.what === 'key') caller.tell({ type: 'key', key: one.key })
      else if (one.what === 'hold') caller.tell({ type: 'held', held: one.held })
      else caller.tell({ type: 'notice', notice: { kind: 'over', why: 'stopped' } })
      caller.pass(one.ms)
      if (caller.dialogue.isHeard && !(proved && confirmed)) return false
    }
    caller.tell({ type: 'held', held: false })
    caller.pass(PREPARE_MOST_MS * 4 + 700_000)
    return caller.hungUp !== null && caller.dialogue.isOver && !caller.dialogue.isHeard
  }))
})

t.test('keys without end come to an end', async () => {
  fc.assert(fc.property(fc.array(fc.constantFrom(...'0123456789*#'), { minLength: 1, maxLength: 6 }), (cycle) => {
    const caller = new Caller(usual())
    for (let at = 0; caller.nowMs < 20 * 60_000 && caller.hungUp === null; at += 1) caller.press(cycle[at % cycle.length]!, 4000)
    return caller.hungUp !== null
  }), { numRuns: 40 })
})

t.test('numbers as people say them', async (t) => {
  const said: Readonly<Record<number, string>> = { 0: 'không', 4: 'bốn', 10: 'mười', 15: 'mười lăm', 21: 'hai mươi mốt', 24: 'hai mươi tư', 25: 'hai mươi lăm', 101: 'một trăm linh một', 110: 'một trăm mười', 1000: 'một nghìn', 1005: 'một nghìn không trăm linh năm', 10_000: 'mười nghìn', 12_345: 'mười hai nghìn ba trăm bốn mươi lăm', 1_000_020: 'một triệu không trăm hai mươi' }
  for (const [value, words] of Object.entries(said)) t.equal(numberWords(Number(value), 'vi'), words)
  t.same([0, 21, 105, 1001, 12_345].map((value) => numberWords(value, 'en')), ['zero', 'twenty-one', 'one hundred and five', 'one thousand and one', 'twelve thousand three hundred and forty-five'])
})
