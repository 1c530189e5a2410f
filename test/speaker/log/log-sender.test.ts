import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LogSender, type LogMessage } from '../../../speaker/log/log-sender.ts'
import { PlayLog } from '../../../speaker/log/play-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const S = 48_000

async function build(t: Test): Promise<{ log: PlayLog; sender: LogSender; clock: FakeClock; play: (count: number, orderId?: string) => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'loa-sender-'))
  const clock = new FakeClock()
  const log = await PlayLog.open(folder, { clock, verifies: false })
  t.teardown(async () => {
    await log.close()
    rmSync(folder, { recursive: true })
  })
  let at = 0
  const play = async (count: number, orderId = 'o'): Promise<void> => {
    for (let n = 0; n < count; n++, at += S) log.played({ orderId: `${orderId}${String(n)}`, playing: 'live', fromSamples: at, untilSamples: at + S, stage: 'played', heardAtHouseUs: 0, audible: true })
    log.silence()
    await log.flush()
  }
  return { log, sender: new LogSender(log, clock), clock, play }
}

const numbers = ({ entries }: LogMessage): number[] => entries.map(({ number }) => number)

t.test('one message at a time, the next when the last is taken', async (t) => {
  const { log, sender, clock, play } = await build(t)
  await play(45)
  const sent: LogMessage[] = []
  sender.connected((message) => sent.push(message))
  t.equal(sent.length, 1)
  t.ok(Buffer.byteLength(JSON.stringify(sent[0])) < 16 * 1024, 'within what the server reads')
  sender.acknowledged('another log', 20)
  t.equal(sent.length, 1)
  sender.acknowledged(log.logId, 20)
  sender.acknowledged(log.logId, 40)
  sender.acknowledged(log.logId, 45)
  await log.flush()
  t.same(sent.map((message) => [numbers(message)[0], numbers(message).at(-1)]), [[1, 20], [21, 40], [41, 45]])
  t.equal(log.status().waiting, 0)
  await play(1, 'new')
  t.same(numbers(sent[3]!), [46], 'what is over while connected goes at once')
  sender.disconnected()
  t.equal(clock.pendingTimers, 0)
})

t.test('what is not answered is sent again, after a time and after each connection', async (t) => {
  const { log, sender, clock, play } = await build(t)
  await play(3)
  const sent: LogMessage[] = []
  sender.connected((message) => sent.push(message))
  clock.advance(9000)
  t.equal(sent.length, 1)
  clock.advance(1000)
  t.same(sent.map(numbers), [[1, 2, 3], [1, 2, 3]])
  sender.disconnected()
  clock.advance(60_000)
  t.equal(sent.length, 2, 'nothing goes into a closed connection')
  sender.connected((message) => sent.push(message))
  sender.acknowledged(log.logId, 2)
  t.same(sent.length, 3, 'a part is taken off, and the rest waited for')
  clock.advance(10_000)
  t.same(numbers(sent[3]!), [3])
  sender.disconnected()
})

t.test('long names make messages shorter, never longer than the server reads', async (t) => {
  const { sender, play } = await build(t)
  await play(20, 'x'.repeat(2000))
  const sent: LogMessage[] = []
  sender.connected((message) => sent.push(message))
  t.same(numbers(sent[0]!), [1, 2, 3, 4, 5])
  sender.disconnected()
})
