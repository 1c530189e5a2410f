import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../../console/src')

/** Classes that a sheet gives their look: alone in a selector, outside of `@media`. */
function classesOf(sheet: string): Set<string> {
  const plain = sheet.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}/g, '')
  const selectors = [...plain.matchAll(/([^{}]+)\{/g)].flatMap(([, all = '']) => all.split(','))
  return new Set(selectors.flatMap((one) => /^\s*\.([a-z][\w-]*)\s*$/.exec(one)?.[1] ?? []))
}

t.test('no two sheets give one class its look: the sheet of a screen stays when another screen is opened', async (t) => {
  const owners = new Map<string, string[]>()
  for (const file of globSync('**/*.css', { cwd: root })) for (const name of classesOf(readFileSync(join(root, file), 'utf8'))) owners.set(name, [...(owners.get(name) ?? []), file])
  t.ok(owners.size > 100, `${String(owners.size)} classes`)
  t.same([...owners].filter(([, files]) => files.length > 1), [])
})
