import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { ExecutableHooks, parseHooks, type HooksConfig } from '../../speaker/hooks.ts'
import { waitUntil } from '../support/wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-hooks-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })

/** A program that writes down how it was called, and then does `more`. */
function program(name: string, more = ''): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\nprintf '%s|' "$@" > ${path}.called\nenv > ${path}.env\n${more}\n`)
  chmodSync(path, 0o755)
  return path
}
const called = (path: string): string => readFileSync(`${path}.called`, 'utf8')

function build(t: { teardown(fn: () => void): void }, config: HooksConfig): ExecutableHooks {
  const hooks = new ExecutableHooks(parseHooks(config), systemLocalClock())
  t.teardown(() => { hooks.close() })
  return hooks
}

t.test('a command runs its own program with its fixed arguments and one value made here', async (t) => {
  const fm = program('fm')
  const amplifier = program('amplifier')
  const hooks = build(t, { 'set-frequency': { file: fm, arguments: ['--set', '$(touch pwned); "x"'] }, amplifier: { file: amplifier } })
  t.same(await hooks.run('set-frequency', { frequencyKhz: 98_500, file: '/bin/false' }), { result: 'done' })
  t.equal(called(fm), '--set|$(touch pwned); "x"|98500|', 'as they are: no shell has read them')
  t.notMatch(readFileSync(`${fm}.env`, 'utf8'), /HOME|NODE|npm/, "nothing of the agent's own environment")
  t.same(await hooks.run('amplifier', { on: true }), { result: 'done' })
  t.equal(called(amplifier), 'on|')
  t.match(hooks.readings(), { amplifier: true })
  t.match(await hooks.run('reboot', {}), { result: 'refused', reason: /no hook/ })
})

t.test('nothing but a number of the band or a switch gets on a command line', async (t) => {
  const fm = program('fm-strict')
  const hooks = build(t, { 'set-frequency': { file: fm }, amplifier: { file: program('amplifier-strict') } })
  for (const frequencyKhz of ['98500; reboot', '98500', 98.5, 12, 1e9, NaN, null, undefined, {}, [98_500]]) t.match(await hooks.run('set-frequency', { frequencyKhz }), { result: 'refused' })
  for (const on of ['on', 1, null, '; reboot']) t.match(await hooks.run('amplifier', { on }), { result: 'refused' })
  t.notOk(existsSync(`${fm}.called`), 'nothing was run')
})

t.test('a program that fails, is not there, hangs or is still running is a failure, and what hangs is ended with all it started', async (t) => {
  const hang = program('hang', `sleep 300 & echo $! > ${join(folder, 'child')}; wait`)
  const hooks = build(t, { 'set-frequency': { file: program('fails', 'exit 3') }, amplifier: { file: join(folder, 'not-there') }, reboot: { file: hang, timeoutMs: 300 } })
  t.match(await hooks.run('set-frequency', { frequencyKhz: 98_500 }), { result: 'failed', reason: /ended with 3/ })
  t.match(await hooks.run('amplifier', { on: false }), { result: 'failed', reason: /cannot be started/ })
  t.equal(hooks.readings().amplifier, undefined, 'what failed is not claimed')
  const first = hooks.run('reboot', {})
  t.match(await hooks.run('reboot', {}), { result: 'failed', reason: /still running/ })
  t.match(await first, { result: 'failed', reason: /too long/ })
  const pid = Number(readFileSync(join(folder, 'child'), 'utf8'))
  await waitUntil('the end of its child', () => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))
    } catch {
      return true
    }
  })
})

t.test('sensors are read by themselves; a broken one is unknown, not what it said last', async (t) => {
  const level = join(folder, 'level-value')
  const value = (text: string): void => { writeFileSync(level, text) }
  value('-20.5\n')
  const hooks = build(t, {
    level: { file: '/bin/cat', arguments: [level] }, levelThreshold: -30,
    power: { file: program('power', 'echo battery') }, temperature: { file: program('temperature', 'echo 61.2') }, signal: { file: program('signal', 'echo weak') },
  })
  const beforeMs = systemLocalClock().monotonicMs() - 1000
  let changes = 0
  hooks.onChange = () => { changes += 1 }
  await waitUntil('the first words', () => hooks.readings().heard === true && hooks.readings().power !== undefined && hooks.readings().temperatureC !== undefined)
  const { heardFromMs, ...said } = hooks.readings()
  t.same(said, { heard: true, power: 'battery', temperatureC: 61.2 }, 'no number, no signal')
  t.ok(heardFromMs! > beforeMs && heardFromMs! < systemLocalClock().monotonicMs(), 'measured from when it was asked')
  value('-45')
  await waitUntil('silence', () => hooks.readings().heard === false)
  value('?')
  await waitUntil('no word', () => !('heard' in hooks.readings()))
  t.notOk('heardFromMs' in hooks.readings())
  t.ok(changes >= 4)
})

t.test('a configuration that cannot be meant is refused', (t) => {
  for (const bad of [{ reboot: { file: 'reboot' } }, { reboot: { file: '/sbin/reboot', shell: true } }, { reboot: '/sbin/reboot' }, { level: { file: '/bin/cat' } }, { format: { file: '/x' } }, { reboot: { file: '/sbin/reboot', timeoutMs: 1 } }]) t.throws(() => parseHooks(bad), /hooks/)
  t.same(parseHooks({}), {})
  t.end()
})
