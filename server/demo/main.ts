import { EventEmitter } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Board } from './board.ts'
import { Closers } from './closers.ts'
import { CounterReader } from './counters.ts'
import { startServer, startStation, type Place, type Running } from './demo-server.ts'
import { done, loaClient, type LoaClient } from '../../control/client/index.ts'
import { createDistrict, Emergency, type District } from './district.ts'
import { furnish } from './practice.ts'
import { judge } from './rehearsal.ts'
import { makeSounds } from './sounds.ts'
import { VirtualCluster, type Protocol } from './virtual-cluster.ts'

const USAGE = `npm run demo [-- --seconds N] [--no-keys] [--host ADDRESS] [--port N] [--stream-port N]
  --seconds N      ends after N seconds
  --no-keys        nobody is there: cuts an emergency in and out by itself, listens to what came, and says by its exit code
                   whether every cluster heard it (needs --seconds, 15 or more)
  --host ADDRESS   who can come in; default 127.0.0.1: this machine. With 0.0.0.0 others can practise here too, but not as administrators
  --port N, --stream-port N   0 for any; default 8000 and 8010, or any free ones when these are taken`
const TERMINAL_MS = 1000
const LINES_MS = 5000
const ONLINE_TIMEOUT_MS = 15_000
const SHORTEST_REHEARSAL_SECONDS = 15

const board = new Board()
const closers = new Closers()
const quit = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => quit.resolve())

process.exitCode = await main()

async function main(): Promise<number> {
  const { values: options } = parseArgs({
    options: {
      seconds: { type: 'string' },
      'no-keys': { type: 'boolean', default: false },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8000' },
      'stream-port': { type: 'string', default: '8010' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const seconds = options.seconds === undefined ? null : Number(options.seconds)
  const rehearses = options['no-keys']
  if (options.help === true || (seconds !== null && !(seconds > 0)) || (rehearses && !(seconds !== null && seconds >= SHORTEST_REHEARSAL_SECONDS))) {
    board.say(USAGE)
    return options.help === true ? 0 : 2
  }
  try {
    const ports = { host: options.host, port: Number(options.port), streamPort: Number(options['stream-port']) }
    return await Promise.race([play(seconds, rehearses, ports), quit.promise.then(() => (rehearses ? 130 : 0))])
  } catch (error) {
    board.say(`demo: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    await closers.close()
  }
}

async function play(seconds: number | null, rehearses: boolean, ports: Place): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-demo-'))
  closers.push(() => rmSync(folder, { recursive: true, force: true }))
  const keys = rehearses ? null : watchKeys()
  board.say('Đang chuẩn bị âm thanh, đài phát và máy chủ / preparing sounds, the station and the server ...')
  const sounds = await makeSounds(folder)
  const station = await startStation(sounds.radioLoop, closers)
  const server = await startServer(join(folder, 'data'), ports, (text) => {
    // While everything ends, the roles miss each other and say so.
    if (!closers.closed) board.say(text.trimEnd())
  }, closers)

  const loa = loaClient({ url: server.api, token: server.adminToken })
  const district = await createDistrict(loa, station.url, sounds.announcement)
  if (!rehearses) await furnish(loa, district, { withAdministrator: ports.host === '127.0.0.1' })
  if (rehearses) await untilStationIsOn(loa, district, server.stream)
  const clusters = district.clusters.map((cluster, index) => new VirtualCluster(cluster, protocolOf(index), server.stream, rehearses))
  closers.push(() => {
    for (const cluster of clusters) cluster.close()
  })
  await allOnline(clusters)

  const { spare } = district
  board.say([
    '',
    `Bảng điều khiển, vào không cần mật khẩu / console, no password needed   ${server.api}/`,
    `API                                       ${server.api}/docs/`,
    `Mã quản trị / administrator token         ${server.adminToken}`,
    `Nghe thử / listen (${spare.name})         ${server.stream}/listen/${spare.id}.mp3?key=${spare.key}`,
    '',
  ].join('\n'))

  const emergency = new Emergency(loa, district)
  const reader = new CounterReader(loa, clusters, district.clusters[0]!.id)
  const look = async (): Promise<void> => board.show(await reader.read(), emergency.isOnAir, clusters.length)
  const timer = setInterval(() => void look().catch((error: unknown) => board.say(String(error))), process.stdout.isTTY ? TERMINAL_MS : LINES_MS)
  closers.push(() => clearInterval(timer))
  // The first look is only what the next one is compared with.
  await reader.read()

  keys?.on('e', () => {
    void (emergency.isOnAir ? emergency.cutOut() : emergency.cutIn()).then(look).catch((error: unknown) => board.say(String(error)))
  })
  const over = rehearses ? rehearse(seconds!, clusters, emergency) : new Promise<number>((resolve) => {
    if (seconds !== null) setTimeout(resolve, seconds * 1000, 0).unref()
  })
  return Promise.race([over, hasEnded('the server', server), hasEnded('the station', station)])
}

/** Most loudspeakers are plain players; some are native. */
function protocolOf(index: number): Protocol {
  return index % 6 === 5 ? 'native' : index % 6 === 2 ? 'opus' : 'mp3'
}

/** A relay is fetched only while somebody hears it: the spare cluster listens first, so that the others begin with sound. */
async function untilStationIsOn(loa: LoaClient, { spare, relayId }: District, stream: string): Promise<void> {
  const listener = new VirtualCluster(spare, 'mp3', stream)
  try {
    const giveUpAt = performance.now() + ONLINE_TIMEOUT_MS
    while (done(await loa.GET('/v1/sources/{id}', { params: { path: { id: relayId } } })).status?.state !== 'live') {
      if (performance.now() > giveUpAt) throw new Error('the relay does not come on')
      await pause(0.1)
    }
    // Whoever joins gets the last second at once; that, too, shall be the station.
    await pause(1.5)
  } finally {
    listener.close()
  }
}

async function allOnline(clusters: readonly VirtualCluster[]): Promise<void> {
  const giveUpAt = performance.now() + ONLINE_TIMEOUT_MS
  while (!clusters.every(({ connected, bytes }) => connected && bytes > 0)) {
    if (performance.now() > giveUpAt) throw new Error(`${String(clusters.filter(({ bytes }) => bytes === 0).length)} of ${String(clusters.length)} clusters hear nothing`)
    await pause(0.05)
  }
}

/** Cuts in after a third of the time and out after two thirds; then judges what came. */
async function rehearse(seconds: number, clusters: readonly VirtualCluster[], emergency: Emergency): Promise<number> {
  await pause(seconds * 0.3)
  await emergency.cutIn()
  await pause(seconds * 0.4)
  await emergency.cutOut()
  await pause(seconds * 0.3)
  const problems = await judge(clusters, (text) => board.say(text))
  for (const problem of problems) board.say(`KHÔNG ĐẠT / failed: ${problem}`)
  if (problems.length === 0) board.say(`ĐẠT / passed: ${String(clusters.length)} of ${String(clusters.length)} clusters heard the station, the emergency, and the station again`)
  return problems.length === 0 ? 0 : 1
}

/** Keys by their names; `q` and Ctrl-C end the demo from the first moment on. */
function watchKeys(): EventEmitter {
  const keys = new EventEmitter()
  if (!process.stdin.isTTY) return keys
  process.stdin.setRawMode(true)
  closers.push(() => {
    process.stdin.setRawMode(false)
    process.stdin.pause()
  })
  process.stdin.on('data', (pressed: Buffer) => {
    const key = pressed.toString('utf8')
    if (key === 'q' || key === '\x03') quit.resolve()
    else keys.emit(key)
  })
  return keys
}

/** @throws when it ends, which it should not */
async function hasEnded(what: string, { ended }: Running): Promise<never> {
  await ended
  throw new Error(`${what} has ended by itself`)
}

function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000))
}
