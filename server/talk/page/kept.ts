import type { MicrophoneChoice } from '../../../control/client/speak/microphone.ts'
import type { Language } from './texts.ts'

/** Storage may be shut off; then nothing is kept, and everything works. */
function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

/** What the page keeps in the browser: the key for this window only, tastes for good. */
export class Kept {
  readonly #keyName: string
  readonly #lineName: string
  /** Also where nothing can be kept. */
  #key = ''

  constructor(sourceId: string) {
    this.#keyName = `loa-talk-key:${sourceId}`
    this.#lineName = `loa-talk-line:${sourceId}`
  }

  /** Takes the key out of the address, so that it stands in no history and on no screen shot. */
  takeKeyFromAddress(): void {
    const fragment = location.hash.slice(1)
    if (fragment === '') return
    this.key = attempt(() => decodeURIComponent(fragment)) ?? fragment
    history.replaceState(null, '', location.pathname)
  }

  get key(): string {
    return this.#key === '' ? (attempt(() => sessionStorage.getItem(this.#keyName)) ?? '') : this.#key
  }

  set key(key: string) {
    this.#key = key.trim()
    attempt(() => {
      if (this.#key === '') sessionStorage.removeItem(this.#keyName)
      else sessionStorage.setItem(this.#keyName, this.#key)
    })
  }

  /** Where the session of this window is, which a page that died has left behind; '' when there is none. */
  get line(): string {
    return attempt(() => sessionStorage.getItem(this.#lineName)) ?? ''
  }

  set line(path: string) {
    attempt(() => {
      if (path === '') sessionStorage.removeItem(this.#lineName)
      else sessionStorage.setItem(this.#lineName, path)
    })
  }

  get language(): Language {
    return attempt(() => localStorage.getItem('loa-talk-language')) === 'en' ? 'en' : 'vi'
  }

  set language(language: Language) {
    attempt(() => { localStorage.setItem('loa-talk-language', language) })
  }

  get microphone(): MicrophoneChoice {
    const kept = attempt(() => JSON.parse(localStorage.getItem('loa-talk-microphone') ?? '{}') as Partial<MicrophoneChoice>) ?? {}
    return { deviceId: typeof kept.deviceId === 'string' ? kept.deviceId : '', echo: kept.echo !== false, noise: kept.noise !== false, gain: kept.gain !== false }
  }

  set microphone(choice: MicrophoneChoice) {
    attempt(() => { localStorage.setItem('loa-talk-microphone', JSON.stringify(choice)) })
  }
}
