import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import { LogSender } from '../../../speaker/log/log-sender.ts'
import { PlayLog } from '../../../speaker/log/play-log.ts'

/**
 * Plays without end, faster than time, and logs it; killed by the test. What has sounded is told on standard output before the log hears of
 * it (`P order from until`), what the log has brought to the disk after it has (`D until`); messages for the server go out as `S json`. Of its server
 * it hears on standard input: `here`, `gone`, and each `log-ack` as JSON. While the server is gone it plays some orders and then waits, which leaves
 * the machine to the server's start. Arguments: folder of the log, house place to begin at, s; seed.
 */
const [folder, startS, seed] = process.argv.slice(2)
const S = 48_000
const PIECE = S / 10
const ORDERS_ALONE = 3
const say = (line: string): void => {
  writeSync(1, `${line}\n`) // at once into the pipe, past Node's buffers
}

const clock = {
  monotonicMs: () => performance.now(),
  setTimer(delayMs: number, fire: () => void) {
    const timer = setTimeout(fire, delayMs)
    return { cancel: () => { clearTimeout(timer) } }
  },
}
const log = await PlayLog.open(folder!, { clock, verifies: true, extendMs: 1000 })
const sender = new LogSender(log, clock)
/** Fulfilled when the server is back; null while it is here. */
let alone: PromiseWithResolvers<void> | null = Promise.withResolvers<void>()
let ordersAlone = 0
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'here') {
    sender.connected((message) => { say(`S ${JSON.stringify(message)}`) })
    alone?.resolve()
    alone = null
    ordersAlone = 0
  } else if (line === 'gone') {
    sender.disconnected()
    alone ??= Promise.withResolvers<void>()
  } else {
    const { logId, number } = JSON.parse(line) as { logId: string; number: number }
    sender.acknowledged(logId, number)
  }
})
flushCompileCache() // which else is done at an orderly end
say('ready')

let state = Number(seed)
/** Lehmer's generator: the same course for the same seed. */
const random = (below: number): number => {
  state = (state * 48_271) % 2_147_483_647
  return state % below
}

let place = Number(startS) * S
let safe = place
for (let order = 0; ; order++) {
  const orderId = `o${startS!}-${String(order)}`
  const pieces = 1 + random(60)
  for (let n = 1; n <= pieces; n++) {
    const stretch = { orderId, playing: 'live', fromSamples: place, untilSamples: place + PIECE, stage: 'played', heardAtHouseUs: place / 0.048, audible: true } as const
    say(`P ${orderId} ${String(place)} ${String(place + PIECE)}`)
    log.played(stretch)
    place += PIECE
    // However slow the disk is, the next piece has sounded only after it: time here goes as fast as the disk.
    await log.flush()
    if (log.safeUntilSamples > safe) say(`D ${String((safe = log.safeUntilSamples))}`)
  }
  await new Promise((resolve) => setImmediate(resolve))
  if (alone !== null && ++ordersAlone > ORDERS_ALONE) await alone.promise
  if (random(3) === 0) {
    log.silence()
    place += random(5) * PIECE
  }
}
