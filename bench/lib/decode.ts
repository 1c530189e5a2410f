import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const RATE_HZ = 48_000
const ALARM_HZ = 1500
const FRAME_SAMPLES = 1152
const FRAME_BYTES = 192
const WINDOW_SAMPLES = 4800

/** Mono samples, full scale ±1. @throws Error with ffmpeg's words. */
export function decode(file: string): Float32Array {
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'mp3', '-flags2', '+skip_manual', '-i', file, '-ac', '1', '-ar', String(RATE_HZ), '-f', 'f32le', '-'], { maxBuffer: 512 * 1024 * 1024 })
  if (made.status !== 0 || made.stderr.length > 0) throw new Error(`ffmpeg could not decode ${file}: ${made.stderr.toString('utf8')}`)
  return new Float32Array(made.stdout.buffer, made.stdout.byteOffset, made.stdout.length >> 2)
}

/** Share of a window's energy that lies at one frequency (Goertzel), 0 to 1. */
function shareAt(samples: Float32Array, from: number, frequencyHz: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / RATE_HZ)
  let [s1, s2, energy] = [0, 0, 1e-9]
  for (let index = from; index < from + WINDOW_SAMPLES; index += 1) {
    const sample = samples[index]!
    const s0 = sample + factor * s1 - s2
    s2 = s1
    s1 = s0
    energy += sample * sample
  }
  return ((s1 * s1 + s2 * s2 - factor * s1 * s2) * 2) / WINDOW_SAMPLES / energy
}

/**
 * Listens to a recording of plain MP3 frames with an emergency in it: the number of samples must be that of the frames, the
 * alarm (1500 Hz) must sound for the right time after the attention tone, and noise before and after.
 * @param emergencyMs from order to stop
 * @returns what is wrong
 */
export function checkCutRecording(file: string, emergencyMs: number): string[] {
  const problems: string[] = []
  const bytes = readFileSync(file).length
  const samples = decode(file)
  const frames = bytes / FRAME_BYTES
  if (!Number.isInteger(frames)) problems.push(`${file} does not hold whole frames`)
  if (Math.abs(samples.length - frames * FRAME_SAMPLES) > FRAME_SAMPLES) problems.push(`${file}: ${String(frames)} frames were decoded to ${String(samples.length)} samples`)
  const alarm: boolean[] = []
  for (let from = 0; from + WINDOW_SAMPLES <= samples.length; from += WINDOW_SAMPLES) alarm.push(shareAt(samples, from, ALARM_HZ) > 0.8)
  const [first, last] = [alarm.indexOf(true), alarm.lastIndexOf(true)]
  const windowMs = (WINDOW_SAMPLES * 1000) / RATE_HZ
  const alarmMs = alarm.filter(Boolean).length * windowMs
  // The attention tone takes the first 3 s; the rest is the alarm, within a flush and a window at both ends.
  const wantedMs = emergencyMs - 3000
  if (first < 0 || Math.abs(alarmMs - wantedMs) > 600) problems.push(`${file}: the alarm sounds for ${String(alarmMs)} ms, expected about ${String(wantedMs)}`)
  if (alarm.slice(first, last + 1).includes(false)) problems.push(`${file}: the alarm is interrupted`)
  return problems
}
