import t from 'tap'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { CardClock } from '../../speaker/play-out/card-clock.ts'
import { aplay, ProgramOutput, pwCat } from '../../speaker/outputs/program.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(30_000)

/** Stands for a program that plays: takes 5 ms of sound at a time from its standard input, at the pace of a card that is fast by 2000 ppm. */
const PLAYER = `
  const { readSync } = require('node:fs')
  const block = Buffer.alloc(240 * 16)
  const start = performance.now()
  let taken = 0
  const wait = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const dueMs = start + (taken / 240) * 5 / 1.002
    if (performance.now() < dueMs) { Atomics.wait(wait, 0, 0, dueMs - performance.now()); continue }
    const bytes = readSync(0, block, 0, block.length, null)
    if (bytes === 0) process.exit(0)
    taken += bytes / 16
  }`

t.test('what a program has read is known from a full pipe, and with it the pace of its card', async (t) => {
  const clock = systemLocalClock()
  const ends: string[] = []
  const output = new ProgramOutput({ command: process.execPath, args: ['-e', PLAYER], latencyMs: 5, clock, asoundDir: '/nowhere', onEnd: (reason) => ends.push(reason) })
  t.teardown(() => output.close())
  const card = new CardClock()
  const block = new Float32Array(480)
  let written = 0
  const fill = (): boolean => {
    const position = output.position()
    if (position !== null) card.observe(position.leftSamples, position.atMs)
    const left = card.known ? card.leftAt(clock.monotonicMs()) : 0
    while (written - left < output.queueMs * 48) {
      output.write(block, 480)
      written += 480
    }
    return card.known && position !== null && position.leftSamples > 5 * 48_000
  }
  await waitUntil('five seconds have left', fill, 15_000)
  t.ok(Math.abs(card.ppm - 2000) < 500, `${card.ppm.toFixed(0)} ppm`)
  t.equal(card.restartsTotal, 0)
  t.same(ends, [])
  await output.close()
  await output.close()
  t.equal(output.position(), null)
})

t.test('a program that ends is started again, and counts from the beginning', async (t) => {
  const clock = systemLocalClock()
  const ends: string[] = []
  const output = new ProgramOutput({ command: process.execPath, args: ['-e', 'process.exit(3)'], latencyMs: 5, clock, asoundDir: '/nowhere', onEnd: (reason) => ends.push(reason) })
  t.teardown(() => output.close())
  output.write(new Float32Array(480), 480)
  await waitUntil('it was started twice', () => output.restartsTotal >= 1 && ends.length >= 2)
  t.match(ends[0], /ended with 3/)
  t.equal(output.position(), null)
  const missing = new ProgramOutput({ command: '/nowhere/aplay', args: [], latencyMs: 5, clock, onEnd: (reason) => ends.push(reason) })
  t.teardown(() => missing.close())
  await waitUntil('it is told that there is no such program', () => ends.some((reason) => reason.includes('ENOENT')))
})

t.test('arguments are fixed, and no shell reads them', (t) => {
  t.ok(aplay('plughw:1; reboot').args.includes('plughw:1; reboot'), 'one argument, whatever is in it')
  t.match(pwCat().command, 'pw-cat')
  t.end()
})
