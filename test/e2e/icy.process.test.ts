import { spawn } from 'node:child_process'
import t from 'tap'
import { LoaServer } from '../support/loa-server.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

t.test('a player sees the title of what is on air, in UTF-8', async (t) => {
  const server = await LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1' })
  const unit = await server.unit('X1')
  const cluster = await server.cluster(unit, 'C1')
  const tone = await server.tone('t', 503)
  const titles = ['Bản tin sáng xã Mỹ Đức', 'Khẩn cấp: lũ về, sơ tán ngay!', 'It\'s; a \'title\'; đã thoát']
  await server.order('normal', tone, [unit], { title: titles[0]! })

  // A real player: ffmpeg tells of each change of StreamTitle.
  const player = spawn('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'verbose', '-icy', '1', '-i', `${server.stream}/listen/${cluster.id}.mp3?key=${cluster.key}`, '-f', 'null', '-'], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise((resolve) => player.once('close', resolve))
  t.teardown(async () => {
    player.kill('SIGKILL')
    await ended
  })
  let said = ''
  player.stderr.on('data', (chunk: Buffer) => { said += chunk.toString('utf8') })
  const sees = (title: string): Promise<unknown> => waitUntil(`ffmpeg shows «${title}»`, () => {
    if (player.exitCode !== null) throw new Error(`ffmpeg ended: ${said}`)
    return new RegExp(`StreamTitle *[:=] *${title}`).test(said.normalize('NFC'))
  }, 15_000)
  await sees(titles[0]!)
  const order = await server.order('emergency', tone, [unit], { title: titles[1]!, tone: false })
  await sees(titles[1]!)
  await server.stopOrder(order)
  await server.order('priority', tone, [unit], { title: titles[2]! })
  await sees(titles[2]!.replaceAll('\'', '’'))
  t.pass()
})
