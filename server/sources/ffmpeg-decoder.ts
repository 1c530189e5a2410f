import { spawn, type ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { s16leToFloat } from '../../codec/index.ts'
import { sourceReason } from '../../control/source-reasons.ts'
import { redactUrls } from './source-error.ts'

/** Containers that a source may be in. Left out: everything that names other files (playlists, concat, image sequences). */
const SOUND_FORMATS = 'mp3,aac,ogg,flac,wav,mpegts,mov,matroska,webm,adts,loas,flv'

const MAX_REASON_CHARACTERS = 200

export type DecoderInput =
  /** Bytes written to `stdin`. `format` names ffmpeg's demuxer; null: it finds out. */
  | { readonly kind: 'bytes'; readonly format: string | null }
  /** A URL that ffmpeg opens itself; `arguments` come before `-i`. */
  | { readonly kind: 'url'; readonly url: string; readonly arguments: readonly string[]; readonly environment?: Readonly<Record<string, string>> }
  /** As `url`, for one that holds a secret: URL and options go by stdin, as arguments are read by every user of the machine. ffmpeg speaks the protocol `pipe` and reads the format `concat` for it. */
  | { readonly kind: 'secret-url'; readonly url: string; readonly options: Readonly<Record<string, string>>; readonly protocols: string; readonly formats: string }

export interface DecoderHandlers {
  /** 48 kHz mono, as it is decoded. */
  readonly onPcm: (pcm: Float32Array) => void
  /** Once, when the process has ended, whoever ended it. The reason holds no credentials. */
  readonly onEnd: (reason: string) => void
}

/**
 * Decodes outside bytes in a child process, so that what is wrong with them is wrong only there. The child sees nothing
 * of our environment and is killed, not asked.
 */
export class FfmpegDecoder {
  readonly #child: ChildProcess
  readonly #ended: Promise<void>
  #carry: Buffer | undefined
  #lastError = ''

  constructor(ffmpegPath: string, input: DecoderInput, handlers: DecoderHandlers) {
    this.#child = spawn(ffmpegPath, decoderArguments(input), {
      stdio: [input.kind === 'url' ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', ...(input.kind === 'url' ? input.environment : {}) },
    })
    this.#child.stdout!.on('data', (chunk: Buffer) => {
      const pcm = this.#toPcm(chunk)
      if (pcm.length > 0) handlers.onPcm(pcm)
    })
    this.#child.stderr!.on('data', (chunk: Buffer) => {
      this.#lastError = lastLine(this.#lastError + chunk.toString('utf8'))
    })
    // The child may end before it has taken all bytes; its exit tells the rest.
    this.#child.stdin?.on('error', () => undefined)
    if (input.kind === 'secret-url') this.#child.stdin?.end(concatScript(input.url, input.options))
    this.#ended = new Promise((resolve) => {
      let told = false
      const end = (reason: string): void => {
        if (told) return
        told = true
        handlers.onEnd(reason)
        resolve()
      }
      this.#child.on('error', (error) => { end(sourceReason('decoder-missing', `${ffmpegPath}: ${error.message}`)) })
      this.#child.on('close', (code, signal) => {
        end(this.#lastError !== '' && code !== 0 ? redactUrls(this.#lastError) : signal !== null ? sourceReason('decoder-ended', signal) : code === 0 ? sourceReason('stream-ended') : sourceReason('decoder-failed', String(code)))
      })
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Where the bytes go; null when ffmpeg fetches them itself. */
  get stdin(): Writable | null {
    return this.#child.stdin
  }

  /** Lets the decoder wait: it stops reading its input when its output is not taken. */
  pause(): void {
    this.#child.stdout?.pause()
  }

  resume(): void {
    this.#child.stdout?.resume()
  }

  /** Idempotent; resolves when the child has ended. */
  close(): Promise<void> {
    this.#child.stdin?.destroy()
    this.#child.stdout?.resume()
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  #toPcm(chunk: Buffer): Float32Array {
    const bytes = this.#carry === undefined ? chunk : Buffer.concat([this.#carry, chunk])
    this.#carry = bytes.length % 2 === 1 ? bytes.subarray(bytes.length - 1) : undefined
    return s16leToFloat(bytes)
  }
}

function decoderArguments(input: DecoderInput): string[] {
  const from = input.kind === 'bytes'
    // The smallest probe: the format is known, and each byte looked at before the first sound is a delay. ADTS must find its first frame within it.
    ? ['-protocol_whitelist', 'pipe', '-format_whitelist', SOUND_FORMATS, ...(input.format === null ? ['-probesize', '65536', '-analyzeduration', '500000'] : ['-f', input.format, '-probesize', input.format === 'aac' ? '2048' : '32', '-analyzeduration', '0']), '-i', 'pipe:0']
    : input.kind === 'url'
      ? [...input.arguments, '-i', input.url]
      : ['-protocol_whitelist', `pipe,${input.protocols}`, '-format_whitelist', `concat,${input.formats}`, '-safe', '0', '-f', 'concat', '-probesize', '32768', '-analyzeduration', '0', '-i', 'pipe:0']
  return [
    '-nostdin', '-hide_banner', '-nostats', '-loglevel', 'error', '-fflags', '+nobuffer+discardcorrupt', '-flags', 'low_delay', '-threads', '1', ...from,
    '-map', '0:a:0', '-vn', '-sn', '-dn', '-filter_threads', '1', '-ac', '1', '-ar', '48000', '-f', 's16le', '-flush_packets', '1', 'pipe:1',
  ]
}

/** A playlist of one for ffmpeg's demuxer `concat`. */
function concatScript(url: string, options: Readonly<Record<string, string>>): string {
  const quoted = (text: string): string => `'${text.replace(/[\r\n]/g, '').replaceAll("'", "'\\''")}'`
  return ['ffconcat version 1.0', `file ${quoted(url)}`, ...Object.entries(options).map(([name, value]) => `option ${name} ${quoted(value)}`), ''].join('\n')
}

function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim()).filter((line) => line !== '')
  return (lines.at(-1) ?? '').slice(0, MAX_REASON_CHARACTERS)
}
