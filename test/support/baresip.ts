import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

interface Owner {
  teardown(fn: () => Promise<void> | void): void
}

export interface BaresipOptions {
  /** What it says, 48 kHz mono. */
  readonly says: Float32Array
  /** Parameters of its account: `audio_codecs=opus/48000/1;mediaenc=srtp`. */
  readonly account: string
  /** Opus is stereo to it, and its files must be too. */
  readonly channels: 1 | 2
  readonly seconds: number
  /** Commands that it is given at its start. */
  readonly commands: readonly string[]
  /** Whole account line in place of a direct caller's. */
  readonly accountLine?: string
}

/** baresip 1.0, a real phone, that speaks a WAV file and writes down what it hears. */
export class Baresip {
  readonly #folder: string
  readonly #exit: Promise<void>
  output = ''
  readonly #kill: (signal: 'SIGTERM' | 'SIGKILL') => void

  private constructor(folder: string, exit: Promise<void>, kill: (signal: 'SIGTERM' | 'SIGKILL') => void) {
    this.#folder = folder
    this.#exit = exit
    this.#kill = kill
  }

  static start(t: Owner, options: BaresipOptions): Baresip {
    const folder = mkdtempSync(path.join(tmpdir(), 'loa-baresip-'))
    writeFileSync(path.join(folder, 'says.wav'), wavFile(options.says, options.channels))
    writeFileSync(path.join(folder, 'accounts'), `${options.accountLine ?? `<sip:phone@127.0.0.1>;regint=0;${options.account}`}\n`)
    writeFileSync(path.join(folder, 'contacts'), '')
    writeFileSync(path.join(folder, 'config'), [
      'poll_method epoll', 'sip_listen 127.0.0.1:0', 'net_interface 127.0.0.1', 'call_max_calls 1', `audio_channels ${String(options.channels)}-${String(options.channels)}`, 'ausrc_srate 48000', 'auplay_srate 48000',
      `audio_source aufile,${folder}/says.wav`, `audio_player aufile,${folder}/heard.wav`, `audio_alert aufile,${folder}/alert.wav`,
      'rtp_ports 33000-34999', 'jitter_buffer_delay 3-10', `snd_path ${folder}`, 'opus_bitrate 32000', 'opus_inbandfec yes',
      'module_path /usr/lib/baresip/modules',
      ...['g711', 'opus', 'aufile', 'sndfile', 'srtp'].map((name) => `module ${name}.so`),
      'module_tmp account.so', 'module_app menu.so', '',
    ].join('\n'))
    const child = spawn('baresip', ['-f', folder, '-t', String(options.seconds), ...options.commands.flatMap((command) => ['-e', command])], { stdio: ['ignore', 'pipe', 'pipe'] })
    const exit = new Promise<void>((resolve) => { child.once('close', () => { resolve() }) })
    const phone = new Baresip(folder, exit, (signal) => { child.kill(signal) })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => { phone.output += bytes.toString() })
    t.teardown(async () => {
      phone.#kill('SIGKILL')
      await exit
      rmSync(folder, { recursive: true, force: true })
    })
    return phone
  }

  /** Hangs up and goes. */
  end(): void {
    this.#kill('SIGTERM')
  }

  /** Its end, by `end` or the time it was given. */
  ended(): Promise<void> {
    return this.#exit
  }

  /** What it heard, as it came out of its decoder: samples and their rate. */
  heard(): { readonly pcm: Float32Array<ArrayBuffer>; readonly rateHz: number } {
    const file = readdirSync(this.#folder).find((name) => name.endsWith('dec.wav'))
    if (file === undefined) throw new Error(`baresip heard nothing: ${this.output}`)
    const bytes = readFileSync(path.join(this.#folder, file))
    const data = bytes.indexOf('data') + 8
    const frameBytes = bytes.readUInt16LE(22) * 2
    const pcm = new Float32Array(Math.floor((bytes.length - data) / frameBytes))
    for (let index = 0; index < pcm.length; index += 1) pcm[index] = bytes.readInt16LE(data + index * frameBytes) / 32_768
    return { pcm, rateHz: bytes.readUInt32LE(24) }
  }
}

/** 16 bits, 48 kHz, the same in all channels. */
function wavFile(pcm: Float32Array, channels: number): Buffer {
  const file = Buffer.alloc(44 + pcm.length * channels * 2)
  file.write('RIFF')
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(channels, 22)
  file.writeUInt32LE(48_000, 24)
  file.writeUInt32LE(48_000 * channels * 2, 28)
  file.writeUInt16LE(channels * 2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(file.length - 44, 40)
  for (let index = 0; index < pcm.length * channels; index += 1) file.writeInt16LE(Math.round(Math.max(-1, Math.min(1, pcm[Math.floor(index / channels)]!)) * 32_767), 44 + index * 2)
  return file
}
