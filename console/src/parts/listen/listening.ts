import { useSyncExternalStore } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { isLost } from '../../api/sender.ts'
import { whenPersonGoes } from '../../api/session-change.ts'
import { streamUrl } from '../../api/streams.ts'
import { currentLanguage } from '../../words/language.ts'
import { format } from '../../words/use-words.ts'
import { ballistic, FLOOR_DBFS, levelOf } from './level.ts'
import { openWhep, WhepFailure, type WhepSession } from './whep.ts'
import { words } from './words.ts'

export type Hears = { readonly source: string } | { readonly cluster: string }
/** How it is listened in: nobody hears two things at once. */
export type Listening =
  | { readonly state: 'off' }
  | { readonly state: 'connecting' | 'reconnecting' }
  /** `startMs`: from the press to the first connection. */
  | { readonly state: 'live'; readonly by: 'whep' | 'mp3'; readonly startMs: number }
  | { readonly state: 'failed'; readonly reason: string }

const LEVEL_EVERY_MS = 80
/** Waits before each new try. After the last it is given up. */
const RETRY_MS = [300, 1000, 2000, 4000, 8000] as const
const OFF: Listening = { state: 'off' }

const keyOf = (hears: Hears): string => ('source' in hears ? `source/${hears.source}` : `cluster/${hears.cluster}`)

let current: { readonly key: string; readonly end: () => void } | null = null
let listening: Listening = OFF
let dbfs: number | null = null
const listeners = new Set<() => void>()
const tell = (): void => { for (const listener of listeners) listener() }
const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}

function set(next: Listening): void {
  listening = next
  tell()
}

export const useListening = (hears: Hears): Listening => useSyncExternalStore(subscribe, () => (current?.key === keyOf(hears) ? listening : OFF))
/** Of what is listened to, dBFS; null: this is not what is heard now. */
export const useHeardLevel = (hears: Hears): number | null => useSyncExternalStore(subscribe, () => (current?.key === keyOf(hears) && listening.state === 'live' ? dbfs : null))

export function stopListening(): void {
  current?.end()
  current = null
  dbfs = null
  set(OFF)
}
whenPersonGoes(stopListening)

/** To be called by a press: browsers let no page sound before. */
export function listen(hears: Hears): void {
  stopListening()
  const key = keyOf(hears)
  const pressedMs = performance.now()
  const context = new AudioContext()
  let element = new Audio()
  const analyser = new AnalyserNode(context, { fftSize: 4096 })
  let session: WhepSession | null = null
  let isOver = false
  let tries = 0
  const samples = new Float32Array(analyser.fftSize)
  const meter = setInterval(() => {
    analyser.getFloatTimeDomainData(samples)
    dbfs = ballistic(dbfs ?? FLOOR_DBFS, levelOf(samples), LEVEL_EVERY_MS)
    tell()
  }, LEVEL_EVERY_MS)
  current = {
    key,
    end() {
      isOver = true
      clearInterval(meter)
      session?.close()
      putAway()
      void context.close()
    },
  }
  set({ state: 'connecting' })
  void context.resume()
  void open()

  function putAway(): void {
    element.onplaying = element.onerror = element.onended = null
    element.pause()
    element.srcObject = null
    element.removeAttribute('src')
  }

  function live(by: 'whep' | 'mp3'): void {
    tries = 0
    set({ state: 'live', by, startMs: Math.round(performance.now() - pressedMs) })
  }

  function fail(reason: string): void {
    stopListening()
    current = { key, end: () => undefined }
    set({ state: 'failed', reason })
  }

  function again(): void {
    if (isOver) return
    session?.close()
    session = null
    putAway()
    element = new Audio()
    const waitMs = RETRY_MS[tries]
    tries += 1
    if (waitMs === undefined) { fail(format(words[currentLanguage()].blocked, currentLanguage())); return }
    set({ state: 'reconnecting' })
    setTimeout(() => { if (!isOver) void open() }, waitMs)
  }

  async function open(): Promise<void> {
    try {
      const pass = done(await loa.POST('/v1/monitor-passes', { body: 'source' in hears ? { sourceId: hears.source } : { clusterId: hears.cluster } }))
      if (isOver) return
      try {
        const opened = await openWhep(streamUrl(pass.whepPath), pass.pass, currentLanguage(), again)
        if (isOver) { opened.close(); return }
        session = opened
        hearStream(opened.stream)
      } catch (error) {
        if (isOver) return
        if (!(error instanceof WhepFailure)) throw error
        if (error.kind === 'refused') fail(error.message)
        else hearMp3(`${streamUrl(pass.mp3Path)}?key=${encodeURIComponent(pass.pass)}`)
      }
    } catch (error) {
      if (isOver) return
      // Nobody answered: the line may be lost for a moment.
      if (isLost(error)) again()
      else fail(problemText(error))
    }
  }

  /** Chromium gives the sound of a connection to Web Audio only while an element plays it too. */
  function hearStream(stream: MediaStream): void {
    element.srcObject = stream
    context.createMediaStreamSource(stream).connect(analyser)
    element.play().then(() => { live('whep') }, () => { again() })
  }

  function hearMp3(url: string): void {
    element.crossOrigin = 'anonymous'
    element.src = url
    context.createMediaElementSource(element).connect(analyser).connect(context.destination)
    element.onplaying = () => { live('mp3') }
    element.onerror = element.onended = again
    element.play().catch(() => undefined)
  }
}
