import type { PhoneAnswer, PhoneLanguage, PhoneNotice, PhoneOnAir, PhoneQuestion, PhoneRefusal, PhoneSummary } from '../../../control/ports.ts'
import { ANSWERS, ANSWER_MOST_MS, BRIDGE_MS, CODE_DIGITS, COUNT, COUNTED_MS, ENDING_MS, HINT_BEFORE_MS, KEY_WAIT_MS, LOST_MS, MOST_ENTRY_DIGITS, MOST_QUEUED_KEYS, NUMBER_DIGITS, PAUSE_MOST_MS, PLAYING_MOST_MS, PREPARE_MOST_MS, PREPARING, REMIND_MS, REPEATS, SAY_MOST_MS, STILL_WAITING_MS, WRONG_TRIES, type DialogueAction, type DialogueEvent, type Step } from './dialogue-steps.ts'
import { DialogueOutput } from './dialogue-output.ts'
import { menuSegments, refusalText, summarySegments, text, type Segment, type TextId } from './texts.ts'

/**
 * The dialogue with one caller, as a machine: what happened goes in with its time, what is to be done comes out. It holds no clock and no sound, so that all of it
 * runs on virtual time. Whatever is pressed or not, it comes to its end; and nobody is heard who has not proved who he is and confirmed.
 *
 * Keys are taken ahead: who knows them need not listen. What is refused empties the queue, so that keys meant for one question never answer another.
 */
export class Dialogue {
  #step: Step = { name: 'ringing' }
  readonly #lostMs: number
  readonly #out: DialogueOutput
  #keys: readonly { readonly key: string; readonly name: string }[] = []
  #queue: string[] = []
  #dueMs = Infinity
  #repeats = 0
  #wrong = 0
  #beganMs = 0
  #lastSoundMs = Infinity
  #isHeld = false

  /** @param lostMs the caller has gone when his sound stays away for so long */
  constructor(language: PhoneLanguage, lostMs = LOST_MS) {
    this.#out = new DialogueOutput(language)
    this.#lostMs = lostMs
  }

  get isOver(): boolean {
    return this.#step.name === 'over'
  }

  /** Whether the caller is heard now. */
  get isHeard(): boolean {
    return this.#out.isHeard
  }

  /** When `time` is to be told next. */
  get dueMs(): number {
    const lost = this.#isHeld || this.#step.name === 'ringing' || this.#step.name === 'over' ? Infinity : this.#lastSoundMs + this.#lostMs
    return Math.min(this.#dueMs, lost)
  }

  handle(event: DialogueEvent, nowMs: number): readonly DialogueAction[] {
    if (this.#step.name !== 'over') this.#take(event, nowMs)
    return this.#out.take()
  }

  #take(event: DialogueEvent, nowMs: number): void {
    switch (event.type) {
      case 'answered':
        if (this.#step.name !== 'ringing') return
        this.#beganMs = this.#lastSoundMs = nowMs
        this.#identify(nowMs, [text('welcome', this.#out.language)])
        return
      case 'sound':
        this.#lastSoundMs = nowMs
        return
      case 'key':
        if (this.#queue.length < MOST_QUEUED_KEYS) this.#queue.push(event.key)
        this.#drain(nowMs)
        return
      case 'said': return this.#said(nowMs)
      case 'answer':
        if (this.#step.name === 'asking') this.#answered(this.#step.question, event.answer, nowMs)
        this.#drain(nowMs)
        return
      case 'no-answer':
        if (this.#step.name === 'asking') this.#farewell('control does not answer', [text('unreachable', this.#out.language)], nowMs)
        return
      case 'notice': return this.#noticed(event.notice, nowMs)
      case 'held': return this.#held(event.held, nowMs)
      case 'ended': return this.#over()
      case 'time':
        if (nowMs >= this.dueMs) this.#timeOver(nowMs)
    }
  }

  // ── Keys ───────────────────────────────────────────────────────────────────────────────────────────

  /** Gives keys to the steps that want them, one after the other, until one has to wait. */
  #drain(nowMs: number): void {
    for (let key = this.#nextKey(); key !== undefined; key = this.#nextKey()) {
      this.#repeats = 0
      this.#key(key, nowMs)
    }
  }

  #nextKey(): string | undefined {
    return this.#step.name === 'asking' || this.#step.name === 'over' || this.#step.name === 'farewell' ? undefined : this.#queue.shift()
  }

  #key(key: string, nowMs: number): void {
    const step = this.#step
    // Whoever goes round in circles comes to an end, too.
    if (PREPARING.has(step.name) && nowMs >= this.#beganMs + PREPARE_MOST_MS) {
      this.#dismiss(nowMs)
      return
    }
    switch (step.name) {
      case 'identify':
      case 'code': return this.#enter(step.name, step.entry, key, nowMs)
      case 'menu':
        if (key === '0') this.#menu(nowMs)
        else if (this.#keys.some((known) => known.key === key)) this.#ask({ kind: 'choose', key }, nowMs)
        else if (key !== '#' && key !== '*') this.#menu(nowMs, [text('noSuchKey', this.#out.language)])
        return
      case 'confirm':
        if (key === '1') this.#confirmed(step.summary, nowMs)
        else if (key === '*') this.#ask({ kind: 'withdraw' }, nowMs)
        else if (key === '0') this.#confirm(step.summary, nowMs)
        return
      case 'waiting':
        if (key === '#') this.#leave('withdrawn', 'withdrawn', nowMs)
        return
      case 'count':
      case 'lead-in':
        if (key === '#') this.#leave('ended by the caller', 'finished', nowMs)
        return
      case 'on-air':
        if (key === '*') this.#pause(step.endsMs, nowMs)
        else if (key === '#') this.#ending(step.endsMs, nowMs)
        return
      case 'paused':
        if (key === '*') this.#goOn(step.endsMs, nowMs)
        else if (key === '#') this.#ending(step.endsMs, nowMs)
        return
      case 'ending':
        if (key === '#') this.#leave('ended by the caller', 'finished', nowMs)
        else if (key === '*') this.#goOn(step.endsMs, nowMs)
        return
      case 'playing':
        if (key === '*') this.#step = this.#asks({ name: 'sure-cancel', untilMs: step.untilMs }, [text('sureCancel', this.#out.language)], nowMs)
        else if (key === '#') this.#farewell('done', [text('goodbye', this.#out.language)], nowMs)
        return
      case 'sure-cancel':
        if (key === '1') this.#ask({ kind: 'cancel' }, nowMs)
        else this.#play(step.untilMs, nowMs)
        return
      default:
        // Nothing is asked.
    }
  }

  #enter(name: 'identify' | 'code', entry: string, key: string, nowMs: number): void {
    if (entry === '') this.#out.do({ do: 'hush' })
    this.#dueMs = Math.min(nowMs + KEY_WAIT_MS, this.#prepareUntilMs(nowMs))
    const most = name === 'code' ? CODE_DIGITS : MOST_ENTRY_DIGITS
    // One more than there may be is kept, so that it is wrong.
    const entered = key === '*' ? '' : key === '#' ? entry : (entry + key).slice(0, most + 1)
    this.#step = { name, entry: entered }
    if (name === 'code' ? key === '#' || entered.length === CODE_DIGITS : key === '#') {
      this.#ask(name === 'code' ? { kind: 'code', code: entered } : { kind: 'identify', number: entered.slice(0, NUMBER_DIGITS), pin: entered.slice(NUMBER_DIGITS) }, nowMs)
    }
  }

  // ── Steps ──────────────────────────────────────────────────────────────────────────────────────────

  #identify(nowMs: number, before: readonly Segment[] = []): void {
    this.#out.secret(true)
    this.#step = this.#asks({ name: 'identify', entry: '' }, [...before, text('identify', this.#out.language)], nowMs)
  }

  #menu(nowMs: number, before: readonly Segment[] = []): void {
    this.#out.secret(false)
    this.#step = this.#asks({ name: 'menu' }, [...before, ...menuSegments(this.#keys, this.#out.language)], nowMs)
  }

  #confirm(summary: PhoneSummary, nowMs: number): void {
    this.#step = this.#asks({ name: 'confirm', summary }, summarySegments(summary, this.#out.language), nowMs)
  }

  /** An emergency begins with its signal, which the caller counts down through; before anything else nobody is to hear three seconds of nothing. */
  #confirmed({ class: itsClass, content }: PhoneSummary, nowMs: number): void {
    if (itsClass === 'emergency' || content === 'template') this.#ask({ kind: 'start' }, nowMs)
    else this.#step = this.#count({ name: 'count', goMs: nowMs + COUNTED_MS, left: COUNT.length }, nowMs)
  }

  #started({ speakInMs, air, endsInMs }: PhoneOnAir, nowMs: number): void {
    const endsMs = nowMs + endsInMs
    if (air === null) {
      this.#play(nowMs + PLAYING_MOST_MS, nowMs)
      return
    }
    this.#out.do({ do: 'open-air', air })
    const goMs = nowMs + speakInMs
    if (speakInMs <= 0) {
      this.#goOn(endsMs, nowMs)
      return
    }
    if (speakInMs > COUNTED_MS) this.#out.say([text('before', this.#out.language)])
    this.#step = this.#count({ name: 'lead-in', goMs, left: Math.min(COUNT.length, Math.floor(speakInMs / 1000)), endsMs }, nowMs)
  }

  /** Says the number whose turn it is, and waits for the next. */
  #count<S extends Extract<Step, { readonly name: 'count' | 'lead-in' }>>(step: S, nowMs: number): S {
    if (step.left === 0 || nowMs < step.goMs - step.left * 1000) {
      this.#dueMs = step.goMs - step.left * 1000
      return step
    }
    this.#out.say([text(COUNT[step.left - 1]!, this.#out.language)])
    this.#dueMs = step.goMs - (step.left - 1) * 1000
    return { ...step, left: step.left - 1 }
  }

  #goOn(endsMs: number, nowMs: number): void {
    if (this.#isHeld) {
      this.#step = { name: 'paused', endsMs, untilMs: nowMs + PAUSE_MOST_MS, isHeld: true }
      this.#dueMs = Math.min(endsMs, nowMs + PAUSE_MOST_MS)
      return
    }
    this.#out.say([{ tone: 'air' }])
    this.#out.air(true)
    this.#step = { name: 'on-air', endsMs }
    this.#dueMs = endsMs - nowMs <= HINT_BEFORE_MS ? endsMs : endsMs - HINT_BEFORE_MS
  }

  #pause(endsMs: number, nowMs: number): void {
    this.#out.air(false)
    this.#out.say([{ tone: 'pause' }, text('paused', this.#out.language)])
    this.#step = { name: 'paused', endsMs, untilMs: nowMs + PAUSE_MOST_MS, isHeld: false }
    this.#dueMs = Math.min(endsMs, nowMs + REMIND_MS)
  }

  /** He is off the air before he is asked: who forgets the second key is not heard talking to others. */
  #ending(endsMs: number, nowMs: number): void {
    this.#out.air(false)
    this.#out.say([{ tone: 'pause' }, text('ending', this.#out.language)])
    this.#step = { name: 'ending', endsMs }
    this.#dueMs = nowMs + ENDING_MS
  }

  #play(untilMs: number, nowMs: number): void {
    this.#step = this.#asks({ name: 'playing', untilMs }, [text('playing', this.#out.language)], nowMs)
  }

  /** What is on the air, or waits to be, ends with this call. */
  #leave(reason: string, words: TextId, nowMs: number): void {
    this.#out.air(false)
    this.#out.do({ do: 'ask', question: { kind: 'finish' } })
    this.#farewell(reason, [text(words, this.#out.language)], nowMs)
  }

  #farewell(reason: string, segments: readonly Segment[], nowMs: number): void {
    this.#out.air(false)
    this.#out.do({ do: 'close-air' })
    this.#out.say(segments)
    this.#queue = []
    this.#step = { name: 'farewell', reason }
    this.#dueMs = nowMs + SAY_MOST_MS / 6
  }

  #over(): void {
    this.#out.air(false)
    this.#out.do({ do: 'hush' })
    this.#out.do({ do: 'close-air' })
    this.#step = { name: 'over' }
    this.#dueMs = Infinity
  }

  #hangUp(reason: string): void {
    this.#over()
    this.#out.do({ do: 'hang-up', reason })
  }

  // ── Answers and notices ────────────────────────────────────────────────────────────────────────────

  #ask(question: PhoneQuestion, nowMs: number): void {
    this.#out.do({ do: 'hush' })
    this.#out.do({ do: 'ask', question })
    this.#step = { name: 'asking', question, isBridged: false }
    this.#dueMs = nowMs + BRIDGE_MS
  }

  #answered(question: PhoneQuestion, answer: PhoneAnswer, nowMs: number): void {
    if (!ANSWERS[question.kind].includes(answer.kind) && answer.kind !== 'refused') {
      this.#refused(question, 'failed', nowMs)
      return
    }
    switch (answer.kind) {
      case 'known':
        this.#out.language = answer.language
        this.#keys = answer.keys
        this.#wrong = 0
        this.#menu(nowMs)
        return
      case 'code-needed':
        this.#step = this.#asks({ name: 'code', entry: '' }, [text('code', this.#out.language)], nowMs)
        return
      case 'wrong': return this.#wrongEntry(question, nowMs)
      case 'locked': return this.#farewell('locked', [{ tone: 'wrong' }, text('locked', this.#out.language)], nowMs)
      case 'refused': return this.#refused(question, answer.why, nowMs)
      case 'chosen': return this.#confirm(answer.summary, nowMs)
      case 'waits': return this.#waits(answer.names, answer.waitMs, nowMs)
      case 'on-air': return this.#started(answer, nowMs)
      case 'done':
        if (question.kind === 'withdraw') this.#menu(nowMs)
        else this.#farewell(question.kind === 'cancel' ? 'cancelled' : 'done', [text(question.kind === 'cancel' ? 'cancelled' : 'goodbye', this.#out.language)], nowMs)
    }
  }

  #wrongEntry(question: PhoneQuestion, nowMs: number): void {
    this.#queue = []
    this.#wrong += 1
    if (this.#wrong >= WRONG_TRIES) {
      this.#farewell('locked', [{ tone: 'wrong' }, text('locked', this.#out.language)], nowMs)
      return
    }
    if (question.kind === 'code') this.#step = this.#asks({ name: 'code', entry: '' }, [{ tone: 'wrong' }, text('codeWrong', this.#out.language), text('code', this.#out.language)], nowMs)
    else this.#identify(nowMs, [{ tone: 'wrong' }, text('wrong', this.#out.language)])
  }

  #refused(question: PhoneQuestion, why: PhoneRefusal, nowMs: number): void {
    this.#queue = []
    const words = [{ tone: 'wrong' } as const, refusalText(why, this.#out.language)]
    if ((question.kind === 'choose' || question.kind === 'start' || question.kind === 'withdraw') && this.#keys.length > 0) this.#menu(nowMs, words)
    else this.#farewell(why, [...words, text('goodbye', this.#out.language)], nowMs)
  }

  #waits(names: readonly string[], waitMs: number, nowMs: number): void {
    const who = names.length === 0 ? [text('nobody', this.#out.language)] : [{ text: `${names.join(', ')}.` }]
    this.#out.say([text('waits', this.#out.language), ...who, text('hold', this.#out.language)])
    this.#step = { name: 'waiting', untilMs: nowMs + waitMs }
    this.#dueMs = Math.min(nowMs + waitMs, nowMs + STILL_WAITING_MS)
  }

  #noticed(notice: PhoneNotice, nowMs: number): void {
    if (this.#step.name === 'farewell') return
    if (notice.kind === 'hang-up') {
      this.#hangUp('hung up by an operator')
    } else if (notice.kind === 'over') {
      const words = { stopped: 'stopped', refused: 'refused', expired: 'expired', 'taken-over': 'takenOver', 'handed-over': 'handedOver' } as const
      this.#farewell(notice.why, [{ tone: 'pause' }, text(words[notice.why], this.#out.language)], nowMs)
    } else if (this.#step.name === 'waiting') {
      this.#queue = []
      this.#started(notice, nowMs)
    }
  }

  // ── Time, hold, what has been said ─────────────────────────────────────────────────────────────────

  #said(nowMs: number): void {
    const { name } = this.#step
    if (name === 'farewell') this.#hangUp(this.#step.reason)
    else if (PREPARING.has(name) || name === 'playing' || name === 'sure-cancel') this.#dueMs = Math.min(this.#dueMs, nowMs + KEY_WAIT_MS)
  }

  #held(held: boolean, nowMs: number): void {
    this.#isHeld = held
    this.#lastSoundMs = nowMs
    if (held && this.#step.name === 'on-air') {
      this.#out.air(false)
      this.#step = { name: 'paused', endsMs: this.#step.endsMs, untilMs: nowMs + PAUSE_MOST_MS, isHeld: true }
      this.#dueMs = Math.min(this.#step.endsMs, this.#step.untilMs)
    } else if (!held && this.#step.name === 'paused' && this.#step.isHeld) {
      this.#goOn(this.#step.endsMs, nowMs)
    }
  }

  #timeOver(nowMs: number): void {
    const step = this.#step
    if (nowMs < this.#dueMs) {
      this.#hangUp('no sound comes from the caller')
      return
    }
    switch (step.name) {
      case 'asking': return this.#askedLong(step, nowMs)
      case 'waiting':
        if (nowMs >= step.untilMs) this.#leave('expired', 'expired', nowMs)
        else {
          this.#out.say([text('still', this.#out.language), text('hold', this.#out.language)])
          this.#dueMs = Math.min(step.untilMs, nowMs + STILL_WAITING_MS)
        }
        return
      case 'count':
        if (nowMs >= step.goMs) this.#ask({ kind: 'start' }, nowMs)
        else this.#step = this.#count(step, nowMs)
        return
      case 'lead-in':
        if (nowMs >= step.goMs) this.#goOn(step.endsMs, nowMs)
        else this.#step = this.#count(step, nowMs)
        return
      case 'on-air':
        if (nowMs >= step.endsMs) this.#leave('time is up', 'timeUp', nowMs)
        else {
          this.#out.say([{ tone: 'hint' }])
          this.#dueMs = step.endsMs
        }
        return
      case 'paused':
        if (nowMs >= step.endsMs || nowMs >= step.untilMs) this.#leave(nowMs >= step.endsMs ? 'time is up' : 'paused too long', 'timeUp', nowMs)
        else {
          this.#out.say([{ tone: 'pause' }])
          this.#dueMs = Math.min(step.endsMs, step.untilMs, nowMs + REMIND_MS)
        }
        return
      case 'ending': return this.#leave('ended by the caller', 'finished', nowMs)
      case 'farewell': return this.#hangUp(step.reason)
      case 'playing':
      case 'sure-cancel': return this.#farewell('done', [text('goodbye', this.#out.language)], nowMs)
      case 'identify':
      case 'code':
      case 'menu':
      case 'confirm': return this.#nothingPressed(step, nowMs)
      default:
    }
  }

  #askedLong(step: Extract<Step, { name: 'asking' }>, nowMs: number): void {
    if (step.isBridged) {
      this.#farewell('control does not answer', [text('unreachable', this.#out.language)], nowMs)
      return
    }
    this.#out.say([text('wait', this.#out.language)])
    this.#step = { ...step, isBridged: true }
    this.#dueMs = nowMs + ANSWER_MOST_MS - BRIDGE_MS
  }

  #nothingPressed(step: Extract<Step, { name: 'identify' | 'code' | 'menu' | 'confirm' }>, nowMs: number): void {
    this.#repeats += 1
    if (this.#repeats > REPEATS || nowMs >= this.#beganMs + PREPARE_MOST_MS) {
      this.#dismiss(nowMs)
    } else if (step.name === 'confirm') this.#confirm(step.summary, nowMs)
    else if (step.name === 'menu') this.#menu(nowMs)
    else if (step.name === 'identify') this.#identify(nowMs)
    else this.#step = this.#asks({ name: 'code', entry: '' }, [text('code', this.#out.language)], nowMs)
  }

  #dismiss(nowMs: number): void {
    this.#farewell('nothing was pressed', [text('noKey', this.#out.language), text('goodbye', this.#out.language)], nowMs)
  }

  // ── Small things ───────────────────────────────────────────────────────────────────────────────────

  /** Says something and waits for a key afterwards; what has been keyed ahead makes the words needless. */
  #asks<S extends Step>(step: S, segments: readonly Segment[], nowMs: number): S {
    if (this.#queue.length === 0) this.#out.say(segments)
    this.#dueMs = Math.min(nowMs + SAY_MOST_MS, 'untilMs' in step ? step.untilMs : this.#prepareUntilMs(nowMs))
    return step
  }

  #prepareUntilMs(nowMs: number): number {
    return Math.max(nowMs, this.#beganMs + PREPARE_MOST_MS)
  }
}
