import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const folder = join(import.meta.dirname, '../../build/console')
/** Of scripts, compressed, until somebody who has logged in sees the first screen. */
const MOST_BYTES = 350 * 1024
const FIRST_SCREENS = ['index.html', 'src/screens/sign-in/index.tsx', 'src/screens/now/index.tsx']

interface Chunk {
  readonly file: string
  readonly imports?: readonly string[]
}

t.test('what an old computer must load before it shows something is small', (t) => {
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8')) as Readonly<Record<string, Chunk>>
  const needed = new Set<string>()
  const need = (name: string): void => {
    const chunk = manifest[name]
    if (chunk === undefined) throw new Error(`${name} is not in the build`)
    if (needed.has(chunk.file)) return
    needed.add(chunk.file)
    chunk.imports?.forEach(need)
  }
  FIRST_SCREENS.forEach(need)
  const bytes = [...needed].reduce((sum, file) => sum + statSync(join(folder, `${file}.br`)).size, 0)
  t.comment(`${(bytes / 1024).toFixed(0)} KB in ${String(needed.size)} files`)
  t.ok(bytes <= MOST_BYTES, `${String(bytes)} bytes`)
  t.end()
})
