import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SpeechMaker, SpeechVoice } from '../../control/ports.ts'

export type SpeechErrorCode = 'SPEECH_ERR_MISSING' | 'SPEECH_ERR_TOO_LONG' | 'SPEECH_ERR_FAILED'

export class SpeechError extends Error {
  override readonly name = 'SpeechError'
  readonly code: SpeechErrorCode

  constructor(code: SpeechErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const VOICES: Readonly<Record<SpeechVoice, string>> = { north: 'vi', central: 'vi-vn-x-central', south: 'vi-vn-x-south' }

/** Loudspeakers some hundred metres apart are heard one after the other: slow words with gaps stay apart. Words a minute; 10 ms. */
const WORDS_A_MINUTE = 120
const WORD_GAP = 4
/** What follows begins after so much silence. */
const PAUSE_MS = 900

const MOST_CHARACTERS = 4000
/** Some ten minutes of speech. */
const MOST_BYTES = 32 * 1024 * 1024
const WITHIN_MS = 60_000
export const HEADER_BYTES = 44

export interface EspeakSettings {
  /** Where sound files are put until the caller removes them. */
  readonly folder: string
  readonly program?: string
  readonly withinMs?: number
}

export interface SpeechStyle {
  /** As espeak-ng names it. */
  readonly voice: string
  readonly wordsAMinute: number
  /** 10 ms. */
  readonly wordGap: number
}

/** One text as WAV with a header of 44 bytes, 16 bits, mono. @throws SpeechError */
export async function speakWav(text: string, { voice, wordsAMinute, wordGap }: SpeechStyle, program = 'espeak-ng', withinMs = WITHIN_MS): Promise<Buffer> {
  const wav = await run(program, ['-v', voice, '-s', String(wordsAMinute), '-g', String(wordGap), '-b', '1', '--stdin', '--stdout'], plain(text), withinMs)
  if (wav.length <= HEADER_BYTES || wav.toString('latin1', 36, 40) !== 'data') throw new SpeechError('SPEECH_ERR_FAILED', 'the program gave no sound')
  return wav
}

/** Speech by espeak-ng, in a process of its own: fixed arguments, the text on its standard input, bounded in time and size. */
export function createEspeak({ folder, program = 'espeak-ng', withinMs = WITHIN_MS }: EspeakSettings): SpeechMaker {
  return {
    async speak(text, voice) {
      if (text.length > MOST_CHARACTERS) throw new SpeechError('SPEECH_ERR_TOO_LONG', `a text may have at most ${String(MOST_CHARACTERS)} characters`)
      const wav = await speakWav(text, { voice: VOICES[voice], wordsAMinute: WORDS_A_MINUTE, wordGap: WORD_GAP }, program, withinMs)
      await mkdir(folder, { recursive: true })
      const path = join(folder, `${randomUUID()}.wav`)
      await writeFile(path, withPause(wav), { flag: 'wx', mode: 0o600 })
      return path
    },
  }
}

/** Brackets in pairs would be read as phonemes. */
const plain = (text: string): string => `${text.normalize('NFC').replaceAll('[[', '[ [').replaceAll(/\p{Cc}/gu, ' ')}\n`

/** Adds the pause, and the true length to the header: into a pipe the program cannot write it. */
function withPause(wav: Buffer): Buffer {
  const samplesASecond = wav.readUInt32LE(24)
  const whole = Buffer.concat([wav, Buffer.alloc(2 * Math.round((samplesASecond * PAUSE_MS) / 1000))])
  whole.writeUInt32LE(whole.length - 8, 4)
  whole.writeUInt32LE(whole.length - HEADER_BYTES, 40)
  return whole
}

function run(program: string, args: readonly string[], input: string, withinMs: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
    const chunks: Buffer[] = []
    let bytes = 0
    child.once('error', (error) => {
      clearTimeout(timer)
      const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
      reject(new SpeechError(isMissing ? 'SPEECH_ERR_MISSING' : 'SPEECH_ERR_FAILED', `${program}: ${error.message}`, { cause: error }))
    })
    // A program that stops reading early says why by its end.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MOST_BYTES) chunks.push(chunk)
      else child.kill('SIGKILL')
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (bytes > MOST_BYTES) reject(new SpeechError('SPEECH_ERR_TOO_LONG', 'the text makes more sound than there may be'))
      else if (code === 0) resolve(Buffer.concat(chunks))
      else reject(new SpeechError('SPEECH_ERR_FAILED', `${program} ended with ${String(code ?? signal)}`))
    })
  })
}
