import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readOptions } from '../../speaker/cli/options.ts'
import { findPlayback, leftOfStatus, rateOf, statusOf } from '../../speaker/outputs/alsa-status.ts'
import { PcmFile } from '../../speaker/outputs/pcm-file.ts'
import { StageTracker } from '../../speaker/stage.ts'

const base = ['--server', 'ws://h:1', '--cluster', 'c', '--key', 'k']
const folder = mkdtempSync(join(tmpdir(), 'loa-speaker-test-'))
t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })

t.test('the command line is read, negative numbers too', (t) => {
  t.match(readOptions([...base, '--ppm', '-50', '--offset-ms', '-12.5', '--output', 'wav:/tmp/a:b.wav', '--volume=40']),
    { ppm: -50, offsetMs: -12.5, output: { kind: 'wav', file: '/tmp/a:b.wav' }, volumePercent: 40, emergencyVolumePercent: 80, clockPpm: 0 })
  t.match(readOptions(['--server', 'ws://h', '--cluster', 'c', '--key', '-k-1', '--json']), { key: '-k-1', json: true })
  t.match(readOptions([...base, '--output', 'aplay:plughw:0,0']), { output: { kind: 'aplay', device: 'plughw:0,0' } })
  t.equal(readOptions(['-h']), 'help')
  t.end()
})

t.test('what cannot be meant is refused by name', (t) => {
  const bad: [string[], RegExp][] = [
    [[], /--server/], [['--server', 'http://h'], /--server/], [['--server', 'ws://h'], /--cluster and --key/], [['--server', 'ws://h', '--enrol', 'x'], /--state/],
    [[...base, '--volume', '101'], /--volume/], [[...base, '--ppm', 'x'], /--ppm/], [[...base, '--output', 'wav:'], /--output/], [[...base, '--output', 'sh:ls'], /--output/],
    [[...base, '--output', 'aplay:--dump'], /--output/], [[...base, '--pin', 'abc'], /SHA-256/], [[...base, '--what'], /--what/],
  ]
  for (const [args, message] of bad) t.throws(() => readOptions(args), { message }, args.join(' '))
  t.end()
})

t.test('the kernel\'s status of a sound card says what has left', (t) => {
  const status = 'state: RUNNING\nowner_pid   : 4711\ntrigger_time: 12.5\ntstamp      : 0.0\ndelay       : 2048\navail       : 352\navail_max   : 400\n-----\nhw_ptr      : 46000\napp_ptr     : 1\nappl_ptr    : 48048\n'
  t.equal(leftOfStatus(status, 48_000), 46_000)
  t.equal(leftOfStatus(status, 96_000), 23_000, 'in samples of ours')
  t.equal(leftOfStatus(status.replace('RUNNING', 'PREPARED'), 48_000), undefined)
  t.equal(leftOfStatus('closed\n', 48_000), undefined)
  const sub = join(folder, 'asound/card1/pcm0p/sub0')
  mkdirSync(sub, { recursive: true })
  writeFileSync(join(sub, 'status'), status)
  writeFileSync(join(sub, 'hw_params'), 'access: RW_INTERLEAVED\nrate: 44100 (44100/1)\n')
  t.equal(findPlayback(4711, join(folder, 'asound')), sub)
  t.equal(findPlayback(471, join(folder, 'asound')), undefined)
  t.equal(rateOf(sub), 44_100)
  t.equal(statusOf(join(sub, 'gone')), '')
  t.end()
})

t.test('a WAV file has its lengths when it is closed, and can be read before', (t) => {
  const path = join(folder, 'a.wav')
  const file = new PcmFile(path, true)
  file.write(new Float32Array(7000).fill(0.5))
  t.equal(readFileSync(path).readUInt32LE(40), 0xffff_ffff)
  file.close()
  file.close()
  const bytes = readFileSync(path)
  t.equal(bytes.length, 44 + 14_000)
  t.equal(bytes.readUInt32LE(40), 14_000)
  t.equal(bytes.readUInt32LE(4), 36 + 14_000)
  t.equal(bytes.readInt16LE(44 + 13_998), 16_384)
  t.end()
})

t.test('a stage is claimed when it is reached, never for another order', (t) => {
  const stages = new StageTracker()
  stages.reached('a', 'played')
  t.equal(stages.stage, 'idle')
  stages.onAir('a')
  stages.reached('a', 'received')
  stages.reached('a', 'played')
  stages.reached('a', 'verified')
  t.equal(stages.stage, 'played', 'no way back')
  stages.onAir('b')
  stages.reached('a', 'heard')
  t.equal(stages.stage, 'idle')
  t.end()
})
