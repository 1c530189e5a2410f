import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { trackedFiles } from '../support/tracked-files.ts'

const root = join(import.meta.dirname, '../..')
const MAX_LINES = 450

/** Files that are longer than one idea usually is, with the reason why they are not cut. */
const reasons: Readonly<Record<string, string>> = {
  'rooms/fan-out.ts': 'moves listeners between lines and writes to them on one hot path; ring, line, line set, wheel, wire, timeline and listener stand in files of their own',
  'control/client/types.ts': 'made from the API document',
  'server/director/director.ts': 'what every order, cluster and process goes through; the desks it hands on to stand in files of their own',
  'test/control/route-rights.test.ts': 'one table, a line for each route',
  'server/store/migrations.ts': 'a list that only grows: each step of the schema as it was when a database met it',
}

t.test('a source file holds one idea', (t) => {
  const long = trackedFiles(root).filter((file) => /\.(?:ts|mjs|c|h)$/.test(file) && readFileSync(join(root, file), 'utf8').split('\n').length - 1 > MAX_LINES)
  t.same(long.filter((file) => !(file in reasons)), [], `over ${String(MAX_LINES)} lines without a reason`)
  t.same(Object.keys(reasons).filter((file) => !existsSync(join(root, file))), [], 'reasons for files that are gone')
  t.end()
})
