import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { listen } from '../../../server/demo/listening.ts'
import { judge, type Heard } from '../../../server/demo/rehearsal.ts'
import { makeSounds, run } from '../../../server/demo/sounds.ts'

const folder = mkdtempSync(join(tmpdir(), 'loa-demo-test-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const { radioLoop, announcement } = await makeSounds(folder)

/** Five seconds of the station, five of something, five of the station, as a cluster hears them. */
async function broadcast(between: 'announcement' | 'silence' | 'station', codec: 'mp3' | 'opus'): Promise<Buffer> {
  const station = ['-i', radioLoop]
  const middle = { announcement: ['-i', announcement], silence: ['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=mono'], station }[between]
  const parts = [0, 1, 2].map((input) => `[${String(input)}]aformat=sample_rates=48000:channel_layouts=mono,atrim=${String(input * 5)}:${String(input * 5 + 5)},asetpts=PTS-STARTPTS[p${String(input)}]`)
  const encode = codec === 'mp3' ? ['-codec:a', 'libmp3lame', '-b:a', '64k', '-reservoir', '0', '-f', 'mp3'] : ['-codec:a', 'libopus', '-b:a', '32k', '-f', 'ogg']
  return run('ffmpeg', ['-nostdin', '-v', 'error', ...station, ...middle, ...station, '-filter_complex', `${parts.join(';')};[p0][p1][p2]concat=n=3:v=0:a=1[out]`, '-map', '[out]', ...encode, 'pipe:1'])
}

const cluster = (name: string, protocol: Heard['protocol'], kept: readonly Buffer[], connections = 1): Heard => ({ name, protocol, connections, kept: () => kept })
const quiet = (): void => undefined

t.test('the station is told from the announcement and from silence', async (t) => {
  t.equal((await listen(readFileSync(radioLoop))).filter(({ sound }) => sound === 'station').length > 0, true)
  t.same((await listen(readFileSync(announcement))).map(({ sound }) => sound), ['other'])
  t.same((await listen(await broadcast('silence', 'mp3'))).some(({ sound }) => sound === 'silence'), true)
})

t.test('all is well when everybody heard the same, station, emergency, station', async (t) => {
  const [mp3, opus] = await Promise.all([broadcast('announcement', 'mp3'), broadcast('announcement', 'opus')])
  t.same(await judge([cluster('A', 'mp3', [mp3]), cluster('B', 'mp3', [mp3.subarray(0, 30_000), mp3.subarray(30_000)]), cluster('C', 'opus', [opus])], quiet), [])
})

t.test('a cluster that heard something else, or connected twice, is named', async (t) => {
  const [whole, without] = await Promise.all([broadcast('announcement', 'mp3'), broadcast('station', 'mp3')])
  t.match(await judge([cluster('A', 'mp3', [whole]), cluster('B', 'mp3', [without])], quiet), [/^B did not get the other sound that A got/])
  t.match(await judge([cluster('A', 'mp3', [without])], quiet), [/^A \(mp3\): heard station/])
  t.match(await judge([cluster('A', 'mp3', [whole], 2)], quiet), ['A connected 2 times'])
  t.match(await judge([cluster('A', 'mp3', [await broadcast('silence', 'mp3')])], quiet), [/silence/])
})

t.test('native frames are looked for in the Opus stream', async (t) => {
  const opus = await broadcast('announcement', 'opus')
  const problems = await judge([cluster('A', 'opus', [opus]), cluster('N', 'native', [Buffer.from('not a frame of it')])], quiet)
  t.match(problems, [/^N got only 0 of the frames/, /^N got only 0/, /^N got only 0/])
})
