import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A radio station in a process of its own: `node radio-station.ts LOOP.mp3 KBPS`. Serves the loop for ever in real time, as
 * Icecast does: a burst for the player's buffer, then as the clock goes; titles for those who ask (`Icy-MetaData: 1`).
 * Tells its port to its parent, and ends with it.
 */
const BURST_MS = 2000
const TICK_MS = 100
const METADATA_INTERVAL_BYTES = 16_000
const MAX_BUFFERED_BYTES = 256 * 1024
const TITLES = ['Đài phát thanh Loa: Ca nhạc theo yêu cầu', 'Đài phát thanh Loa: Bản tin trong ngày']
const TITLE_CHANGE_MS = 20_000

interface Player {
  readonly response: ServerResponse
  readonly wantsTitles: boolean
  position: number
  /** Sound bytes until the next metadata block. */
  untilTitle: number
  title: string
}

const [, , file, kbps] = process.argv
const loop = readFileSync(file!)
const bytesPerMs = Number(kbps) / 8
// As if it had been on the air for a while: the first player gets its burst too.
const startedAtMs = performance.now() - BURST_MS
const players = new Set<Player>()

const server = createServer((request, response) => {
  const wantsTitles = request.headers['icy-metadata'] === '1'
  response.writeHead(200, {
    'content-type': 'audio/mpeg',
    'cache-control': 'no-cache',
    'icy-name': 'Dai phat thanh Loa',
    'icy-br': kbps!,
    ...(wantsTitles ? { 'icy-metaint': String(METADATA_INTERVAL_BYTES) } : {}),
  })
  const player: Player = { response, wantsTitles, position: Math.max(0, streamPosition() - Math.round(BURST_MS * bytesPerMs)), untilTitle: METADATA_INTERVAL_BYTES, title: '' }
  players.add(player)
  response.on('close', () => players.delete(player))
  serve(player)
})

/** Bytes that a station which has played since its start has sent by now. */
function streamPosition(): number {
  return Math.floor((performance.now() - startedAtMs) * bytesPerMs)
}

function serve(player: Player): void {
  if (player.response.writableLength > MAX_BUFFERED_BYTES) {
    player.response.destroy()
    return
  }
  const until = streamPosition()
  while (player.position < until) {
    const from = player.position % loop.length
    const length = Math.min(until - player.position, loop.length - from, player.wantsTitles ? player.untilTitle : Infinity)
    player.response.write(loop.subarray(from, from + length))
    player.position += length
    if (!player.wantsTitles) continue
    player.untilTitle -= length
    if (player.untilTitle > 0) continue
    player.response.write(titleBlock(player))
    player.untilTitle = METADATA_INTERVAL_BYTES
  }
}

function titleBlock(player: Player): Buffer {
  const title = TITLES[Math.floor((performance.now() - startedAtMs) / TITLE_CHANGE_MS) % TITLES.length]!
  if (title === player.title) return Buffer.of(0)
  player.title = title
  const text = Buffer.from(`StreamTitle='${title}';`)
  const blocks = Math.ceil(text.length / 16)
  return Buffer.concat([Buffer.of(blocks), text], 1 + blocks * 16)
}

setInterval(() => {
  for (const player of players) serve(player)
}, TICK_MS)
process.on('disconnect', () => process.exit(0))
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
