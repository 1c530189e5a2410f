import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FAULT_CODES, faultTitles } from '../../control/faults.ts'

const root = join(import.meta.dirname, '..', '..')

t.test('every fault has words in both languages, and every word is for a fault', (t) => {
  const told = new Set<string>()
  for (const folder of ['control', 'server', 'rooms']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name === 'faults.ts') continue
      for (const [code] of readFileSync(join(root, folder, name), 'utf8').matchAll(/LOA_FAULT_[A-Z_]+/g)) told.add(code)
    }
  }
  t.same([...told].sort(), [...FAULT_CODES].sort())
  for (const code of FAULT_CODES) {
    const { title, titleVi } = faultTitles(code)
    t.not(title, titleVi)
  }
  t.same(faultTitles('toString'), { title: 'toString', titleVi: 'toString' })
  t.end()
})
