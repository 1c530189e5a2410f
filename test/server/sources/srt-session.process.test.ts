import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SrtSession } from '../../../server/sources/srt-session.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.test('the passphrase goes where nobody else can read it', async (t) => {
  const folder = t.testdir()
  // In the place of ffmpeg: it notes what it is told.
  const program = join(folder, 'ffmpeg')
  writeFileSync(program, `#!/bin/sh\necho "$@" >'${folder}/arguments'\nenv >'${folder}/environment'\ncat >'${folder}/stdin'\n`)
  chmodSync(program, 0o755)
  let ended = false
  const spec = { kind: 'srt', id: 's1', name: 'SRT', port: 9000, passphrase: "it's-a-secret-of-16", latencyMs: 200, sessionsEndedAtMs: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all' } as const
  const session = new SrtSession({ spec, host: '::1', ffmpegPath: program, watch: { silenceMs: 0, noiseFloorMs: 0, brokenMs: 0, stuckMs: 0 }, clock: new FakeClock(), onSound: () => undefined, onEnd: () => { ended = true } })
  await waitUntil('it has ended', () => ended)
  await session.close()
  const told = (name: string): string => readFileSync(join(folder, name), 'utf8')
  t.notMatch(told('arguments') + told('environment'), 'secret')
  t.match(told('arguments'), '-protocol_whitelist pipe,srt -format_whitelist concat,mpegts')
  t.match(told('stdin').split('\n'), ['ffconcat version 1.0', "file 'srt://[::1]:9000'", "option mode 'listener'", "option passphrase 'it'\\''s-a-secret-of-16'"])
})
