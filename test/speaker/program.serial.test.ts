import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { HouseTime } from '../../speaker/clock/house-time.ts'
import { CardClock } from '../../speaker/play-out/card-clock.ts'
import { FrameBuffer } from '../../speaker/play-out/frame-buffer.ts'
import { Level } from '../../speaker/play-out/level.ts'
import { Line } from '../../speaker/play-out/line.ts'
import { PlayOut } from '../../speaker/play-out/play-out.ts'
import { OPEN_GATE } from '../../speaker/ports.ts'
import { aplay, ProgramOutput, pwCat, type ProgramOptions } from '../../speaker/outputs/program.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const folder = mkdtempSync(join(tmpdir(), 'loa-program-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

/**
 * Stands for a card: takes 5 ms of sound at a time from its standard input, at the pace of one that is fast by 2000 ppm, and keeps it in a file when
 * one is named. So many ms it takes at once, into its buffer.
 */
const CARD = `
  const { readSync, appendFileSync } = require('node:fs')
  const [bufferMs, file] = process.argv.slice(-2)
  const block = Buffer.alloc(240 * 8)
  const start = performance.now()
  let taken = 0
  const wait = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    const dueMs = start + ((taken / 240) * 5 - Number(bufferMs)) / 1.002
    if (performance.now() < dueMs) { Atomics.wait(wait, 0, 0, dueMs - performance.now()); continue }
    const bytes = readSync(0, block, 0, block.length, null)
    if (bytes === 0) process.exit(0)
    if (file !== '-') appendFileSync(file, block.subarray(0, bytes))
    taken += bytes / 8
  }`
const card = join(folder, 'card.cjs')
writeFileSync(card, CARD)

/** Keeps the output filled as play-out does, with a ramp that says of each sample which one it is. @returns the card's clock, when so much has left */
async function play(t: Test, program: Pick<ProgramOptions, 'command' | 'args' | 'latencyMs'>, seconds: number, mayEnd = 0): Promise<CardClock> {
  const clock = systemLocalClock()
  const ends: string[] = []
  const output = new ProgramOutput({ ...program, clock, asoundDir: '/nowhere', onEnd: (reason) => ends.push(reason) })
  t.teardown(() => output.close())
  const card = new CardClock()
  const block = new Float32Array(480)
  let written = 0
  const fill = (): boolean => {
    const position = output.position()
    if (position !== null) card.observe(position.leftSamples, position.atMs)
    else if (card.known) {
      card.reset()
      written = 0
    }
    const left = card.known ? card.leftAt(clock.monotonicMs()) : 0
    while (written - left < output.queueMs * 48) {
      for (let i = 0; i < 480; i++) block[i] = ramp(written++)
      output.write(block, 480)
    }
    return card.known && position !== null && position.leftSamples > seconds * 48_000
  }
  await waitUntil('so much has left', fill, 30_000)
  t.ok(ends.length <= mayEnd, ends.join())
  await output.close()
  await output.close()
  t.equal(output.position(), null)
  return card
}

const ramp = (sample: number): number => (sample % 65_536) / 65_536

t.test('what a program has read is known from a full pipe, and with it the pace of its card', async (t) => {
  const { ppm } = await play(t, { command: process.execPath, args: [card, '0', '-'], latencyMs: 5 }, 5)
  t.ok(Math.abs(ppm - 2000) < 500, `${ppm.toFixed(0)} ppm`)
})

t.test('a card with a longer buffer than one thinks is filled until it runs', async (t) => {
  // On a machine that stands still for long meanwhile it may be misjudged once, and started again.
  await play(t, { command: process.execPath, args: [card, '600', '-'], latencyMs: 5 }, 3, 1)
})

t.test('a program that takes everything at once plays nothing, and is told of', async (t) => {
  const clock = systemLocalClock()
  const ends: string[] = []
  const output = new ProgramOutput({ command: 'cat', args: [], latencyMs: 5, clock, asoundDir: '/nowhere', onEnd: (reason) => ends.push(reason) })
  t.teardown(() => output.close())
  const line = new Line({ frames: new FrameBuffer(), gate: OPEN_GATE, alone: null, level: new Level({ volumePercent: 100, emergencyVolumePercent: 80 }), decode: false, delaySamples: 0 })
  const playOut = new PlayOut({ output, house: new HouseTime(), line, played: () => undefined, offsetMs: 0 })
  await waitUntil('it was given up twice', () => {
    playOut.turn(clock.monotonicMs())
    return ends.length >= 2
  }, 20_000)
  t.same([...new Set(ends)], ['cat: takes sound and plays none of it'])
})

const hasAplay = spawnSync('aplay', ['--version']).status === 0
t.test('the real aplay brings every sample to the card, in order, at the card\'s pace', { skip: hasAplay ? false : 'aplay is not installed: node scripts/setup.mjs test' }, async (t) => {
  // ALSA's file plug-in gives what it is played to a program; its slave takes all at once, so the program's pace is the card's.
  const heard = join(folder, 'heard.raw')
  writeFileSync(join(folder, 'asound.conf'), `pcm.!default { type file slave.pcm { type null } format raw file "|exec '${process.execPath}' '${card}' 0 '${heard}'" }\n`)
  process.env['ALSA_CONFIG_PATH'] = join(folder, 'asound.conf')
  t.teardown(() => { delete process.env['ALSA_CONFIG_PATH'] })
  const { ppm } = await play(t, aplay(undefined), 3)
  t.ok(Math.abs(ppm - 2000) < 1000, `${ppm.toFixed(0)} ppm`)
  const bytes = readFileSync(heard)
  const samples = bytes.length >> 3
  t.ok(samples > 2.5 * 48_000, `${String(samples)} samples`)
  let wrong = 0
  for (let n = 0; n < samples; n++) if (bytes.readFloatLE(n * 8) !== ramp(n) || bytes.readFloatLE(n * 8 + 4) !== ramp(n)) wrong += 1
  t.equal(wrong, 0, 'left and right')
})

t.test('a disk without room for the pipe\'s name is a fault that is told, and passes', async (t) => {
  const ends: string[] = []
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = join(folder, 'not-there')
  const output = new ProgramOutput({ command: process.execPath, args: [card, '0', '-'], latencyMs: 5, clock: systemLocalClock(), asoundDir: '/nowhere', onEnd: (reason) => ends.push(reason) })
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  t.teardown(() => output.close())
  t.match(ends, [/ENOENT/])
  let written = 0
  await waitUntil('it plays', () => {
    const position = output.position()
    for (; written < output.queueMs * 48; written += 480) output.write(new Float32Array(480), 480)
    return position
  })
  t.equal(ends.length, 1)
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
  t.ok(pwCat('a node; reboot', { raw: true, stdbuf: true }).args.includes('a node; reboot'))
  const today = pwCat(undefined, { raw: true, stdbuf: true })
  t.match([today.command, ...today.args.slice(0, 4)], ['stdbuf', '-i0', 'pw-cat', '--playback', '--raw'])
  const old = pwCat(undefined, { raw: false, stdbuf: false })
  t.equal(old.command, 'pw-cat')
  t.notOk(old.args.includes('--raw'), 'pw-cat 0.3 ends at an option that it does not know')
  t.end()
})
