import { useSyncExternalStore } from 'react'

/** What the page itself lets hear, in the room of the operator; never through loudspeakers. */
export type Sound = 'real' | 'exercise' | 'test' | 'waiting'

interface Note { readonly hz: number; readonly atMs: number; readonly lengthMs: number }

/** Told apart with closed eyes: two tones up and down, three steps upwards, one short beep, two knocks. */
const NOTES: Readonly<Record<Sound, readonly Note[]>> = {
  real: [0, 1, 2].flatMap((turn) => [{ hz: 880, atMs: turn * 360, lengthMs: 170 }, { hz: 620, atMs: turn * 360 + 180, lengthMs: 170 }]),
  exercise: [523, 659, 784].map((hz, step) => ({ hz, atMs: step * 220, lengthMs: 180 })),
  test: [{ hz: 1000, atMs: 0, lengthMs: 120 }],
  waiting: [0, 240].map((atMs) => ({ hz: 440, atMs, lengthMs: 120 })),
}
const GAIN = 0.2
/** A tone that is switched on within no time cracks. */
const RAMP_S = 0.01

const KEY = 'loa.sounds'
const listeners = new Set<() => void>()
let isOn = read()
let context: AudioContext | null = null

function read(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true // a browser that keeps nothing
  }
}

export function setSounds(on: boolean): void {
  isOn = on
  try {
    localStorage.setItem(KEY, on ? 'on' : 'off')
  } catch {
    // It holds until the page is closed.
  }
  for (const listener of listeners) listener()
}

export const useSounds = (): boolean => useSyncExternalStore((listener) => {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}, () => isOn)

/** Nothing is heard when sounds are off, or before the reader has pressed anything on the page, as browsers want it. */
export function playSound(sound: Sound): void {
  if (!isOn) return
  try {
    context ??= new AudioContext()
    void context.resume().catch(() => undefined)
    for (const { hz, atMs, lengthMs } of NOTES[sound]) {
      const start = context.currentTime + atMs / 1000
      const gain = new GainNode(context, { gain: 0 })
      gain.gain.setValueAtTime(0, start)
      gain.gain.linearRampToValueAtTime(GAIN, start + RAMP_S)
      gain.gain.setValueAtTime(GAIN, start + lengthMs / 1000 - RAMP_S)
      gain.gain.linearRampToValueAtTime(0, start + lengthMs / 1000)
      const tone = new OscillatorNode(context, { frequency: hz, type: 'triangle' })
      tone.connect(gain).connect(context.destination)
      tone.start(start)
      tone.stop(start + lengthMs / 1000)
    }
  } catch {
    // A computer without sound says it by colour and word.
  }
}
