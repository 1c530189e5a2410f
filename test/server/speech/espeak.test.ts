import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { createEspeak } from '../../../server/speech/espeak.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-speech-'))
t.teardown(() => { rmSync(folder, { recursive: true }) })

/** A program of ours in the place of espeak-ng. */
function program(name: string, script: string): string {
  const path = join(folder, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return path
}

t.test('Vietnamese is spoken slowly, in three voices, and followed by a pause', async (t) => {
  const speech = createEspeak({ folder })
  const sounds = new Map<string, Buffer>()
  for (const voice of ['north', 'central', 'south'] as const) {
    const wav = readFileSync(await speech.speak('Nước sông đang lên nhanh.', voice))
    sounds.set(voice, wav)
    const samplesASecond = wav.readUInt32LE(24)
    t.equal(wav.readUInt32LE(40), wav.length - 44, 'the header says how long it is')
    t.equal(wav.readUInt32LE(4), wav.length - 8)
    const seconds = (wav.length - 44) / 2 / samplesASecond
    t.ok(seconds > 2.3 && seconds < 6, `six slow words and a pause: ${seconds.toFixed(2)} s`)
    t.ok(wav.subarray(-1600 * 2 * (samplesASecond / 22_050)).every((byte) => byte === 0))
  }
  t.notOk(sounds.get('north')!.equals(sounds.get('south')!))
  t.notOk(sounds.get('north')!.equals(sounds.get('central')!))
})

t.test('a text is only a text: no option, no phonemes, no markup', async (t) => {
  const echo = createEspeak({ folder, program: program('echo', `cat > ${join(folder, 'said')}; echo "$@" > ${join(folder, 'arguments')}; exit 1`) })
  await t.rejects(echo.speak('--help [[h@l]]\u0007 <speak>', 'north'), { code: 'SPEECH_ERR_FAILED' })
  t.equal(readFileSync(join(folder, 'said'), 'utf8'), '--help [ [h@l]]  <speak>\n')
  t.equal(readFileSync(join(folder, 'arguments'), 'utf8'), '-v vi -s 120 -g 4 -b 1 --stdin --stdout\n')
})

t.test('a program that is not there, fails, hangs or never stops speaking', async (t) => {
  const speak = (script: string, withinMs = 10_000): Promise<string> => createEspeak({ folder: join(folder, 'out'), program: program('bad', script), withinMs }).speak('a', 'north')
  await t.rejects(createEspeak({ folder, program: join(folder, 'nothing') }).speak('a', 'north'), { code: 'SPEECH_ERR_MISSING' })
  await t.rejects(speak('exit 3'), { code: 'SPEECH_ERR_FAILED', message: /3/ })
  await t.rejects(speak('echo no sound'), { code: 'SPEECH_ERR_FAILED' })
  await t.rejects(speak('exec sleep 60', 100), { code: 'SPEECH_ERR_FAILED', message: /SIGKILL/ })
  await t.rejects(speak('exec head -c 50000000 /dev/zero'), { code: 'SPEECH_ERR_TOO_LONG' })
  await t.rejects(createEspeak({ folder }).speak('a'.repeat(4001), 'north'), { code: 'SPEECH_ERR_TOO_LONG' })
  t.notOk(existsSync(join(folder, 'out')), 'nothing is left behind')
})
