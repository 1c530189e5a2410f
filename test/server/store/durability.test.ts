import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { SqliteStore } from '../../../server/store/sqlite-store.ts'

t.test('nothing acknowledged is lost when the process is killed', async (t) => {
  for (const killAfter of [1, 7, 60]) {
    const dataDir = mkdtempSync(join(tmpdir(), 'loa-durable-'))
    t.teardown(() => { rmSync(dataDir, { recursive: true, force: true }) })
    const child = spawn(process.execPath, [join(import.meta.dirname, 'durable-child.ts'), dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const exited = once(child, 'exit')
    let acknowledged = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged = Number(line)
      if (acknowledged >= killAfter) child.kill('SIGKILL')
    }
    t.same(await exited, [null, 'SIGKILL'])

    const store = SqliteStore.open(dataDir)
    for (let n = 1; n <= acknowledged; n++) {
      const order = store.orders.get(`o${String(n)}`)
      if (order?.number !== n || order.stoppedAtMs !== (n % 3 === 0 ? 5 : null)) t.fail(`order ${String(n)} of ${String(acknowledged)} is not as it was acknowledged`, { order })
    }
    t.ok(acknowledged >= killAfter, `${String(acknowledged)} acknowledged, all there`)
    store.close()
  }
})
