import { rm } from 'node:fs/promises'
import type { ClipPreparer, ControlClock, PreparedClip, Store } from '../ports.ts'
import { keepClip } from '../clip-rules.ts'
import { ApiError } from '../problem.ts'
import { invalid } from '../validation.ts'
import type { SpeechMaker, SpeechVoice } from './speech-port.ts'

export interface AlertSoundPorts {
  readonly store: Store
  readonly clock: ControlClock
  readonly clips: ClipPreparer
  readonly speech: SpeechMaker
}

/** Speaking and converting are work for a processor core. */
const MOST_WAITING = 8
const MOST_KNOWN = 200

const NO_SPEECH_VI = 'máy chủ chưa có chương trình đọc văn bản (espeak-ng)'

export interface Speaker {
  /**
   * @param path where the words stand in the request
   * @param name of the clip, for people
   * @throws ApiError LOA_ERR_NO_SPEECH, LOA_ERR_BUSY, LOA_ERR_INVALID for words that cannot be spoken; errors of the clip preparer
   */
  spoken(path: string, text: string, voice: SpeechVoice, name: string): Promise<string>
}

/** Turns words into clips, one after the other; what is urgent at once. What was spoken lately is not spoken again. */
export class AlertSound implements Speaker {
  /** For what is to be on the air as soon as it is spoken: it waits for nobody. */
  readonly urgent: Speaker = { spoken: (path, text, voice, name) => this.#clip(text, voice, name, () => this.#speak(path, text, voice)) }
  readonly #ports: AlertSoundPorts
  /** Ids of clips by voice and words. */
  readonly #known = new Map<string, string>()
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(ports: AlertSoundPorts) {
    this.#ports = ports
  }

  spoken(path: string, text: string, voice: SpeechVoice, name: string): Promise<string> {
    return this.#clip(text, voice, name, () => this.#queued(() => this.#speak(path, text, voice)))
  }

  async #clip(text: string, voice: SpeechVoice, name: string, speak: () => Promise<PreparedClip>): Promise<string> {
    const { store } = this.#ports
    const key = `${voice} ${text}`
    const known = this.#known.get(key)
    // Its file went with a clip that was removed meanwhile.
    if (known !== undefined && store.clips.get(known) !== undefined) return known
    const clipId = keepClip(this.#ports, await speak(), name, null).clip.id
    this.#known.delete(key)
    this.#known.set(key, clipId)
    if (this.#known.size > MOST_KNOWN) this.#known.delete(this.#known.keys().next().value!)
    return clipId
  }

  #queued<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw new ApiError('LOA_ERR_BUSY', `${String(MOST_WAITING)} texts are waiting to be spoken`, `đang có ${String(MOST_WAITING)} văn bản chờ đọc`, { headers: { 'Retry-After': '5' } })
    this.#waiting++
    const mine = this.#last.then(work).finally(() => { this.#waiting-- })
    this.#last = mine.catch(() => undefined)
    return mine
  }

  async #speak(path: string, text: string, voice: SpeechVoice): Promise<PreparedClip> {
    const { speech, clips } = this.#ports
    let file: string
    try {
      file = await speech.speak(text, voice)
    } catch (error) {
      const { code } = error as { readonly code?: unknown }
      if (code === 'SPEECH_ERR_MISSING') throw new ApiError('LOA_ERR_NO_SPEECH', 'there is no program on the server that speaks text (espeak-ng)', NO_SPEECH_VI, { cause: error })
      if (code === 'SPEECH_ERR_TOO_LONG') throw invalid([{ path, message: 'is too long to be spoken', messageVi: 'quá dài để đọc' }])
      throw new ApiError('LOA_ERR_NO_SPEECH', 'the program that speaks text failed', 'chương trình đọc văn bản bị lỗi', { cause: error })
    }
    try {
      return await clips.prepare(file)
    } finally {
      await rm(file, { force: true })
    }
  }
}
