import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import type { Words } from '../../console/src/words/define-words.ts'

const root = join(import.meta.dirname, '../../console/src')
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const sources = globSync('**/*.{ts,tsx}', { cwd: root }).map((file) => ({ file, text: read(file) }))
const api = readFileSync(join(root, '../../control/openapi.json'), 'utf8')
/** States, kinds and the like, which are said as they come from the API, some in camel case; and the parts and methods of its routes, which the audit log has words for. */
const fromApi = new Set([
  ...[...api.matchAll(/"enum": \[([^\]]*)\]/g)].flatMap(([, values = '']) => [...values.matchAll(/"([^"]*)"/g)].flatMap(([, value = '']) => [value, value.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())])),
  ...[...api.matchAll(/^ {2}"\/v1\/([^"]*)": \{/gm)].flatMap(([, path = '']) => path.split('/')),
  'POST', 'PUT', 'PATCH', 'DELETE', 'GET', 'HEAD',
  // Of the audit log alone (control/audit.ts, unit-change-clock.ts, recordings/recording-keeper.ts).
  'SUM', 'TRIM', 'DUE', 'refusals',
])
/** Of what the libraries draw. */
const THEIRS = /^(?:fc|leaflet|u|react-aria|lucide|uplot)(?:-|$)/

/**
 * A key is said when `say('key')` stands in a file whose `say` is of these texts; or when its name, or a pattern such as `state_${…}` that it fits, stands
 * anywhere else beside who uses the texts; or when it is a word of the API, as states are.
 */
t.test('every text of the console is said somewhere', async (t) => {
  for (const { file, text } of sources.filter(({ file, text }) => /= defineWords\(/.test(text) && file !== 'words/define-words.ts')) {
    for (const [name, { vi }] of Object.entries((await import(join(root, file))) as Record<string, Words<string>>).filter(([name]) => text.includes(`${name} = defineWords(`))) {
      const users = usersOf(file, name)
      const said = new Set(users.flatMap(({ literals }) => literals))
      const patterns = users.flatMap(({ patterns: found }) => found)
      t.same(Object.keys(vi).filter((key) => !said.has(key) && !fromApi.has(key) && !patterns.some((pattern) => pattern.test(key))), [], `${file} ${name}: keys that nobody says`)
    }
  }
})

t.test('every class of a style sheet is worn somewhere', (t) => {
  const worn = new Set(sources.flatMap(({ text }) => text.match(/[\w-]+/g) ?? []))
  const patterns = sources.flatMap(({ text }) => patternsIn(text))
  for (const file of globSync('**/*.css', { cwd: root })) {
    const rules = read(file).replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/\{[^{}]*\}/g, '{}')
    const classes = new Set([...rules.matchAll(/\.([a-zA-Z][\w-]*)/g)].map(([, name = '']) => name))
    t.same([...classes].filter((name) => !worn.has(name) && !THEIRS.test(name) && !patterns.some((pattern) => pattern.test(name))), [], `${file}: classes that nothing wears`)
  }
  t.end()
})

interface Spoken { readonly literals: readonly string[]; readonly patterns: readonly RegExp[] }

/** What is said by files that import these texts, and by those of their folder, which may name a key for them. */
function usersOf(file: string, name: string): Spoken[] {
  const folder = file.split('/').slice(0, file.split('/').length > 2 ? 2 : 1).join('/')
  return sources.flatMap(({ file: user, text }) => {
    const own = namesIn(user, text, file, name)
    if (own.length === 0 && !user.startsWith(`${folder}/`)) return []
    const rest = text.replace(/= defineWords\([\s\S]*?\n\}\)/g, '')
    // Said by texts that are known not to be these.
    const others = [...rest.matchAll(/const (\w+) = useWords\((\w+)\)/g)].map(([, say = '']) => say).filter((say) => !saysOf(rest, own).has(say))
    const mine = others.length === 0 ? rest : rest.replaceAll(new RegExp(String.raw`\b(?:${others.join('|')})\((?:'[^']*'|\x60[^\x60]*\x60)`, 'g'), '')
    return [{ literals: [...mine.replaceAll(/\b(?:id|name|kind|type): '[^']*', (?:title|label)/g, '').matchAll(/'([\w-]+)'|(\w+)(?=: )|\bwords(?:\[[^\]]*\])?\.(\w+)/g)].map(([, quoted, named, taken]) => quoted ?? named ?? taken ?? ''), patterns: patternsIn(mine) }]
  })
}

/** By which variables a file says these texts. */
const saysOf = (text: string, names: readonly string[]): ReadonlySet<string> => new Set([...text.matchAll(/const (\w+) = useWords\((\w+)\)/g)].filter(([, , words = '']) => names.includes(words)).map(([, say = '']) => say))

/** How a file calls these texts: as they are named, or otherwise. */
function namesIn(user: string, text: string, file: string, name: string): string[] {
  if (user === file) return [name]
  return [...text.matchAll(/import \{([^}]*)\} from '(\.[^']*)'/g)].filter(([, , from = '']) => relative('', join(dirname(user), from)) === file)
    .flatMap(([, list = '']) => list.split(',')).map((one) => one.trim().split(/ as /)).filter(([imported]) => imported === name).map((parts) => parts.at(-1)!)
}

/** `state_${…}` and `${…}Text` as patterns; what is computed as a whole names nothing. */
const patternsIn = (text: string): RegExp[] => [...text.matchAll(/`((?:[\w-]|\$\{[^}`]*\})+)`/g)].map(([, pattern = '']) => pattern.split(/\$\{[^}]*\}/)).filter((parts) => parts.length > 1).filter((parts) => parts.join('').length > 1)
  .map((parts) => new RegExp(`^${parts.map((part) => part.replaceAll(/[^\w-]/g, String.raw`\$&`)).join('.+')}$`))
