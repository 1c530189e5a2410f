import { Pause, Play } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { whenPersonGoes } from '../../api/session-change.ts'
import { Button } from '../../kit/button.tsx'
import { useWords } from '../../words/use-words.ts'
import type { Span } from './marks.ts'
import { words } from './words.ts'

/** What is being heard: one sound at a time in the whole page. */
export interface Playing {
  readonly url: string
  readonly isPlaying: boolean
  readonly positionMs: number
  readonly hasFailed: boolean
}

let audio: HTMLAudioElement | null = null
let now: Playing | null = null
let endMs = Infinity
/** What plays everywhere, where the small copy of a clip could not be had or not be played. */
let isPlain = false
const listeners = new Set<() => void>()

function set(next: Playing | null): void {
  now = next
  for (const listener of listeners) listener()
}

function element(): HTMLAudioElement {
  if (audio !== null) return audio
  audio = new Audio()
  const tell = (): void => {
    if (audio === null || now === null) return
    if (audio.currentTime * 1000 >= endMs) audio.pause()
    set({ ...now, isPlaying: !audio.paused && !audio.ended, positionMs: audio.currentTime * 1000 })
  }
  for (const type of ['timeupdate', 'play', 'pause', 'ended', 'seeked']) audio.addEventListener(type, tell)
  audio.addEventListener('error', () => {
    if (audio === null || now === null) return
    if (isPlain || !now.url.endsWith(SMALL)) {
      set({ ...now, isPlaying: false, hasFailed: true })
      return
    }
    isPlain = true
    const { isPlaying, positionMs } = now
    audio.src = now.url.slice(0, -SMALL.length)
    audio.currentTime = positionMs / 1000
    if (isPlaying) audio.play().catch(() => undefined)
  })
  return audio
}

function load(url: string): HTMLAudioElement {
  const sound = element()
  if (now?.url !== url || now.hasFailed) {
    isPlain = false
    sound.src = url
    set({ url, isPlaying: false, positionMs: 0, hasFailed: false })
  }
  return sound
}

/** Plays a sound, or a part of it; stops whatever was being heard. */
export function play(url: string, part?: Span): void {
  const sound = load(url)
  endMs = part?.toMs ?? Infinity
  const atMs = sound.currentTime * 1000
  if (part !== undefined && (atMs < part.fromMs || atMs >= part.toMs - 50)) sound.currentTime = part.fromMs / 1000
  // Refused by the browser or stopped by the next one: the state tells.
  sound.play().catch(() => undefined)
}

export const pause = (): void => { audio?.pause() }
whenPersonGoes(pause)

export function seek(url: string, ms: number): void {
  endMs = Infinity
  load(url).currentTime = ms / 1000
}

/** The sound of this address, if it is the one that is heard. */
export function usePlaying(url: string): Playing | null {
  const playing = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, () => now)
  return playing?.url === url ? playing : null
}

const SMALL = '?format=opus'
let playsOpus: boolean | null = null

/** Where a clip is heard: the copy that a telephone network carries, where the browser plays Ogg Opus (Safari since 18.4). */
export function clipAudioUrl(clipId: string): string {
  playsOpus ??= new Audio().canPlayType('audio/ogg; codecs=opus') !== ''
  return `/v1/clips/${encodeURIComponent(clipId)}/audio${playsOpus ? SMALL : ''}`
}

export function PlayButton({ url, name, part }: { readonly url: string; readonly name: string; readonly part?: Span }) {
  const say = useWords(words)
  const isPlaying = usePlaying(url)?.isPlaying === true
  return <Button icon aria-label={say(isPlaying ? 'pause' : 'play', { name })} onPress={() => { if (isPlaying) pause(); else play(url, part) }}>{isPlaying ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}</Button>
}
