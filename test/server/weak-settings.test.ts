import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadConfig } from '../../server/config.ts'
import { weakSettings } from '../../server/weak-settings.ts'

const main = join(import.meta.dirname, '../../server/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'loa-weak-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

const STRONG = { LOA_DATA_DIR: join(folder, 'new'), LOA_HOST: '127.0.0.1', LOA_ADMIN_TOKEN: randomBytes(33).toString('base64') }
const weakOf = (environment: Record<string, string>, file?: string): string[] => weakSettings(loadConfig({ ...STRONG, ...environment }, file), file)

t.test('what is strong is not complained of', (t) => {
  t.same(weakOf({}), [])
  t.same(weakOf({ LOA_ADMIN_TOKEN: '' }), [], 'one will be made')
  t.same(weakOf({ LOA_HOST: '0.0.0.0', LOA_TRUSTED_PROXIES: '10.1.2.3, fd00::/8' }), [])
  t.same(weakOf({ LOA_CORS_ORIGINS: 'https://console.example.vn,http://localhost:5173' }), [])
  t.end()
})

t.test('no random token is taken for a weak one', (t) => {
  for (let n = 0; n < 100; n++) {
    const token = randomBytes(33)
    for (const encoding of ['base64', 'base64url', 'hex'] as const) t.same(weakOf({ LOA_ADMIN_TOKEN: token.toString(encoding) }), [], token.toString(encoding))
  }
  t.end()
})

t.test('each weakness is named with its setting', (t) => {
  for (const token of ['x'.repeat(40), '0123456789'.repeat(4), 'administrator'.repeat(3), 'matkhauquantri1234567890123456789012', 'changemechangemechangemechangeme2026']) t.match(weakOf({ LOA_ADMIN_TOKEN: token }), [/^adminToken \(LOA_ADMIN_TOKEN\) can be guessed/], token)
  t.match(weakOf({ LOA_HOST: '0.0.0.0' }), [/^host \(LOA_HOST\) is reached from outside over plain HTTP/])
  t.match(weakOf({ LOA_HOST: '::' }), [/^host/])
  t.match(weakOf({ LOA_PRACTICE_PASSWORD: 'x', LOA_PRODUCTION: 'true' }), [/^practicePassword \(LOA_PRACTICE_PASSWORD\) lets anybody log in/])
  t.match(weakOf({ LOA_PRACTICE_PASSWORD: 'x', LOA_TRUSTED_PROXIES: '127.0.0.1' }), [/^practicePassword/], 'others come by the proxy')
  t.match(weakOf({ LOA_TRUSTED_PROXIES: '0.0.0.0/0' }), [/^trustedProxies \(LOA_TRUSTED_PROXIES\) trusts everybody/])
  t.match(weakOf({ LOA_CORS_ORIGINS: 'https://a.example,http://b.example' }), [/^corsOrigins .*: http:\/\/b\.example$/])
  const dataDir = join(folder, 'open')
  mkdirSync(dataDir)
  for (const [mode, weak] of [[0o700, 0], [0o750, 1], [0o705, 1]] as const) {
    chmodSync(dataDir, mode)
    t.equal(weakOf({ LOA_DATA_DIR: dataDir }).length, weak, mode.toString(8))
  }
  const file = join(folder, 'loa.json')
  writeFileSync(file, '{}')
  for (const [mode, weak] of [[0o600, 0], [0o640, 0], [0o644, 1]] as const) {
    chmodSync(file, mode)
    t.equal(weakOf({}, file).length, weak, mode.toString(8))
  }
  t.end()
})

t.test('in production it does not start, and says all of it; elsewhere it tells', (t) => {
  const check = (environment: Record<string, string>) => spawnSync(process.execPath, [main, '--check-config'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...STRONG, ...environment } })
  const refused = check({ LOA_PRODUCTION: 'true', LOA_HOST: '0.0.0.0', LOA_ADMIN_TOKEN: 'x'.repeat(32) })
  t.equal(refused.status, 2)
  t.same(refused.stderr.trim().split('\n').map((line) => line.split(' ', 2)[1]), ['adminToken', 'host'])
  t.match(check({ LOA_HOST: '0.0.0.0' }), { status: 0, stdout: /^weak: host .*\nThe settings are good\.\n$/ })
  t.match(execFileSync(process.execPath, [main, '--check-config'], { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '', ...STRONG, LOA_PRODUCTION: 'true' } }), /^The settings are good\.\n$/)
  t.throws(() => loadConfig({ LOA_TRUSTED_PROXIES: '10.0.0.0/33' }), { message: /trustedProxies .* '10\.0\.0\.0\/33'/ })
  t.throws(() => loadConfig({ LOA_TRUSTED_PROXIES: 'proxy.local' }), { code: 'CONFIG_ERR_INVALID' })
  t.end()
})
