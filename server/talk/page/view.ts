import type { TalkStatus } from '../talk-status.ts'
import type { Kept } from './kept.ts'
import { meterLength, type Verdict } from '../../../control/client/speak/loudness.ts'
import { isOnAir, screenOf, type Screen, type Situation } from './screen.ts'
import { fill, type TextKey } from './texts.ts'

export interface ViewActions {
  readonly talk: () => void
  readonly retry: () => void
  readonly pause: () => void
  readonly resume: () => void
  readonly hangUp: () => void
  readonly key: (key: string) => void
  readonly microphone: () => void
  readonly redraw: () => void
}

const BUTTONS = ['talk', 'retry', 'pause', 'resume', 'hangUp'] as const
/** A second touch of the same trembling finger is no answer. */
const ANSWER_AFTER_MS = 600
/** A question that nobody answers was not asked by a person. */
const QUESTION_MS = 15_000

const element = <E extends HTMLElement = HTMLElement>(id: string): E => document.getElementById(id) as E

/** `1:05` or `1:02:05`. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const two = (value: number): string => String(value).padStart(2, '0')
  const rest = `${seconds < 3600 ? String(Math.floor(seconds / 60)) : two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3600 ? rest : `${String(Math.floor(seconds / 3600))}:${rest}`
}

/** All that touches the document. Names come from people: they are only ever set as text. */
export class View {
  readonly #kept: Kept
  readonly #confirm = element<HTMLDialogElement>('confirm')
  #question: ReturnType<typeof setTimeout> | undefined
  #status: TalkStatus | null = null
  #shown = ''

  constructor(kept: Kept, actions: ViewActions) {
    this.#kept = kept
    for (const id of BUTTONS) element(id).addEventListener('click', id === 'talk' ? () => { this.#askFirst() } : actions[id])
    element('yes').addEventListener('click', () => {
      this.#confirm.close()
      actions.talk()
    })
    element('no').addEventListener('click', () => { this.#confirm.close() })
    this.#confirm.addEventListener('close', () => { clearTimeout(this.#question) })
    element('key').addEventListener('submit', (event) => {
      event.preventDefault()
      const secret = element<HTMLInputElement>('secret')
      actions.key(secret.value)
      secret.value = ''
    })
    element('forget').addEventListener('click', () => { actions.key('') })
    element('language').addEventListener('click', () => {
      this.#kept.language = this.#kept.language === 'vi' ? 'en' : 'vi'
      this.#translate()
      actions.redraw()
    })
    const choose = (): void => {
      const checked = (id: string): boolean => element<HTMLInputElement>(id).checked
      this.#kept.microphone = { deviceId: element<HTMLSelectElement>('device').value, echo: checked('echo'), noise: checked('noise'), gain: checked('gain') }
      actions.microphone()
    }
    const { microphone } = kept
    for (const id of ['echo', 'noise', 'gain'] as const) element<HTMLInputElement>(id).checked = microphone[id]
    for (const id of ['echo', 'noise', 'gain', 'device']) element(id).addEventListener('change', choose)
    ;(navigator.mediaDevices as MediaDevices | undefined)?.addEventListener('devicechange', () => void this.listMicrophones())
    void this.listMicrophones()
    this.#translate()
  }

  show(situation: Situation, onAirMs: number): void {
    const screen = screenOf(situation)
    const { status } = situation
    this.#status = status
    document.body.dataset['tone'] = screen.tone
    this.#set('headline', this.#say(screen.headline, { seconds: situation.seconds }))
    this.#set('help', this.#help(screen, status, onAirMs))
    this.#set('name', status?.name ?? this.#say('title'))
    this.#showButtons(screen)
    element('key').hidden = !screen.buttons.includes('key')
    element('meter').hidden = !screen.meter
    element('time').hidden = onAirMs === 0 || situation.phase === 'ended' || situation.phase === 'idle'
    element('forget').hidden = !situation.hasKey
    if (!screen.buttons.includes('talk') && this.#confirm.open) this.#confirm.close()
    this.#showAudience(status, isOnAir(situation))
  }

  showLevel(dbfs: number, verdict: Verdict | null, onAirMs: number): void {
    element('level').style.transform = `scaleX(${meterLength(dbfs).toFixed(3)})`
    const bar = element('bar')
    bar.setAttribute('aria-valuenow', String(Math.round(Math.max(-60, dbfs))))
    bar.setAttribute('aria-valuetext', verdict === null ? '' : this.#say(verdict))
    element('meter').dataset['verdict'] = verdict ?? ''
    this.#set('verdict', verdict === null ? '' : this.#say(verdict))
    this.#set('clock', duration(onAirMs))
  }

  /** Their names are known only once the microphone was allowed. */
  async listMicrophones(): Promise<void> {
    const devices = await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices().catch(() => []) ?? []
    const known = devices.filter(({ kind, deviceId, label }) => kind === 'audioinput' && deviceId !== '' && deviceId !== 'default' && label !== '')
    const select = element<HTMLSelectElement>('device')
    select.replaceChildren(new Option(this.#say('microphoneDefault'), ''), ...known.map(({ deviceId, label }) => new Option(label, deviceId)))
    select.value = this.#kept.microphone.deviceId
    if (select.selectedIndex < 0) select.selectedIndex = 0
  }

  #askFirst(): void {
    const planned = (this.#status?.targeted ?? 0) > 0
    this.#set('question', this.#say(planned ? 'confirm' : 'confirmIdle'))
    this.#set('forWhom', planned ? this.#audience(this.#status!, false) : '')
    this.#set('yes', this.#say(planned ? 'confirmYes' : 'confirmConnect'))
    const yes = element<HTMLButtonElement>('yes')
    yes.disabled = true
    setTimeout(() => { yes.disabled = false }, ANSWER_AFTER_MS)
    this.#question = setTimeout(() => { this.#confirm.close() }, QUESTION_MS)
    this.#confirm.showModal()
    element('no').focus()
  }

  #help({ help, words }: Screen, status: TalkStatus | null, onAirMs: number): string {
    if (words !== undefined) return words[this.#kept.language]
    if (help === undefined) return ''
    const parts = [this.#say(help, { time: duration(onAirMs) })]
    if ((help === 'notScheduledHelp' || help === 'readyHelp') && status !== null && status.nextMs !== null) parts.push(this.#say('nextAt', { time: this.#clock(status.nextMs) }))
    if (help === 'onAirHelp' && status !== null && status.untilMs !== null) parts.push(this.#say('until', { time: this.#clock(status.untilMs) }))
    return parts.join(' ')
  }

  #showAudience(status: TalkStatus | null, onAir: boolean): void {
    element('audience').hidden = status === null || status.targeted === 0
    if (status === null || status.targeted === 0) return
    this.#set('hears', this.#audience(status, onAir))
    const names = [...status.units, ...(status.moreUnits > 0 ? [this.#say('moreUnits', { count: status.moreUnits })] : [])]
    const text = JSON.stringify(names)
    if (text === this.#shown) return
    this.#shown = text
    element('units').replaceChildren(...names.map((name) => {
      const item = document.createElement('li')
      item.textContent = name
      return item
    }))
  }

  #audience({ hearing, targeted }: TalkStatus, onAir: boolean): string {
    return this.#say(onAir ? 'hears' : 'wouldHear', { hearing, targeted })
  }

  /** Who works by keyboard is not left without a place when the button under the finger goes. */
  #showButtons({ buttons }: Screen): void {
    const focused = BUTTONS.find((id) => element(id) === document.activeElement)
    for (const id of BUTTONS) element(id).hidden = !buttons.includes(id)
    const next = BUTTONS.find((id) => buttons.includes(id))
    if (focused !== undefined && !buttons.includes(focused) && next !== undefined) element(next).focus({ preventScroll: true })
  }

  #clock(ms: number): string {
    return new Date(ms).toLocaleString(this.#kept.language, { hour: '2-digit', minute: '2-digit', hour12: false, ...(Math.abs(ms - Date.now()) > 20 * 3_600_000 ? { day: 'numeric', month: 'numeric' } : {}) })
  }

  #translate(): void {
    document.documentElement.lang = this.#kept.language
    document.title = this.#say('title')
    for (const node of document.querySelectorAll<HTMLElement>('[data-text]')) node.textContent = this.#say(node.dataset['text'] as TextKey)
    const language = element('language')
    language.textContent = this.#say('language')
    language.lang = this.#kept.language === 'vi' ? 'en' : 'vi'
    element('bar').setAttribute('aria-label', this.#say('level'))
    this.#shown = ''
    void this.listMicrophones()
  }

  #say(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
    return fill(this.#kept.language, key, values)
  }

  /** A live region is read again at every change, so what is the same is not set again. */
  #set(id: string, text: string): void {
    const node = element(id)
    if (node.textContent !== text) node.textContent = text
  }
}
