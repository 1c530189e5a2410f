import { useSyncExternalStore } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { Line, type LineState } from '../../../../control/client/speak/line.ts'
import { Loudness } from '../../../../control/client/speak/loudness.ts'
import { Microphone } from '../../../../control/client/speak/microphone.ts'
import { WhipClient, type WhipSession } from '../../../../control/client/speak/whip.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { whenPersonGoes } from '../../api/session-change.ts'
import { streamUrl } from '../../api/streams.ts'
import { currentLanguage } from '../../words/language.ts'
import type { Speaking } from './speak-state.ts'

const OFF: Speaking = { phase: 'off', fault: null, why: '', line: 'idle', isMuted: false, isLost: false, sourceId: null }
/** A key that ends within so long is not begun with, ms. */
const LEAST_KEY_MS = 60_000

const CHOICE = { deviceId: '', echo: true, noise: true, gain: true } as const
const faultOf = (error: unknown): Speaking['fault'] => (error instanceof DOMException && error.name === 'NotAllowedError' ? 'micDenied' : 'micMissing')

/** The microphone of this window and its line to the server. One for the whole page: it stays open from the draft to the end of the alert. */
class Speaker {
  readonly #microphone = new Microphone(() => { this.#set({}) })
  readonly #loudness = new Loudness()
  readonly #listeners = new Set<() => void>()
  #speaking: Speaking = OFF
  #opened: Schemas['Microphone'] | null = null
  #unitId: string | null = null
  #whip: WhipClient | null = null
  #isTaken = false
  readonly #line = new Line<WhipSession>({
    offer: async () => {
      const whip = await this.#ready()
      return whip === null ? { kind: 'unreachable' } : whip.offer()
    },
    probe: async (session) => this.#whip?.probe(session) ?? 'gone',
    restartIce: async (session) => { await this.#whip?.restartIce(session) },
    hangUp: async (session) => { await this.#whip?.hangUp(session) },
    after: (delayMs, call) => {
      const timer = setTimeout(call, delayMs)
      return () => { clearTimeout(timer) }
    },
    random: Math.random,
    changed: (state) => { this.#lineChanged(state) },
  })

  constructor() {
    addEventListener('pagehide', () => { void this.#line.stop() })
    addEventListener('online', () => { this.#line.hurry() })
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => { this.#listeners.delete(listener) }
  }

  readonly current = (): Speaking => this.#speaking

  /** @param unitId in whose name is spoken; null: of the whole tree */
  async open(unitId: string | null): Promise<void> {
    if (this.#speaking.phase !== 'off') return
    if (!isSecureContext || (navigator.mediaDevices as MediaDevices | undefined)?.getUserMedia === undefined) {
      this.#set({ ...OFF, fault: 'micInsecure' })
      return
    }
    this.#set({ ...OFF, phase: 'asking' })
    this.#unitId = unitId
    this.#whip = null
    try {
      await this.#microphone.open(CHOICE)
    } catch (error) {
      this.#set({ ...OFF, fault: faultOf(error) })
      return
    }
    try {
      await this.#renew()
    } catch (error) {
      this.#microphone.close()
      this.#set({ ...OFF, fault: 'micRefused', why: problemText(error) })
      return
    }
    this.#loudness.reset()
    this.#set({ phase: 'open', sourceId: this.#opened?.sourceId ?? null })
    this.#line.start(this.#isTaken)
    this.#isTaken = true
  }

  /** Takes the one that is there now in the place of one that was lost; the line stays. */
  async reopen(): Promise<void> {
    try {
      const track = await this.#microphone.open(CHOICE)
      track.enabled = !this.#speaking.isMuted
      await this.#line.session?.sender.replaceTrack(track)
      this.#set({ fault: null })
    } catch (error) {
      this.#set({ fault: faultOf(error) })
    }
  }

  /** Idempotent. */
  close(): void {
    this.#microphone.close()
    this.#set(OFF)
    void this.#line.stop()
  }

  mute(muted: boolean): void {
    const { track } = this.#microphone
    if (track !== undefined) track.enabled = !muted
    this.#set({ isMuted: muted })
  }

  /** What the microphone hears now. */
  hear(): { readonly dbfs: number; readonly verdict: ReturnType<Loudness['verdict']> } {
    const nowMs = performance.now()
    this.#loudness.push(this.#microphone.hear(), nowMs)
    return { dbfs: this.#loudness.rmsDbfs, verdict: this.#loudness.verdict(nowMs) }
  }

  /** The client, with a key that is good for a while; null: nobody answers. */
  async #ready(): Promise<WhipClient | null> {
    try {
      if (this.#opened === null || Date.parse(this.#opened.expiresAt) - Date.now() < LEAST_KEY_MS) await this.#renew()
      return this.#whip
    } catch {
      return null
    }
  }

  async #renew(): Promise<void> {
    this.#opened = done(await loa.POST('/v1/microphones', { body: { unitId: this.#unitId } }))
    this.#whip ??= new WhipClient(streamUrl(this.#opened.path), () => this.#opened?.key ?? '', () => this.#microphone.track, (session, state) => {
      if (state === 'connected') this.#line.connected(session)
      else if (state === 'disconnected' || state === 'failed') this.#line.lost(session, state === 'failed')
    })
  }

  #lineChanged(state: LineState): void {
    if (state.kind !== 'refused') {
      this.#set({ line: state.kind })
      return
    }
    this.#microphone.close()
    this.#set({ ...OFF, fault: 'micRefused', why: state.words[currentLanguage()] || state.code })
  }

  #set(change: Partial<Speaking>): void {
    this.#speaking = { ...this.#speaking, ...change, isLost: this.#microphone.lost }
    for (const listener of this.#listeners) listener()
  }
}

export const speaker = new Speaker()
// Its key has ended with the session.
whenPersonGoes(() => { speaker.close() })
export const useSpeaking = (): Speaking => useSyncExternalStore(speaker.subscribe, speaker.current)
