import { spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { start } from './processes.ts'

/**
 * Two minutes of pink noise as MP3, 64 kbit/s, 48 kHz, mono, without a bit reservoir. Noise never repeats itself, so every
 * frame is different from every other and tells by itself where it belongs.
 */
export function makeSound(folder: string): string {
  const file = join(folder, 'noise.mp3')
  if (existsSync(file)) return file
  const made = spawnSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'anoisesrc=color=pink:amplitude=0.4:duration=120:sample_rate=48000:seed=20260101',
    '-ac', '1', '-c:a', 'libmp3lame', '-b:a', '64k', '-reservoir', '0', '-write_xing', '0', '-id3v2_version', '0', file], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`ffmpeg could not make the sound: ${made.error?.message ?? made.stderr}`)
  return file
}

/** Sends an MP3 file over and over in real time to an Icecast-style mount. */
export function feed(file: string, url: string, cores?: string): ChildProcess {
  return start('ffmpeg', ['-v', 'error', '-nostdin', '-re', '-stream_loop', '-1', '-i', file, '-c', 'copy', '-f', 'mp3', '-write_xing', '0', '-id3v2_version', '0',
    '-content_type', 'audio/mpeg', url], { cores, stdio: 'ignore' })
}
