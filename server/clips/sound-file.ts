import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { ClipError } from './clip-error.ts'

/**
 * Containers that an uploaded file may be. Left out: everything that names other files or hosts (concat, hls, dash, sdp,
 * image sequences), so that no upload makes us read what it should not.
 */
const FILE_FORMATS = 'mp3,aac,ogg,flac,wav,w64,aiff,au,caf,mov,matroska,asf,amr,mpegts,mpeg,ac3,ape,wv,tta,avi,flv'

/** A decoder slower than this against the longest clip is stuck or under attack. */
const MIN_SPEED = 20
const MIN_LIMIT_MS = 60_000

const MAX_STDERR_CHARACTERS = 64 * 1024

export interface SoundFileRun {
  readonly ffmpegPath: string
  readonly inputPath: string
  /** Nothing after this is decoded. */
  readonly limitMs: number
  /** Filters after the sound has become mono at 48 kHz. */
  readonly filters: readonly string[]
  readonly signal: AbortSignal | undefined
  /** Takes the sound as s16le, at its own pace; without it the sound is only measured. */
  readonly onPcm?: (pcm: Buffer) => Promise<void>
  /** How far it has come, 0 to 1, as the file itself tells its length. */
  readonly onProgress?: (fraction: number) => void
}

/** What EBU R128 says of the sound that came out of the filters. */
export interface SoundMeasure {
  /** -Infinity for silence and for what is shorter than 400 ms. */
  readonly integratedLufs: number
  readonly truePeakDbtp: number
}

/**
 * Decodes a file by ffmpeg in a child of its own, through `filters`, and measures what comes out.
 * @throws ClipError `CLIP_ERR_UNREADABLE`, `CLIP_ERR_ABORTED`; what `onPcm` throws is passed on
 */
export async function runSoundFile(run: SoundFileRun): Promise<SoundMeasure> {
  const filters = ['aresample=48000', 'aformat=sample_fmts=fltp:channel_layouts=mono', ...run.filters, 'aformat=sample_rates=48000', 'ebur128=peak=true:framelog=verbose']
  const child = spawn(run.ffmpegPath, [
    '-nostdin', '-hide_banner', '-nostats', '-loglevel', 'info', '-threads', '1', '-protocol_whitelist', 'file', '-format_whitelist', FILE_FORMATS,
    '-t', String(run.limitMs / 1000), '-i', `file:${resolve(run.inputPath)}`, '-map', '0:a:0', '-vn', '-sn', '-dn', '-filter_threads', '1', '-af', filters.join(','), '-ac', '1', '-ar', '48000',
    ...(run.onPcm === undefined ? ['-f', 'null', '-progress', 'pipe:1', '-'] : ['-f', 's16le', 'pipe:1']),
  ], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' } })

  const kill = (): void => { child.kill('SIGKILL') }
  const watchdog = setTimeout(kill, Math.max(MIN_LIMIT_MS, run.limitMs / MIN_SPEED))
  run.signal?.addEventListener('abort', kill, { once: true })
  if (run.signal?.aborted === true) kill()
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    // The beginning tells the length, the end the result; a file that makes many complaints fills what is between.
    stderr += chunk.toString('utf8')
    if (stderr.length > MAX_STDERR_CHARACTERS) stderr = stderr.slice(0, MAX_STDERR_CHARACTERS / 2) + stderr.slice(-MAX_STDERR_CHARACTERS / 2)
  })
  const ended = new Promise<number | null>((resolveEnd, rejectEnd) => {
    child.on('error', (cause) => { rejectEnd(new ClipError('CLIP_ERR_UNREADABLE', `${run.ffmpegPath} cannot be run: ${cause.message}`, { cause })) })
    child.on('close', (code) => { resolveEnd(code) })
  })
  ended.catch(() => undefined) // awaited below, after the output
  try {
    let doneMs = 0
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      if (run.onPcm !== undefined) {
        await run.onPcm(chunk)
        doneMs += chunk.length / 96
      } else {
        doneMs = Number(/.*out_time_us=(\d+)/s.exec(chunk.toString('latin1'))?.[1] ?? doneMs * 1000) / 1000
      }
      const totalMs = durationMs(stderr)
      if (run.onProgress !== undefined && totalMs > 0) run.onProgress(Math.min(1, doneMs / Math.min(totalMs, run.limitMs)))
    }
    const code = await ended
    if (run.signal?.aborted === true) throw new ClipError('CLIP_ERR_ABORTED', 'the upload was given up')
    if (code !== 0) throw new ClipError('CLIP_ERR_UNREADABLE', `the file holds no sound that can be read${complaint(stderr, run.inputPath)}`)
    return measure(stderr)
  } finally {
    clearTimeout(watchdog)
    run.signal?.removeEventListener('abort', kill)
    kill()
    await ended.catch(() => undefined)
  }
}

function measure(stderr: string): SoundMeasure {
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'))
  const read = (pattern: RegExp): number => {
    const text = pattern.exec(summary)?.[1]
    return text === undefined || text.includes('inf') || text.includes('nan') ? -Infinity : Number(text)
  }
  const integrated = read(/I:\s+(\S+) LUFS/)
  // -70 is the absolute gate: nothing was above it.
  return { integratedLufs: integrated <= -70 ? -Infinity : integrated, truePeakDbtp: read(/Peak:\s+(\S+) dBFS/) }
}

function durationMs(stderr: string): number {
  const match = /Duration: (\d+):(\d\d):(\d\d\.\d+)/.exec(stderr)
  return match === null ? 0 : (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3])) * 1000
}

/** ffmpeg's last words, without our path in them. */
function complaint(stderr: string, inputPath: string): string {
  const last = stderr.trim().split('\n').at(-1)?.replaceAll(`file:${resolve(inputPath)}`, 'the file').replaceAll(resolve(inputPath), 'the file').trim()
  return last === undefined || last === '' ? '' : ` (${last.slice(0, 200)})`
}
