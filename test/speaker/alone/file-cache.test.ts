import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FileCache, type FileCacheOptions } from '../../../speaker/alone/file-cache.ts'
import { smallDisk } from '../../support/small-disk.ts'

const KIB = 1024
let timeMs = 1_780_000_000_000

const content = (seed: number, bytes = 10 * KIB): Buffer => Buffer.alloc(bytes, `content ${String(seed)} `)
const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve()
    yield bytes.subarray(at, at + size)
  }
}

async function open(t: Test, folder?: string, options: Partial<FileCacheOptions> = {}): Promise<{ cache: FileCache; folder: string }> {
  const at = folder ?? mkdtempSync(join(tmpdir(), 'loa-cache-'))
  if (folder === undefined) t.teardown(() => { rmSync(at, { recursive: true, force: true }) })
  return { cache: await FileCache.open(at, { quotaBytes: 40 * KIB, minFreeBytes: 0, nowMs: () => (timeMs += 10_000), ...options }), folder: at }
}

const put = (cache: FileCache, bytes: Buffer): Promise<void> => cache.add(hash(bytes), bytes.length, pieces(bytes))

t.test('a file stands under its hash, and is there after a restart', async (t) => {
  const { cache, folder } = await open(t)
  const bytes = content(1)
  await put(cache, bytes)
  t.same(readFileSync(cache.path(hash(bytes))), bytes)
  t.ok(await cache.verify(hash(bytes)))
  const { cache: again } = await open(t, folder)
  t.ok(again.has(hash(bytes)))
  t.equal(again.bytes, bytes.length)
})

t.test('what is not what its name says is refused, and leaves nothing', async (t) => {
  const { cache, folder } = await open(t)
  const bytes = content(1)
  const refused = { code: 'SPEAKER_ERR_CORRUPT' }
  await t.rejects(cache.add(hash(content(2)), bytes.length, pieces(bytes)), refused)
  await t.rejects(cache.add(hash(bytes), bytes.length - 1, pieces(bytes)), refused, 'too long')
  await t.rejects(cache.add(hash(bytes), bytes.length + 1, pieces(bytes)), refused, 'too short')
  await t.rejects(cache.add('../../etc/passwd', 1, pieces(bytes)), refused)
  await t.rejects(cache.add(hash(bytes), bytes.length, (async function* () {
    yield bytes.subarray(0, 100)
    throw new Error('the line is cut')
  })()), { message: 'the line is cut' })
  t.same(readdirSync(folder), [])
  t.equal(cache.corruptTotal, 3)
  await put(cache, bytes)
  t.ok(cache.has(hash(bytes)), 'and comes when it is right')
})

t.test('what has rotted on the disk is found when it is read, removed, and may come again', async (t) => {
  const { cache } = await open(t)
  const bytes = content(1)
  await put(cache, bytes)
  const rotten = Buffer.from(bytes)
  rotten[5000]! ^= 1
  writeFileSync(cache.path(hash(bytes)), rotten)
  t.notOk(await cache.verify(hash(bytes)))
  t.notOk(cache.has(hash(bytes)))
  t.notOk(existsSync(cache.path(hash(bytes))))
  t.equal(cache.bytes, 0)
  await put(cache, bytes)
  t.ok(await cache.verify(hash(bytes)))
})

t.test('what was being written when the power went is swept away', async (t) => {
  const { cache, folder } = await open(t)
  await put(cache, content(1))
  writeFileSync(join(folder, `${hash(content(2))}.part`), 'half')
  writeFileSync(join(folder, 'whatever'), '?')
  const { cache: again } = await open(t, folder)
  t.same(readdirSync(folder), [hash(content(1))])
  t.equal(again.bytes, content(1).length)
})

t.test('the least recently used make room, never what the coming schedule needs, also after a restart', async (t) => {
  const { cache, folder } = await open(t)
  for (const seed of [1, 2, 3, 4]) await put(cache, content(seed))
  await cache.touch(hash(content(1)))
  cache.pin([hash(content(2))])
  await put(cache, content(5))
  const here = (which: FileCache): number[] => [1, 2, 3, 4, 5, 6].filter((seed) => which.has(hash(content(seed))))
  t.same(here(cache), [1, 2, 4, 5])

  const { cache: again } = await open(t, folder)
  again.pin([hash(content(2))])
  await put(again, content(6))
  t.same(here(again), [1, 2, 5, 6], 'the order of use was kept')
  again.pin([2, 5, 6].map((seed) => hash(content(seed))))
  await t.rejects(put(again, content(7, 11 * KIB)), { code: 'SPEAKER_ERR_QUOTA' })
  t.same(here(again), [1, 2, 5, 6], 'and nothing was given up in vain')
})

const disk = smallDisk(1)

t.test('a full disk is a clear error; what is there stays whole', { skip: typeof disk === 'string' ? disk : false }, async (t) => {
  if (typeof disk === 'string') return
  t.teardown(() => { disk.unmount() })
  const folder = join(disk.folder, 'files')
  const { cache } = await open(t, folder, { quotaBytes: 100 * 1024 * KIB, minFreeBytes: 64 * KIB })
  await put(cache, content(1))
  cache.pin([hash(content(1))])
  await t.rejects(put(cache, content(2, 2000 * KIB)), { code: 'SPEAKER_ERR_DISK_FULL' }, 'it is not even begun')
  const { cache: bold } = await open(t, folder)
  bold.pin([hash(content(1))])
  const makeRoom = disk.fill()
  await t.rejects(put(bold, content(3, 20 * KIB)), { code: 'SPEAKER_ERR_DISK_FULL' })
  t.same(readdirSync(folder), [hash(content(1))])
  t.ok(await bold.verify(hash(content(1))))
  makeRoom()
  await put(bold, content(3, 20 * KIB))
  t.ok(await bold.verify(hash(content(3, 20 * KIB))), 'and it goes on when there is room again')
  // Room runs out under the writing hand: what evicting could still free was freed before.
  const { cache: late } = await open(t, folder, { quotaBytes: 100 * 1024 * KIB })
  late.pin([1, 3].map((seed) => hash(content(seed, seed === 3 ? 20 * KIB : 10 * KIB))))
  const big = content(4, 800 * KIB)
  let free: (() => void) | null = null
  await t.rejects(late.add(hash(big), big.length, (async function* () {
    for await (const piece of pieces(big, 64 * KIB)) {
      free ??= disk.fill()
      yield piece
    }
  })()), { code: 'SPEAKER_ERR_DISK_FULL' })
  t.equal(readdirSync(folder).length, 2, 'nothing is left of it')
})
