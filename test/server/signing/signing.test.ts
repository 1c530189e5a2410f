import { sign } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { NumberSequence } from '../../../server/signing/number-sequence.ts'
import { Signer, type SignFunction, type Signed, type Unsigned } from '../../../server/signing/signer.ts'
import { SIGNING_KEYS_FILE, SigningKeys } from '../../../server/signing/signing-keys.ts'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'
import { openEnvelope } from '../../../speaker/trust/envelope.ts'
import { KeyRing } from '../../../speaker/trust/keys.ts'
import { fc } from '../../support/seed.ts'
import { waitUntil } from '../../support/wait-until.ts'

const NOW_MS = Date.UTC(2026, 5, 18, 3)
const DAY_MS = 24 * 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'loa-signing-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
let folders = 0
const newFolder = (): string => mkdtempSync(join(folder, `${String(folders++)}-`))
const noError = (error: unknown): void => { throw error }
const memory = (ceiling = 0): { ceiling: () => number; raise: (value: number) => void; raised: number[] } => {
  const raised: number[] = []
  return { raised, ceiling: () => raised.at(-1) ?? ceiling, raise: (value) => { raised.push(value) } }
}

t.test('keys are made once, and only their owner may read them', (t) => {
  const dataDir = newFolder()
  const made = SigningKeys.open(dataDir, NOW_MS)
  const path = join(dataDir, SIGNING_KEYS_FILE)
  t.equal(statSync(path).mode & 0o777, 0o600)
  chmodSync(path, 0o644)
  const again = SigningKeys.open(dataDir, NOW_MS + DAY_MS)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.same(again.infos(), made.infos())
  const text = Buffer.from('x')
  t.same(sign(null, text, again.current.privateKey), sign(null, text, made.current.privateKey))
  t.notMatch(JSON.stringify(made.infos()), /private|seed/)
  t.end()
})

t.test('a rotation overlaps, is kept, and the oldest key that counts is known', (t) => {
  const dataDir = newFolder()
  const keys = SigningKeys.open(dataDir, NOW_MS)
  const first = keys.current.keyId
  keys.rotate(NOW_MS, 10 * DAY_MS)
  const second = keys.current.keyId
  t.not(second, first)
  t.equal(keys.oldestValidAt(NOW_MS).keyId, first)
  keys.rotate(NOW_MS + DAY_MS, DAY_MS)
  t.same(keys.infos().map(({ notAfterMs }) => notAfterMs), [NOW_MS + 2 * DAY_MS, NOW_MS + 2 * DAY_MS, null], 'an end only comes nearer')
  t.same(keys.validAt(NOW_MS + 2 * DAY_MS).map(({ keyId }) => keyId), [keys.current.keyId])
  t.equal(keys.oldestValidAt(NOW_MS + 2 * DAY_MS), keys.current)
  t.same(SigningKeys.open(dataDir, NOW_MS).infos(), keys.infos())
  keys.rotate(NOW_MS + 500 * DAY_MS, DAY_MS)
  t.equal(keys.infos().length, 2, 'what is long over goes')
  t.end()
})

t.test('a key file that cannot be used stops the start: new keys would turn every device away', (t) => {
  const dataDir = newFolder()
  SigningKeys.open(dataDir, NOW_MS)
  const path = join(dataDir, SIGNING_KEYS_FILE)
  const good = readFileSync(path, 'utf8')
  for (const bad of ['', '{', '{"version":1,"keys":[]}', good.replace(/"keyId": "./, '"keyId": "!'), good.replace(/"privateKey": "[^"]+"/, '"privateKey": "AAAA"'), good.replace(/"version": 1/, '"version": 2')]) {
    writeFileSync(path, bad)
    t.throws(() => SigningKeys.open(dataDir, NOW_MS), { code: 'SIGNING_ERR_FILE' })
    t.equal(readFileSync(path, 'utf8'), bad, 'and is left as it is')
  }
  t.end()
})

t.test('numbers rise over restarts, over clocks that step back, and never below the time', (t) => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.constant('restart' as const), fc.integer({ min: -5_000_000, max: 5_000_000 })), { minLength: 1, maxLength: 200 }), (steps) => {
    const store = memory()
    let sequence = new NumberSequence(store, noError)
    let houseMs = NOW_MS
    let last = 0
    for (const step of steps) {
      if (step === 'restart') sequence = new NumberSequence(store, noError)
      else houseMs += step
      for (let count = 0; count < 3; count++) {
        const number = sequence.take(houseMs)
        if (number <= last || number < houseMs || number >= store.ceiling()) return false
        last = number
      }
    }
    return true
  }))
  const store = memory()
  const sequence = new NumberSequence(store, noError)
  for (let count = 0; count < 100_000; count++) sequence.take(NOW_MS)
  t.equal(store.raised.length, 2, 'the disk is asked once for many')
  t.end()
})

t.test('a full disk stops no signature, and is asked again', (t) => {
  let isFull = true
  let asked = 0
  const errors: unknown[] = []
  const ceilings: number[] = []
  const sequence = new NumberSequence({ ceiling: () => 0, raise: (value) => { asked++; if (isFull) throw new Error('full'); ceilings.push(value) } }, (error) => { errors.push(error) })
  const numbers = Array.from({ length: 2500 }, () => sequence.take(NOW_MS))
  t.ok(numbers.every((number, at) => at === 0 || number === numbers[at - 1]! + 1))
  t.equal(asked, 3)
  t.equal(errors.length, 3)
  isFull = false
  for (let count = 0; count < 1000; count++) sequence.take(NOW_MS)
  t.equal(ceilings.length, 1)
  t.ok(ceilings[0]! > sequence.take(NOW_MS))
  t.end()
})

t.test('the sequence stands in the database', (t) => {
  const dataDir = newFolder()
  const before = SqliteStore.open(dataDir)
  const last = new NumberSequence(before.numbers, noError).take(NOW_MS)
  before.close()
  const after = SqliteStore.open(dataDir)
  t.teardown(() => { after.close() })
  t.ok(new NumberSequence(after.numbers, noError).take(0) > last)
  after.numbers.raise(5)
  t.ok(after.numbers.ceiling() > last, 'it is never lowered')
  t.end()
})

const unsigned = (index: number): Unsigned => ({ clusterId: `c-${String(index % 7)}`, kind: 'order', expiresAtMs: NOW_MS + 60_000, fields: { orderId: `o-${String(index)}`, class: 'normal', title: 'Lũ', startsAt: '2026-06-18T03:00:00.000Z', endsAt: '2026-06-18T03:01:00.000Z' } })

t.test('whatever is ready first, messages go out in their sequence', async (t) => {
  const keys = SigningKeys.open(newFolder(), NOW_MS)
  const jobs: (() => void)[] = []
  let failing = false
  const shuffled: SignFunction = (data, key, done) => {
    const fails = failing
    jobs.push(() => {
      if (fails) done(new Error('no'), Buffer.alloc(0))
      else sign(null, data, key, done)
    })
  }
  const errors: Error[] = []
  const signer = new Signer({ currentKey: () => keys.current, numbers: new NumberSequence(memory(), noError), houseMs: () => NOW_MS, onError: (error) => { errors.push(error) }, sign: shuffled })
  const out: Signed[] = []
  const deliver = (signed: readonly Signed[]): void => { out.push(...signed) }
  for (let index = 0; index < 300; index += 10) signer.issue(Array.from({ length: 10 }, (_, at) => unsigned(index + at)), deliver)
  t.ok(jobs.length < 300, 'the pool is left room')
  t.equal(out.length, 0)
  failing = true
  while (signer.pending > 0) {
    jobs.splice(Math.floor(jobs.length / 2), 1).forEach((job) => { job() })
    jobs.splice(0, 1).forEach((job) => { job() })
    if (out.length > 50) failing = false
    await new Promise((resolve) => setImmediate(resolve))
  }
  t.ok(errors.length > 0, 'some could not be signed')
  t.equal(out.length + errors.length, 300, 'and held nobody else up')
  t.ok(out.every(({ number }, at) => at === 0 || number > out[at - 1]!.number))
  const ring = KeyRing.of([{ keyId: keys.current.keyId, publicKey: keys.current.publicKey, notBefore: '2026-01-01T00:00:00.000Z', notAfter: null }])!
  for (const { clusterId, text, number } of out.slice(0, 20)) {
    t.match(openEnvelope(JSON.parse(text) as Parameters<typeof openEnvelope>[0], { keys: ring, clusterId, houseMs: NOW_MS, lastNumber: number - 1 }), { body: { number, clusterId, kind: 'order' } })
  }
  const late = signer.issueOne(unsigned(1))
  signer.close()
  jobs.forEach((job) => { job() })
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(signer.pending, 0)
  t.ok(late instanceof Promise, 'after the end nothing comes')
})

t.test('two thousand orders are signed in the pool, in far less than a second', async (t) => {
  const keys = SigningKeys.open(newFolder(), NOW_MS)
  const signer = new Signer({ currentKey: () => keys.current, numbers: new NumberSequence(memory(), noError), houseMs: () => NOW_MS, onError: (error) => { throw error } })
  const startMs = performance.now()
  let delivered = 0
  signer.issue(Array.from({ length: 2000 }, (_, index) => unsigned(index)), (signed) => { delivered += signed.length })
  const issuedMs = performance.now() - startMs
  await waitUntil('all are signed', () => delivered === 2000)
  const allMs = performance.now() - startMs
  t.comment(`2000 signatures: ${issuedMs.toFixed(1)} ms until issue() returned, ${allMs.toFixed(0)} ms until all were delivered`)
  t.ok(allMs < 5000, 'bound for a busy machine')
})
