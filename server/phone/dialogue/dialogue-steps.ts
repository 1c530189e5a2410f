import type { PhoneAir, PhoneAnswer, PhoneLanguage, PhoneNotice, PhoneQuestion, PhoneSummary } from '../../../control/ports.ts'
import type { Segment, TextId } from './texts.ts'

/** A number of four digits, then the PIN. */
export const NUMBER_DIGITS = 4
export const MOST_ENTRY_DIGITS = NUMBER_DIGITS + 10
export const CODE_DIGITS = 6

/** How long a key is waited for once all has been said, how often is asked again, and how long a call may last before it is on the air. */
export const KEY_WAIT_MS = 10_000
export const REPEATS = 2
export const PREPARE_MOST_MS = 5 * 60_000
/** No prompt is longer. */
export const SAY_MOST_MS = 90_000
/** An answer that takes longer is bridged by words; one that takes this long does not come. */
export const BRIDGE_MS = 1500
export const ANSWER_MOST_MS = 45_000
export const MOST_QUEUED_KEYS = 32
export const COUNTED_MS = 3000
/** Sound comes every 20 ms, gaps filled; without any for so long the other side is gone. */
export const LOST_MS = 700
/** A pause ends by itself; whoever is on hold or has forgotten is reminded. */
export const PAUSE_MOST_MS = 120_000
export const REMIND_MS = 20_000
/** `#` was pressed and nothing after it. */
export const ENDING_MS = 10_000
export const HINT_BEFORE_MS = 30_000
export const WRONG_TRIES = 3
export const STILL_WAITING_MS = 30_000
export const PLAYING_MOST_MS = 5 * 60_000

export type DialogueEvent =
  | { readonly type: 'answered' }
  | { readonly type: 'key'; readonly key: string }
  /** What was said last has come to its end. */
  | { readonly type: 'said' }
  | { readonly type: 'answer'; readonly answer: PhoneAnswer }
  /** Control cannot be asked. */
  | { readonly type: 'no-answer' }
  | { readonly type: 'notice'; readonly notice: PhoneNotice }
  /** A block of the caller's sound. */
  | { readonly type: 'sound' }
  | { readonly type: 'held'; readonly held: boolean }
  /** The call is over, whoever ended it. */
  | { readonly type: 'ended'; readonly reason: string }
  | { readonly type: 'time' }

export type DialogueAction =
  /** Stops what is being said. */
  | { readonly do: 'say'; readonly segments: readonly Segment[]; readonly language: PhoneLanguage }
  | { readonly do: 'hush' }
  /** One question is open at a time. */
  | { readonly do: 'ask'; readonly question: PhoneQuestion }
  | { readonly do: 'open-air'; readonly air: PhoneAir }
  /** Whether the caller's voice goes to the source; else silence does. */
  | { readonly do: 'air'; readonly on: boolean }
  | { readonly do: 'close-air' }
  /** Keys are being entered that must not be kept: in-band they are sound. */
  | { readonly do: 'secret'; readonly on: boolean }
  | { readonly do: 'hang-up'; readonly reason: string }

export type Step =
  | { readonly name: 'ringing' }
  | { readonly name: 'menu' }
  | { readonly name: 'over' }
  | { readonly name: 'identify' | 'code'; readonly entry: string }
  | { readonly name: 'asking'; readonly question: PhoneQuestion; readonly isBridged: boolean }
  | { readonly name: 'confirm'; readonly summary: PhoneSummary }
  /** For the second person. */
  | { readonly name: 'waiting'; readonly untilMs: number }
  /** Before the order of what is no emergency. */
  | { readonly name: 'count'; readonly goMs: number; readonly left: number }
  /** The order is given; what comes before the caller is sounding. */
  | { readonly name: 'lead-in'; readonly goMs: number; readonly left: number; readonly endsMs: number }
  | { readonly name: 'on-air'; readonly endsMs: number }
  | { readonly name: 'paused'; readonly endsMs: number; readonly untilMs: number; readonly isHeld: boolean }
  | { readonly name: 'ending'; readonly endsMs: number }
  /** The server speaks; he may hang up, and is asked to after a while. */
  | { readonly name: 'playing' | 'sure-cancel'; readonly untilMs: number }
  | { readonly name: 'farewell'; readonly reason: string }

/** Steps in which a key is waited for before anything is on the air. */
export const PREPARING: ReadonlySet<Step['name']> = new Set(['identify', 'code', 'menu', 'confirm'])

/** What may be answered to a question; nothing else leads anywhere. */
export const ANSWERS: Readonly<Record<PhoneQuestion['kind'], readonly PhoneAnswer['kind'][]>> = {
  identify: ['known', 'code-needed', 'wrong', 'locked'],
  code: ['known', 'wrong', 'locked'],
  choose: ['chosen'],
  start: ['on-air', 'waits'],
  withdraw: ['done'],
  finish: ['done'],
  cancel: ['done'],
}

export const COUNT: readonly TextId[] = ['one', 'two', 'three']

