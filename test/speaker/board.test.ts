import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { TAPS_AFTER, TAPS_BEFORE, TruePeakLimiter, varispeed } from '../../codec/index.ts'
import { giveBackMemory, hasBoardNative, limiterOnBoard, sizePipe, unreadIn, varispeedOnBoard } from '../../speaker/native/board.ts'
import { fc } from '../support/seed.ts'
import { seeded } from '../support/virtual-station.ts'

/** Of full scale: rounding to 32 bits in another order. */
const NEAR = 2e-6

const worst = (a: Float32Array, b: Float32Array): number => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)

t.test('the addon is built where tests run', (t) => {
  t.ok(hasBoardNative, 'npm run setup')
  t.end()
})

t.test('the board limits as codec/ does, whatever comes in what pieces', (t) => {
  fc.assert(fc.property(fc.integer(), fc.array(fc.record({ samples: fc.integer({ min: 0, max: 1200 }), level: fc.constantFrom(0, 0.01, 0.4, 0.8, 1, 3), bad: fc.boolean() }), { minLength: 1, maxLength: 12 }), (seed, pieces) => {
    const random = seeded(seed)
    const options = { ceilingDbtp: -1, lookAheadMs: 2 }
    const [one, other] = [new TruePeakLimiter(options), limiterOnBoard(options)]
    return pieces.every(({ samples, level, bad }) => {
      const block = Float32Array.from({ length: samples }, () => (random() - 0.5) * 2 * level)
      if (bad && samples > 0) block[samples >> 1] = NaN
      const copy = block.slice()
      one.process(block)
      other.process(copy)
      return worst(block, copy) <= NEAR
    })
  }))
  t.throws(() => limiterOnBoard({ lookAheadMs: 0.1 }), { code: 'CODEC_ERR_OPTION' })
  t.end()
})

t.test('the board reads between samples as codec/ does, and never beyond its arrays', (t) => {
  fc.assert(fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.9995, max: 1.0005, noNaN: true }), fc.integer({ min: 0, max: 480 }), (seed, fraction, ratio, samples) => {
    const random = seeded(seed)
    const input = Float32Array.from({ length: Math.ceil(samples * ratio) + TAPS_BEFORE + TAPS_AFTER + 2 }, () => random() - 0.5)
    const [one, other] = [new Float32Array(samples), new Float32Array(samples)]
    varispeed(input, TAPS_BEFORE + fraction, ratio, one, samples)
    varispeedOnBoard(input, TAPS_BEFORE + fraction, ratio, other, samples)
    return worst(one, other) <= NEAR
  }))
  t.throws(() => { varispeedOnBoard(new Float32Array(20), 7, 1, new Float32Array(480), 480) }, /beyond/)
  t.throws(() => { varispeedOnBoard(new Float32Array(1000), 0, 1, new Float32Array(480), 480) }, /beyond/)
  t.throws(() => { varispeedOnBoard(new Float32Array(1000), NaN, 1, new Float32Array(480), 480) }, /beyond/)
  t.throws(() => { varispeedOnBoard(new Float32Array(1000), 7, 1, new Float32Array(10), 480) }, /beyond/)
  t.end()
})

t.test('a pipe says what it holds and what nobody has read', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'loa-board-'))
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  t.equal(sizePipe(writing, 32_768), 32_768)
  writeSync(writing, Buffer.alloc(5000))
  readSync(reading, Buffer.alloc(700))
  t.equal(unreadIn(writing), 4300)
  closeSync(reading)
  closeSync(writing)
  rmSync(folder, { recursive: true })
  t.throws(() => unreadIn(-1), /takes a pipe/)
  t.throws(() => sizePipe(-1, 4096), /takes a pipe/)
  t.end()
})

t.test('pages that were only needed to start go, and what is used of them comes back', (t) => {
  const filesKib = (): number => Number(/^RssFile:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1])
  const before = filesKib()
  giveBackMemory()
  const after = filesKib()
  t.ok(after < before * 0.8, `${String(before)} KiB, then ${String(after)}`)
  t.equal(new Intl.NumberFormat('vi').format(1234.5), '1.234,5')
  t.end()
})
