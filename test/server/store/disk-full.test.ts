import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { buildControl, seed } from '../../support/build-control.ts'

/** A file system of 2 MiB, or why there is none. */
function smallDisk(): { readonly folder: string; readonly unmount: () => void } | string {
  if (process.getuid?.() !== 0) return 'only root may mount'
  const folder = mkdtempSync(join(tmpdir(), 'loa-full-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'pipe' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    return `a small file system cannot be mounted here: ${String(error)}`
  }
  return {
    folder,
    unmount() {
      execFileSync('umount', [folder])
      rmSync(folder, { recursive: true })
    },
  }
}

const disk = smallDisk()

t.test('a full disk is a problem, not a crash', { skip: typeof disk === 'string' ? disk : false }, async (t) => {
  if (typeof disk === 'string') return
  const { folder } = disk
  const harness = await buildControl({ dataDir: folder })
  t.teardown(async () => {
    await harness.close()
    disk.unmount()
  })
  const { unitId, sourceId } = await seed(harness)
  const give = (key: string) => harness.call('POST', '/v1/orders', { class: 'emergency', title: 'Lũ '.repeat(40), sourceId, targets: { units: [unitId] }, durationMs: 60_000 }, { headers: { 'idempotency-key': key } })
  t.equal((await give('before')).status, 201)

  const free = statfsSync(folder)
  writeFileSync(join(folder, 'filler'), Buffer.alloc(free.bavail * free.bsize))
  let accepted = 1
  let answer = await give('full-0')
  for (let n = 1; answer.status === 201 && n < 1000; n++) {
    accepted++ // what was already allotted to the log can still be filled
    answer = await give(`full-${String(n)}`)
  }
  t.match(answer, { status: 507, body: { code: 'LOA_ERR_DISK_FULL' } })
  t.match(answer.headers, { 'content-type': /^application\/problem\+json/ })

  t.equal((await harness.call('GET', '/healthz')).status, 200, 'still alive')
  t.equal(harness.store.orders.unfinished(harness.clock.wallMs()).length, accepted, 'what was refused is not there')
  t.equal(harness.broadcast.orders.length, accepted, 'and nobody was told of it')

  rmSync(join(folder, 'filler'))
  const again = await give('after')
  t.match(again, { status: 201, body: { number: accepted + 1 } }, 'and it goes on when there is room again')
})
