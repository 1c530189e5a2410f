import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { makeLoop, RADIO_RATE_HZ } from './music.ts'

/** Bit rate of the station, kbit/s. */
export const RADIO_KBPS = 96

const LOOP_SECONDS = 48
const STATION_WORDS = [
  'Đây là đài phát thanh Loa. Chúc bà con một ngày làm việc vui vẻ.',
  'Dự báo thời tiết: hôm nay trời nắng nhẹ, chiều tối có mưa rào.',
  'Mời bà con nghe tiếp chương trình ca nhạc theo yêu cầu.',
]
const EMERGENCY_WORDS = 'Khẩn cấp! Khẩn cấp! Nước sông đang lên nhanh. Đề nghị bà con ở vùng thấp di chuyển ngay đến nhà văn hóa xã. Mang theo nước uống và thuốc men. Giúp đỡ người già và trẻ em.'

export interface DemoSounds {
  /** Path of the station's loop: MP3 frames and nothing else. */
  readonly radioLoop: string
  /** Path of the emergency announcement, WAV. */
  readonly announcement: string
}

/** Makes what the demo plays, spoken by espeak-ng, into `folder`. */
export async function makeSounds(folder: string): Promise<DemoSounds> {
  const radioLoop = join(folder, 'radio.mp3')
  const announcement = join(folder, 'announcement.wav')
  await run('espeak-ng', ['-v', 'vi', '-s', '140', '-w', announcement, EMERGENCY_WORDS])
  const speeches = []
  for (const words of STATION_WORDS) speeches.push(await speak(words))
  const loop = makeLoop(speeches, LOOP_SECONDS)
  // No reservoir, so that the loop's last frame may be followed by its first.
  const encode = ['-codec:a', 'libmp3lame', '-b:a', `${String(RADIO_KBPS)}k`, '-ac', '2', '-reservoir', '0', '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', '-y', radioLoop]
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-f', 'f32le', '-ar', String(RADIO_RATE_HZ), '-ac', '1', '-i', 'pipe:0', ...encode], Buffer.from(loop.buffer))
  return { radioLoop, announcement }
}

/** @returns mono samples at RADIO_RATE_HZ */
async function speak(words: string): Promise<Float32Array> {
  const wav = await run('espeak-ng', ['-v', 'vi', '-s', '150', '--stdout', words])
  const pcm = await run('ffmpeg', ['-v', 'error', '-i', 'pipe:0', '-f', 'f32le', '-ar', String(RADIO_RATE_HZ), '-ac', '1', 'pipe:1'], wav)
  return new Float32Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length))
}

/**
 * Runs a program to its end.
 * @returns what it wrote
 * @throws when it cannot be started or fails, with its own words
 */
export async function run(program: string, args: readonly string[], input: Buffer = Buffer.alloc(0)): Promise<Buffer> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'close') as Promise<[number | null]>
  // A program that stops reading early says why on its own.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, complaints, [code]] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
  if (code !== 0) throw new Error(`${program} ended with ${String(code)}: ${complaints.toString('utf8').trim()}`)
  return output
}
