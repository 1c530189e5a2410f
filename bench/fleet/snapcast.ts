import { spawnSync, type ChildProcess } from 'node:child_process'
import { closeSync, constants, createWriteStream, existsSync, mkdirSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ProfileName } from '../../test/support/link-emulator.ts'
import { monotonicMs } from '../../test/support/link-emulator-relay.ts'
import { end, freePort, hasProgram, start, waitUntil } from '../lib/processes.ts'
import { Crystal, drawCrystal } from './crystal.ts'
import { putFirst } from './priority.ts'
import { RelayProcess, type RelayReport } from './relay-process.ts'
import { SkewStatistics, type SkewAt, type SkewFigures } from './skew.ts'
import { FIRST_PLACE, SnapcastTaps, writePlaces } from './snapcast-taps.ts'

export const hasSnapcast = (): boolean => hasProgram('snapserver') && hasProgram('snapclient')
export const SNAPCAST_MISSING = 'the comparison needs Snapcast: apt-get install snapserver snapclient'

/** Stereo, 16 bits. */
const BYTES_PER_MS = 192
const BLOCK_BYTES = 50 * BYTES_PER_MS
const BUFFER_MS = 1000
/** What a pipe holds. */
const PIPE_BYTES = 65_536
const INSTANT_MS = 100

export interface SnapcastOptions {
  readonly folder: string
  readonly profile: ProfileName
  readonly clients: number
  readonly ppm: number
  readonly seed: number
  readonly warmUpMs: number
  readonly measureMs: number
  readonly say: (text: string) => void
}

export interface SnapcastResult {
  readonly figures: SkewFigures
  readonly series: readonly SkewAt[]
  readonly relay: RelayReport
  /** Players that lost their own count because the machine was busy. */
  readonly resyncs: number
  /** Share of instants at which a player played nothing. */
  readonly missingShare: number
  readonly version: string
}

/** Feeds the server sound that names its own places, as fast as it takes it: it reads at the pace of its clock. */
function feedPlaces(fifo: string): { readonly error: Error | null; close(): void } {
  // Open for both, so that the pipe has a reader and a writer all the time: the server opens it anew whenever it finds nobody at the other end.
  const stream = createWriteStream(fifo, { flags: 'r+' })
  let place = FIRST_PLACE
  let closed = false
  let error: Error | null = null
  const write = (): void => {
    let wants = true
    while (wants && !closed) {
      const block = Buffer.alloc(20 * BYTES_PER_MS)
      writePlaces(block, place)
      place += block.length / 4
      wants = stream.write(block)
    }
  }
  stream.on('drain', write)
  stream.on('error', (fault) => {
    error ??= fault
  })
  write()
  return {
    get error() {
      return error
    },
    close: () => {
      closed = true
      stream.destroy()
      // A write that waits for a reader would wait for ever when the server is gone.
      const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        readSync(reader, Buffer.alloc(PIPE_BYTES))
      } catch {
        // Nothing is in it.
      }
      closeSync(reader)
    },
  }
}

/** Compiles the false quartz. @throws Error with the compiler's words. */
export function compileCrystal(folder: string): string {
  const out = join(folder, 'crystal.so')
  const made = spawnSync('cc', ['-O2', '-Wall', '-D_GNU_SOURCE', '-shared', '-fPIC', '-o', out, join(import.meta.dirname, '..', 'native', 'crystal.c'), '-ldl', '-lm'], { encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`cc could not build crystal.so: ${made.error?.message ?? made.stderr}`)
  return out
}

function startClient(options: { readonly library: string; readonly crystal: Crystal; readonly zeroMs: number; readonly port: number; readonly index: number; readonly tap: string }): ChildProcess {
  const { library, crystal: { errors }, zeroMs, port, index, tap } = options
  return start('snapclient', ['-h', '127.0.0.1', '-p', String(port), '--hostID', `bench-${String(index)}`, '-i', String(index + 1), '--player', 'file:filename=/dev/null', '--mixer', 'none', '--logsink', 'null'], {
    stdio: 'ignore',
    env: {
      ...process.env, LD_PRELOAD: library, LOA_CRYSTAL_ZERO_NS: String(Math.round(zeroMs * 1e6)), LOA_CRYSTAL_PPM: String(errors.ppm), LOA_CRYSTAL_WANDER_PPM: String(errors.wanderPpm),
      LOA_CRYSTAL_PERIOD_MS: String(errors.wanderPeriodMs), LOA_CRYSTAL_TAP: tap, LOA_CRYSTAL_BLOCK: String(BLOCK_BYTES),
    },
  })
}

/**
 * Snapcast as Debian has it, through our links and with our crystals, measured as our own agents are: by what leaves the players in
 * true time. The sound goes losslessly (FLAC), so that every block names its own place.
 */
export async function measureSnapcast(options: SnapcastOptions): Promise<SnapcastResult> {
  const { folder, profile, clients, ppm, seed, warmUpMs, measureMs, say } = options
  const own = join(folder, `snapcast-${profile}-${String(Math.round(monotonicMs()))}`)
  mkdirSync(own)
  const library = compileCrystal(own)
  const fifo = join(own, 'sound')
  const config = join(own, 'snapserver.conf')
  const port = await freePort()
  if (spawnSync('mkfifo', [fifo]).status !== 0) throw new Error('mkfifo failed')
  writeFileSync(config, `[server]\ndatadir = ${own}\n[http]\nenabled = false\n[tcp]\nenabled = false\n[stream]\nbind_to_address = 127.0.0.1\nport = ${String(port)}\nsource = pipe://${fifo}?name=bench&mode=read&sampleformat=48000:16:2&codec=flac&chunk_ms=20\nbuffer = ${String(BUFFER_MS)}\n[logging]\nsink = null\n`)
  const relay = new RelayProcess()
  const running: ChildProcess[] = []
  let sound: ReturnType<typeof feedPlaces> | undefined
  try {
    const server = start('snapserver', ['--config', config], { stdio: 'ignore', cwd: own })
    running.push(server)
    sound = feedPlaces(fifo)
    await waitUntil('snapserver listens', () => {
      if (server.exitCode !== null) throw new Error(`snapserver ended with ${String(server.exitCode)}`)
      return readFileSync('/proc/net/tcp', 'latin1').includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`)
    })
    const ports = await relay.open(port, profile, seed, clients)
    const zeroMs = monotonicMs()
    const players = ports.map((linkPort, index) => {
      const crystal = new Crystal(drawCrystal(seed, index, ppm), zeroMs, zeroMs)
      const tap = join(own, `tap-${String(index)}`)
      const client = startClient({ library, crystal, zeroMs, port: linkPort, index, tap })
      running.push(client)
      putFirst(client.pid, 1)
      return { crystal, tap }
    })
    await waitUntil('every snapclient plays', () => players.every(({ tap }) => existsSync(tap)))
    const fromMs = monotonicMs() + warmUpMs
    const untilMs = fromMs + measureMs
    for (let nowMs = monotonicMs(); nowMs < untilMs + 500; nowMs = monotonicMs()) {
      say(`snapcast ${profile}: ${String(Math.round((nowMs - zeroMs) / 1000))} of ${String(Math.round((untilMs - zeroMs) / 1000))} s`)
      await delay(500)
    }
    if (sound.error !== null) throw sound.error
    const report = await relay.report()
    const taps = players.map(({ tap }) => new SnapcastTaps(readFileSync(tap)))
    const skew = new SkewStatistics()
    let instants = 0
    for (let atMs = Math.ceil(zeroMs / INSTANT_MS) * INSTANT_MS; atMs < untilMs; atMs += INSTANT_MS) {
      const counted = atMs >= fromMs
      if (counted) instants += 1
      skew.add(atMs - zeroMs, players.map(({ crystal }, index) => taps[index]!.placeAt(atMs, crystal) / 48 - (atMs - zeroMs)), counted)
    }
    return {
      figures: skew.figures(), series: skew.series, relay: report, resyncs: taps.reduce((sum, { resyncs }) => sum + resyncs, 0),
      missingShare: skew.missing / (instants * clients), version: spawnSync('snapclient', ['--version'], { encoding: 'utf8' }).stdout.split('\n')[0]?.trim() ?? '',
    }
  } finally {
    sound?.close()
    for (const child of running.reverse()) await end(child)
    await relay.close()
  }
}

