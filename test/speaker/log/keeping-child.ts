import { writeSync } from 'node:fs'
import { flushCompileCache } from 'node:module'
import { createInterface } from 'node:readline'
import type { Clock } from '../../../rooms/clock.ts'
import { PlayLogDesk } from '../../../server/director/play-log-desk.ts'
import type { FanOutPeer } from '../../../server/link/control-server.ts'
import type { SpeakerLog } from '../../../server/link/messages.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { systemClock } from '../../../server/system-clock.ts'

/**
 * The server's keeping of play logs, on its real store; killed by the test. Logs come in as one JSON a line, and each acknowledgement goes out as it would
 * to the device. Argument: the data folder.
 */
const store = SqliteStore.open(process.argv[2]!)
/** The desk waits 50 ms for more to write at once: here a tenth of it, so that more is written between two kills. */
const clock: Clock = { ...systemClock, setTimer: (delayMs, fire) => systemClock.setTimer(delayMs / 10, fire) }
const desk = new PlayLogDesk({
  store: store.playLog,
  clock,
  wallMs: Date.now,
  wallMsAt: (samples) => samples / 48,
  deviceOf: () => 'device',
  onError: (error) => { throw error },
})
// Of a peer only `send` is used.
const peer = { send: ({ items }: { items: readonly { readonly text: string }[] }) => { for (const { text } of items) say(text) } } as unknown as FanOutPeer
const say = (line: string): void => {
  writeSync(1, `${line}\n`) // at once into the pipe, past Node's buffers
}
createInterface({ input: process.stdin }).on('line', (line) => { desk.take(peer, JSON.parse(line) as SpeakerLog) })
flushCompileCache() // which else is done at an orderly end
say('ready')
