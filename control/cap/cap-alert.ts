import type { Hazard, RiskLevel } from '../alerts/alert-port.ts'
import { foldText } from '../text.ts'
import { capTimeMs, type CapInfo, type CapResource } from './cap-message.ts'

/**
 * How much is said. What goes on the air by itself must be spoken and brought to the loudness of the house before its two seconds are over, which takes some time for each
 * character; a person has the time to wait for more.
 */
export const MOST_SPOKEN = { air: 450, ask: 1500 } as const
const MOST_TITLE_CHARACTERS = 200

/** What a message says, as an alert has it. */
export interface CapContent {
  readonly title: string
  readonly hazard: Hazard
  readonly level: RiskLevel
  /** To be spoken, by language; recordings to be fetched in their place where there are any. */
  readonly parts: readonly { readonly language: string; readonly text: string; readonly audio: readonly CapResource[] }[]
  /** Null: at once. */
  readonly startsAtMs: number | null
  /** Null: the message does not say. */
  readonly expiresAtMs: number | null
}

/**
 * @param infos at least one; what is said in Vietnamese comes first
 * @param mostCharacters of what is said in one language
 */
export function contentOf(infos: readonly CapInfo[], nowMs: number, mostCharacters: number): CapContent {
  const sorted = infos.toSorted((a, b) => Number(languageOf(b) === 'vi') - Number(languageOf(a) === 'vi'))
  const first = sorted[0]!
  const languages = [...new Set(sorted.map(languageOf))]
  const startMs = Math.min(...infos.map(({ effective }) => (effective === null ? 0 : capTimeMs(effective)!)))
  const ends = infos.map(({ expires }) => (expires === null ? null : capTimeMs(expires)!))
  return {
    title: cut(headOf(first), MOST_TITLE_CHARACTERS),
    hazard: hazardOf(infos),
    level: Math.max(...infos.map(levelOf)) as RiskLevel,
    parts: languages.map((language) => {
      const own = sorted.filter((info) => languageOf(info) === language)
      return { language, text: spokenText(own, mostCharacters), audio: own.flatMap(({ resources }) => resources.filter(({ mimeType }) => mimeType.toLowerCase().startsWith('audio/'))) }
    }),
    startsAtMs: startMs > nowMs ? startMs : null,
    expiresAtMs: ends.includes(null) ? null : Math.max(...ends.map((end) => end!)),
  }
}

/** `vi-VN` is said as `vi`; other languages go by their first part too. */
const languageOf = ({ language }: CapInfo): string => language.split('-', 1)[0]!.toLowerCase()

/** Headline, description and instruction of each info. What is too long is cut in the description first: what is to be done must be heard. */
function spokenText(infos: readonly CapInfo[], mostCharacters: number): string {
  const share = Math.floor(mostCharacters / infos.length)
  const texts = infos.map(({ headline, event, description, instruction }) => {
    const head = cut(sentence(headOf({ headline, event })), Math.floor(share / 4))
    const todo = instruction === null ? '' : cut(sentence(instruction), Math.floor(share / 2))
    const rest = share - head.length - todo.length - 2
    const middle = description === null || rest < 20 ? '' : cut(sentence(description), rest)
    return [head, middle, todo].filter((part) => part !== '').join(' ')
  })
  return [...new Set(texts)].join(' ')
}

const headOf = ({ headline, event }: Pick<CapInfo, 'headline' | 'event'>): string => oneLine(headline ?? '') || oneLine(event) || 'Cảnh báo khẩn cấp'

/** Without addresses of pages, which nobody can read aloud. */
const oneLine = (text: string): string => text.normalize('NFC').replace(/https?:\/\/\S+/gi, ' ').replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()

/** Ends with a mark, so that a voice makes a pause. */
function sentence(text: string): string {
  const line = oneLine(text)
  return line === '' || /[.!?…]$/.test(line) ? line : `${line}.`
}

/** At the end of a sentence if there is one in the second half, else of a word. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const piece = text.slice(0, most)
  const end = Math.max(piece.lastIndexOf('. '), piece.lastIndexOf('! '), piece.lastIndexOf('? '))
  if (end >= most / 2) return piece.slice(0, end + 1)
  const space = piece.lastIndexOf(' ')
  return (space > 0 ? piece.slice(0, space) : piece).replace(/[\ud800-\udbff]$/, '')
}

/** By words of the event, in Vietnamese without accents and in English; the first that fits. */
const HAZARD_WORDS: readonly (readonly [Hazard, RegExp])[] = [
  ['dam-release', /\b(?:xa lu|xa dap|xa tran|xa nuoc|vo dap|dam)\b/],
  ['flood', /\b(?:lu|lut|ngap|flood)/],
  ['storm', /\b(?:bao|ap thap|giong|loc|storm|typhoon|cyclone|hurricane|thunderstorm|tornado)/],
  ['fire', /\b(?:chay|fire|wildfire)/],
  ['epidemic', /\b(?:dich|epidemic|pandemic|outbreak)/],
  ['missing-person', /\b(?:mat tich|missing|amber)/],
]

function hazardOf(infos: readonly CapInfo[]): Hazard {
  if (infos.every(({ responseTypes }) => responseTypes.includes('AllClear'))) return 'all-clear'
  const words = foldText(infos.map(({ event }) => event).join('\n'))
  const found = HAZARD_WORDS.find(([, pattern]) => pattern.test(words))
  if (found !== undefined) return found[0]
  return infos.some(({ categories }) => categories.includes('Fire')) ? 'fire' : 'other'
}

const RISK_PARAMETER = /^(?:cap-?do-?rui-?ro|risk-?level|vn-risk-?level)$/i
const LEVEL_OF = { Extreme: 4, Severe: 3, Moderate: 2, Minor: 1, Unknown: 1 } as const

/** The level of risk of Quyết định 18/2021 where the message says it as a parameter; else after its severity. The fifth is for the government to declare. */
function levelOf({ parameters, severity }: CapInfo): number {
  const said = parameters.find(({ valueName, value }) => RISK_PARAMETER.test(valueName) && /^[1-5]$/.test(value))
  return said === undefined ? LEVEL_OF[severity] : Number(said.value)
}
