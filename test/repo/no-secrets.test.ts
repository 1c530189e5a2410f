import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { trackedFiles } from '../support/tracked-files.ts'

const root = join(import.meta.dirname, '../..')
const MAX_FILE_BYTES = 2 * 1024 * 1024

/** What must stand in no file of the repository. */
const forbidden: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a private key', pattern: /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/ },
  { what: 'a token of a code host or a cloud', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{40,}|glpat-[\w-]{20}|AKIA[0-9A-Z]{16}|xox[abpr]-[\w-]{20,}|npm_[A-Za-z0-9]{36}|sk-[A-Za-z0-9_-]{32,})\b/ },
  { what: 'a JSON web token', pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/ },
  { what: 'a password in a URL', pattern: /\b(?:https?|rtsp|rtmp|srt|icecast|redis|postgres):\/\/[^\s/:@'"`${}<>]+:(?!hackme|secret|pass|user|key|…|\*)[^\s/:@'"`${}<>]{6,}@(?!127\.|localhost|\[::1|example|[a-z.-]+\.(?:test|example|invalid))/ },
  { what: 'a path of somebody\'s machine', pattern: /(?<![\w.$}])\/(?:home|Users|work|root)\/[\w.-]+/ },
]

/** Texts in which the rules' own examples stand. */
const exempt: readonly string[] = ['test/repo/no-secrets.test.ts']

const findings = (file: string, text: string): string[] =>
  forbidden.flatMap(({ what, pattern }) => {
    const match = pattern.exec(text)
    return match === null ? [] : [`${file}:${String(text.slice(0, match.index).split('\n').length)} holds ${what}: ${match[0]}`]
  })

t.test('no tracked file holds a secret or a path of somebody\'s machine', (t) => {
  const files = trackedFiles(root).filter((file) => !exempt.includes(file))
  t.ok(files.length > 50, `${String(files.length)} files read`)
  t.same(files.flatMap((file) => findings(file, readFileSync(join(root, file), 'utf8'))), [])
  t.end()
})

t.test('no tracked file is large, and nothing built is tracked', (t) => {
  const files = trackedFiles(root)
  t.same(files.filter((file) => statSync(join(root, file)).size > MAX_FILE_BYTES), [])
  t.same(files.filter((file) => /(?:^|\/)(?:node_modules|build|loa-data|coverage)\/|\.(?:node|o|so|db|sqlite3?|wav|mp3|ogg|opus|flac)$/.test(file) && !file.startsWith('test/fixtures/')), [])
  t.end()
})

t.test('the rules find what they are for', (t) => {
  t.match(findings('a', '-----BEGIN PRIVATE KEY-----'), ['a:1 holds a private key'])
  t.match(findings('a', `\n${'gh'}p_${'a'.repeat(36)}`), ['a:2 holds a token'])
  t.match(findings('a', 'rtsp://camera:correct-horse@10.0.0.9/live'), ['a:1 holds a password in a URL'])
  t.match(findings('a', `open('/${'home'}/lan/loa')`), ['a:1 holds a path'])
  t.same(findings('a', 'http://127.0.0.1:8000/v1 https://user:pass@example.com /v1/work/x'), [])
  t.end()
})
