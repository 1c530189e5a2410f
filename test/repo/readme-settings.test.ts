import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { configKeys } from '../../server/config.ts'
import { withSettings } from '../../server/cli/readme-settings.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

t.test('the table of settings in README.md is the current one', (t) => {
  t.equal(readme, withSettings(readme), 'if not: npm run readme')
  for (const { environment } of configKeys()) t.match(readme, `| \`${environment}\` |`)
  t.end()
})

t.test('a changed table is noticed', (t) => {
  const stale = readme.replace('LOA_STREAM_PORT` | `8010`', 'LOA_STREAM_PORT` | `8011`')
  t.not(stale, readme)
  t.equal(withSettings(stale), readme)
  t.throws(() => withSettings('# no table'), /must hold/)
  t.end()
})
