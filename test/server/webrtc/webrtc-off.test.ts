import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { parseFormat } from '../../../codec/index.ts'
import { loadConfig } from '../../../server/config.ts'
import { whipSocket } from '../../../server/run-paths.ts'
import { AttemptReporter } from '../../../server/sinks/attempt-reporter.ts'
import { ControlQuestions } from '../../../server/sinks/control-questions.ts'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { WhepEndpoint } from '../../../server/sinks/whep-endpoint.ts'
import { WhipEndpoint } from '../../../server/sinks/whip-endpoint.ts'
import { RtcHost, RtcUnavailableError } from '../../../server/webrtc/rtc-host.ts'
import { WhepHost } from '../../../server/webrtc/whep-host.ts'
import { listenWhip, type SocketServer } from '../../../server/webrtc/whip-server.ts'
import { WhipSource } from '../../../server/webrtc/whip-source.ts'
import { FanOutBench } from '../../support/fan-out-bench.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const logger = pino({ level: 'silent' })
const OFFER = ['v=0', 'o=- 1 0 IN IP4 0.0.0.0', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=setup:actpass', 'a=ice-ufrag:Vz3d', 'a=ice-pwd:oLu7mFqmVbCyiWXhvkFrU1mB', 'a=rtcp-mux', 'a=sendonly', 'a=rtpmap:96 opus/48000/2', 'a=mid:0', 'a=fingerprint:sha-256 00:01', ''].join('\r\n')

const host = (workerPath: string): RtcHost => new RtcHost({ workerPath, ports: [0], listenAddress: '127.0.0.1', announcedAddresses: [], logger })

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'loa-whip-'))
  t.teardown(() => { rmSync(path, { recursive: true }) })
  return path
}

t.test('without a worker program WebRTC says that it is off and how to get it', async (t) => {
  const rtc = host(join(folder(t), 'nothing'))
  t.match(rtc.lack, /WebRTC is off.*npm run build:mediasoup/)
  await t.rejects(rtc.seat(), { code: 'WEBRTC_ERR_UNAVAILABLE', message: /npm run build:mediasoup/ })
  t.same(rtc.pids, [])
  rtc.close()
  await t.rejects(rtc.seat(), RtcUnavailableError, 'after the end too')
})

t.test('a program that is no worker costs the one who came, not the engine', async (t) => {
  const program = join(folder(t), 'worker')
  writeFileSync(program, '#!/bin/sh\nexit 3\n', { mode: 0o755 })
  const rtc = host(program)
  t.teardown(() => { rtc.close() })
  t.equal(rtc.lack, undefined)
  await t.rejects(rtc.seat(), { code: 'WEBRTC_ERR_UNAVAILABLE', message: /cannot be started/ })
  await t.rejects(rtc.seat(), { code: 'WEBRTC_ERR_UNAVAILABLE' }, 'tried again for the next')
})

t.test('who offers to a server without WebRTC is told so, in a page of any origin; the source shows it', async (t) => {
  const runDir = folder(t)
  const config = loadConfig({ LOA_DATA_DIR: runDir, LOA_ADMIN_TOKEN: 'x'.repeat(32) })
  const spec = { kind: 'whip', id: 's1', name: 'Phone', takeover: 'refuse', admission: { airTimes: [], emergencyTimes: [], window: null, revokedKeyTags: [] }, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all' } as const
  const source = new WhipSource(spec, { config, clock: new FakeClock(), logger, proxy: () => Promise.reject(new Error('no way out')), rtc: host(join(runDir, 'nothing')), changed: () => undefined, nowSamples: () => 0, input: () => undefined, switched: () => undefined })
  t.match(source.report(), { state: 'idle', reason: /WebRTC is off/ })

  const open = (): Promise<SocketServer> => listenWhip(whipSocket(runDir, 0), { source: (id) => (id === 's1' ? source : undefined), iceServerLinks: () => [], nowSamples: () => 0, logger })
  const engine = await open()
  const credentials = new Credentials()
  const attempts = new AttemptReporter(() => 0, () => undefined)
  const endpoint = new WhipEndpoint({ runDir, credentials, attempts, nowSamples: () => 0 }, () => undefined)
  t.teardown(() => { attempts.close() })
  const http = createServer((request, response) => { if (!endpoint.handle(request, response)) response.writeHead(418).end() })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  t.teardown(() => { http.close() })
  const call = (method: string, path: string, key: string | null, body?: string): Promise<Response> => fetch(`http://127.0.0.1:${String((http.address() as AddressInfo).port)}${path}`, {
    method, headers: { 'content-type': 'application/sdp', ...(key === null ? {} : { authorization: `Bearer ${key}` }) }, ...(body === undefined ? {} : { body }),
  })
  const post = async (path: string, key: string | null): Promise<[number, unknown]> => {
    const answer = await call('POST', path, key, OFFER)
    t.equal(answer.headers.get('access-control-allow-origin'), '*')
    return [answer.status, (await answer.json() as { code: unknown }).code]
  }
  t.same(await post('/whip/s1', 'key'), [503, 'STREAM_ERR_NOT_READY'], 'before control has spoken')
  const sources = ['s1', 's2'].map((id) => ({ id, mount: `/whip/${id}`, keyHash: hashSecret('key'), takeover: 'refuse', engine: 0 } as const))
  credentials.replace({ type: 'fan-out-state', clusters: [], studioSources: sources, monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  t.same(await post('/whip/s1', 'key'), [503, 'STREAM_ERR_WEBRTC_OFF'])
  t.same(await post('/whip/s1', null), [401, 'STREAM_ERR_KEY_MISSING'])
  t.same(await post('/whip/s1', 'other'), [401, 'STREAM_ERR_KEY_WRONG'])
  t.same(await post('/whip/s1?key=key', null), [401, 'STREAM_ERR_KEY_MISSING'], 'no key in an address')
  t.same(await post('/whip/nobody', 'key'), [401, 'STREAM_ERR_KEY_WRONG'], 'as if the key were wrong')
  t.same(await post('/whip/s2', 'key'), [404, 'STREAM_ERR_NOT_FOUND'], 'which the engine does not know yet')
  t.same((await call('DELETE', '/whip/s1/gone', 'key')).status, 404)
  t.match([(await call('GET', '/whip/s1', 'key')).status, (await call('OPTIONS', '/whip/s1', null)).status], [405, 204])
  t.equal((await call('POST', '/elsewhere', 'key', OFFER)).status, 418, 'not for here')
  await engine.close()
  t.same(await post('/whip/s1', 'key'), [503, 'STREAM_ERR_INGEST_UNAVAILABLE'], 'while the engine is away')
  await source.close()
})

t.test('who would monitor on a server without WebRTC is told so, whichever fan-out he comes to', async (t) => {
  const runDir = folder(t)
  const { clock, fanOut } = new FanOutBench()
  t.teardown(() => { fanOut.close() })
  const credentials = new Credentials()
  credentials.replace({ type: 'fan-out-state', clusters: [], studioSources: [], monitorTokenHashes: [hashSecret('token')], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  const endpoints = [0, 1].map((index) => {
    const rtc = host(join(runDir, 'nothing'))
    return new WhepEndpoint({
      runDir, index, host: 0, credentials, questions: new ControlQuestions(() => false), lack: () => rtc.lack, iceServerLinks: () => [], wallMs: () => 0, keepOpen: () => undefined, logger,
      sessions: new WhepHost({ fanOut, clock, rtc, format: parseFormat('opus-32'), onOpened: () => undefined, onEnded: () => undefined }),
    })
  })
  for (const endpoint of endpoints) await endpoint.listen()
  t.teardown(() => Promise.all(endpoints.map((endpoint) => endpoint.close())))
  for (const endpoint of endpoints) {
    const http = createServer((request, response) => { if (!endpoint.handle(request, response)) response.writeHead(418).end() })
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    t.teardown(() => { http.close() })
    const ask = (method: string, path: string, token = 'token'): Promise<Response> => fetch(`http://127.0.0.1:${String((http.address() as AddressInfo).port)}${path}`, { method, headers: { 'authorization': `Bearer ${token}`, 'content-type': 'application/sdp' }, ...(method === 'POST' ? { body: OFFER } : {}) })
    const off = await ask('POST', '/whep/cluster/c1')
    t.match([off.status, off.headers.get('retry-after'), off.headers.get('access-control-allow-origin'), await off.json()], [503, '1', '*', { code: 'STREAM_ERR_WEBRTC_OFF', detail: /npm run build:mediasoup/ }])
    t.equal((await ask('POST', '/whep/cluster/c1', 'wrong')).status, 401)
    for (const session of ['0-00000000-0000-0000-0000-000000000000', '1-00000000-0000-0000-0000-000000000000', '7-00000000-0000-0000-0000-000000000000', 'x']) t.equal((await ask('DELETE', `/whep/cluster/c1/${session}`)).status, 404, session)
    t.equal((await ask('POST', '/whep/order/o1')).status, 418)
  }
})
