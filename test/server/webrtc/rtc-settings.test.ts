import { createSocket } from 'node:dgram'
import t from 'tap'
import { loadConfig } from '../../../server/config.ts'
import { CrashBackoff } from '../../../server/webrtc/crash-backoff.ts'
import { rtcPortProblems } from '../../../server/webrtc/port-check.ts'
import { iceServerLinks, monitorHost, monitorPort, publisherPorts } from '../../../server/webrtc/rtc-settings.ts'

t.test('each worker has a port of its own, and the first ones stand first', (t) => {
  for (const [engineProcesses, rtcWorkers] of [[1, 1], [1, 2], [2, 3], [4, 4]] as const) {
    const settings = { rtcPort: 8030, rtcWorkers, engineProcesses }
    const ports = [...Array.from({ length: engineProcesses }, (_, engine) => publisherPorts(settings, engine)).flat(), ...Array.from({ length: rtcWorkers }, (_, fanOut) => monitorPort(settings, fanOut))]
    t.same(ports.sort((a, b) => a - b), Array.from({ length: rtcWorkers * (engineProcesses + 1) }, (_, at) => 8030 + at), `${String(engineProcesses)} engines with ${String(rtcWorkers)} workers`)
    t.same([publisherPorts(settings, 0)[0], monitorPort(settings, 0)], [8030, 8030 + engineProcesses])
  }
  t.same(publisherPorts({ rtcPort: 0, rtcWorkers: 2, engineProcesses: 1 }, 0), [0, 0])
  t.same([0, 1, 2, 3].map((fanOut) => monitorHost(fanOut, { rtcWorkers: 1, fanOutProcesses: 4 })), [0, 0, 0, 0], 'one worker: one process hosts all')
  t.same([0, 1, 2, 3].map((fanOut) => monitorHost(fanOut, { rtcWorkers: 8, fanOutProcesses: 4 })), [0, 1, 2, 3])
  t.throws(() => loadConfig({ LOA_DATA_DIR: '/tmp/x', LOA_RTC_PORT: '65535', LOA_RTC_WORKERS: '1' }), { message: /LOA_RTC_PORT/ })
  t.end()
})

t.test('who starts the server is told of a port that WebRTC needs and another has', async (t) => {
  const other = createSocket('udp4')
  await new Promise<void>((resolve) => other.bind(0, '127.0.0.1', resolve))
  const { port } = other.address()
  // Some file that is there: whether it is a worker is not asked.
  const config = loadConfig({ LOA_DATA_DIR: '/tmp/x', LOA_HOST: '127.0.0.1', LOA_RTC_PORT: String(port), LOA_RTC_WORKERS: '1', LOA_MEDIASOUP_WORKER: import.meta.filename })
  const once = { tries: 1 }
  const problems = await rtcPortProblems(config, once)
  t.match(problems.find((problem) => problem.includes(` ${String(port)} `)), `WebRTC needs UDP port ${String(port)} and cannot have it (EADDRINUSE)`)
  t.match(problems[0], 'LOA_RTC_PORT to the first of 2 free ports')
  t.same(await rtcPortProblems({ ...config, rtcPort: 0 }, once), [], 'any that are free')
  t.same(await rtcPortProblems({ ...config, mediasoupWorker: '/nowhere' }, once), [], 'no WebRTC, no ports')
  await new Promise<void>((resolve) => { other.close(resolve) })
  t.notOk((await rtcPortProblems(config, once)).some((problem) => problem.includes(`UDP port ${String(port)} `)), 'free again')
})

t.test('clients are told of STUN and TURN servers, with what they log in with', (t) => {
  const links = (iceServers: string, turnSecret = ''): string[] => iceServerLinks({ iceServers, turnSecret }, 1_700_000_000_000)
  t.same(links(''), [])
  t.same(links('stun:stun.example.net:3478, turn:u%3A1:p%20w@turn.example.net:3478?transport=udp'), [
    '<stun:stun.example.net:3478>; rel="ice-server"',
    '<turn:turn.example.net:3478?transport=udp>; rel="ice-server"; username="u:1"; credential="p w"; credential-type="password"',
  ])
  // HMAC-SHA1 of «1700086400:loa», as `openssl dgst -sha1 -hmac secret -binary | base64` makes it.
  t.same(links('turns:turn.example.net', 'secret'), ['<turns:turn.example.net>; rel="ice-server"; username="1700086400:loa"; credential="i3bsFwoc62zxzwjTgWWACR4tiVA="; credential-type="password"'])
  t.throws(() => loadConfig({ LOA_DATA_DIR: '/tmp/x', LOA_ICE_SERVERS: 'stun:a>b' }), { message: /iceServers/ })
  t.end()
})

t.test('what dies once is started at once, what dies again and again more and more seldom', (t) => {
  const backoff = new CrashBackoff()
  t.equal(backoff.waitMs(0), 0)
  const waits = Array.from({ length: 10 }, (_, death) => {
    backoff.died(death, 100)
    return backoff.waitMs(death)
  })
  t.same(waits, [0, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  backoff.died(1_000_000, 60_000)
  t.equal(backoff.waitMs(1_000_000), 0, 'it had run well for a minute')
  t.end()
})
