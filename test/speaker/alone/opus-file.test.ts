import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { OpusFile } from '../../../speaker/alone/opus-file.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { lagOf, MAX_LAG_SAMPLES, opusFile, S, wandering } from './sounds.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-opus-file-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })
const pcm = wandering(90, 1500)
const made = opusFile(pcm)
const path = join(folder, 'a')
writeFileSync(path, made.content)

t.test('any place of a file is found to the sample, one after another and by jumps', async (t) => {
  const file = await OpusFile.open(path, made.sha256)
  if (file === null) {
    t.fail('not opened')
    return
  }
  t.equal(file.durationSamples, pcm.length)
  for (const at of [0, 1, 959, 30 * S + 17, 5 * S + 3, 88 * S]) {
    const block = new Float32Array(S)
    await file.prime(at)
    for (let n = 0; n < S; n += 960) t.equal(file.read(block.subarray(n, n + 960), at + n), 960)
    const { lag, likeness } = lagOf(block, pcm.subarray(at, at + S))
    t.ok(Math.abs(lag) <= MAX_LAG_SAMPLES, `at ${String(at)}: ${String(lag)} samples`)
    t.ok(likeness > 0.95, `alike: ${likeness.toFixed(4)}`)
  }
  const last = new Float32Array(960)
  await file.prime(pcm.length - 100)
  t.equal(file.read(last, pcm.length - 100) >= 100, true)
  await file.close()
  await file.close()
})

t.test('what follows is read in time by itself', async (t) => {
  const file = (await OpusFile.open(path, made.sha256))!
  await file.prime(0)
  const block = new Float32Array(960)
  let missing = 0
  for (let at = 0; at + 960 <= pcm.length; at += 960) {
    if (file.read(block, at) < 960) missing += 1
    // A hundredth of the time that sound takes.
    if (at % (S / 2) === 0) await waitUntil('the next window', () => file.isPrimed(Math.min(at + 5 * S, pcm.length - 1)))
  }
  t.equal(missing, 0)
  await file.close()
})

t.test('what is not its hash, not mono, not whole or no Ogg at all is not opened', async (t) => {
  const bad = async (content: Buffer, sha256 = made.sha256): Promise<boolean> => {
    const at = join(folder, 'bad')
    writeFileSync(at, content)
    return (await OpusFile.open(at, sha256 === 'own' ? createHash('sha256').update(content).digest('hex') : sha256)) === null
  }
  const flipped = Buffer.from(made.content)
  flipped[flipped.length >> 1]! ^= 1
  t.ok(await bad(flipped))
  t.ok(await bad(flipped, 'own'), 'a page whose checksum is wrong')
  t.ok(await bad(made.content, 'ab'.repeat(32)), 'whole, but another one')
  t.ok(await bad(made.content.subarray(0, -100)))
  t.ok(await bad(Buffer.alloc(5000, 7), 'own'))
  t.ok(await bad(Buffer.alloc(0), 'own'))
})
