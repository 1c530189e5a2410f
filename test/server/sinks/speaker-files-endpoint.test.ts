import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { httpFiles } from '../../../speaker/alone/http-files.ts'
import { systemLocalClock } from '../../../speaker/clock/system-local-clock.ts'
import type { Identity } from '../../../speaker/ports.ts'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { proofText } from '../../../server/sinks/device-handshake.ts'
import { SpeakerFilesEndpoint } from '../../../server/sinks/speaker-files-endpoint.ts'
import { speakerFilesFolder } from '../../../server/speaker-bundle/speaker-files.ts'

const KEY = 'k'.repeat(43)
const DEVICE = 'd'.repeat(22)
const INSTANCE = 'i'.repeat(22)
const NOW_MS = Date.UTC(2026, 5, 18)

const content = Buffer.alloc(300_000, 'sound ')
const sha256 = createHash('sha256').update(content).digest('hex')
const path = `/v1/speaker/files/${sha256}`
const { publicKey, privateKey } = generateKeyPairSync('ed25519')

const dataDir = mkdtempSync(join(tmpdir(), 'loa-files-'))
mkdirSync(speakerFilesFolder(dataDir))
writeFileSync(join(speakerFilesFolder(dataDir), sha256), content)
writeFileSync(join(dataDir, 'secret'), 'secret')

const credentials = new Credentials()
credentials.replace({
  type: 'fan-out-state', studioSources: [], monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0,
  clusters: [
    { id: 'c-key', keyHash: hashSecret(KEY), enabled: true },
    { id: 'c-device', keyHash: hashSecret(KEY), enabled: true, device: { deviceId: DEVICE, publicKey: publicKey.export({ format: 'jwk' }).x! } },
    { id: 'c-off', keyHash: hashSecret(KEY), enabled: false },
  ],
})
let kept = 0
const endpoint = new SpeakerFilesEndpoint({ dataDir, credentials, wallMs: () => NOW_MS, keepOpen: () => { kept += 1 } })
const server = createServer((request, response) => {
  if (!endpoint.handle(request, response)) response.writeHead(418).end()
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
t.teardown(() => {
  server.close()
  rmSync(dataDir, { recursive: true })
})

const get = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(base + url, { headers, method })
  const bytes = Buffer.from(await response.arrayBuffer())
  return { status: response.status, bytes, code: response.headers.get('content-type')?.startsWith('application/problem') === true && bytes.length > 0 ? (JSON.parse(bytes.toString()) as { code: string }).code : null }
}
const byKey = { 'x-loa-cluster': 'c-key', 'x-loa-key': KEY }

const device = (nonceMs = NOW_MS, more: { nonce?: string; clusterId?: string; signed?: string } = {}): Record<string, string> => {
  const nonce = more.nonce ?? `file-${String(nonceMs)}-${sha256}`
  const clusterId = more.clusterId ?? 'c-device'
  return {
    'x-loa-cluster': clusterId, 'x-loa-device': DEVICE, 'x-loa-instance': INSTANCE, 'x-loa-nonce': nonce,
    'x-loa-signature': sign(null, proofText(more.signed ?? nonce, { clusterId, deviceId: DEVICE, instanceId: INSTANCE }), privateKey).toString('base64url'),
  }
}

t.test('a file goes to the key of a cluster and to the proof of a device', async (t) => {
  t.same((await get(path, byKey)).bytes, content)
  t.same((await get(path, device())).bytes, content)
  t.same((await get(path, device(NOW_MS - 599_000))).status, 200)
  t.match(await get(path, byKey, 'HEAD'), { status: 200, bytes: Buffer.alloc(0) })
  t.equal(kept, 4, 'each is given more time than one quick answer')
})

t.test('and to nobody else', async (t) => {
  const cases: [Record<string, string>, number, string][] = [
    [{}, 401, 'STREAM_ERR_KEY_MISSING'],
    [{ ...byKey, 'x-loa-key': 'wrong' }, 401, 'STREAM_ERR_KEY_WRONG'],
    [{ 'x-loa-cluster': 'c-off', 'x-loa-key': KEY }, 403, 'STREAM_ERR_CLUSTER_DISABLED'],
    [device(NOW_MS - 601_000), 401, 'STREAM_ERR_PROOF_WRONG'],
    [device(NOW_MS + 601_000), 401, 'STREAM_ERR_PROOF_WRONG'],
    [device(NOW_MS, { nonce: `file-${String(NOW_MS)}-${'0'.repeat(64)}` }), 401, 'STREAM_ERR_PROOF_WRONG'],
    [device(NOW_MS, { signed: `file-${String(NOW_MS + 1)}-${sha256}` }), 401, 'STREAM_ERR_PROOF_WRONG'],
    [device(NOW_MS, { clusterId: 'c-key' }), 401, 'STREAM_ERR_PROOF_WRONG'],
    [{ ...device(), 'x-loa-signature': 'A'.repeat(86) }, 401, 'STREAM_ERR_PROOF_WRONG'],
  ]
  for (const [headers, status, code] of cases) t.match(await get(path, headers), { status, code }, code)
  t.not((await get(path, { 'x-loa-cluster': 'c-device', 'x-loa-key': KEY })).status, 200, 'the key opens nothing once a device is enrolled')
})

t.test('what is no file of ours is not there', async (t) => {
  for (const other of [`/v1/speaker/files/${'0'.repeat(64)}`, '/v1/speaker/files/', '/v1/speaker/files/%2e%2e%2fsecret', '/v1/speaker/files/..%2f..%2fsecret', `${path}x`]) t.match(await get(other, byKey), { status: 404, code: 'STREAM_ERR_NOT_FOUND' }, other)
  t.match(await get(path, byKey, 'DELETE'), { status: 405 })
  t.equal((await get('/elsewhere')).status, 418)
})

t.test("the agent's side fetches with either, no faster than it may, from its server alone", async (t) => {
  const clock = systemLocalClock()
  const all = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const got: Uint8Array[] = []
    for await (const chunk of chunks) got.push(chunk)
    return Buffer.concat(got)
  }
  const keyed: Identity = { kind: 'key', clusterId: 'c-key', hello: () => ({ key: KEY }), prove: () => null }
  const proven: Identity = {
    kind: 'device', clusterId: 'c-device', hello: () => ({ deviceId: DEVICE, instanceId: INSTANCE }),
    prove: (nonce) => sign(null, proofText(nonce, { clusterId: 'c-device', deviceId: DEVICE, instanceId: INSTANCE }), privateKey).toString('base64url'),
  }
  const fetchWith = (identity: Identity, houseMs: number | null, maxBytesPerSecond = 1e9) => httpFiles({ server: base.replace('http', 'ws'), identity, clock, houseMs: () => houseMs, maxBytesPerSecond })
  t.same(await all(await fetchWith(keyed, null)(path)), content)
  t.same(await all(await fetchWith(proven, NOW_MS)(path)), content)
  const startedMs = performance.now()
  await all(await fetchWith(keyed, null, 1_000_000)(path))
  t.ok(performance.now() - startedMs > 200, '300 kB at 1 MB/s')
  await t.rejects(fetchWith(proven, null)(path), /house time/)
  await t.rejects(fetchWith(keyed, null)(`/v1/speaker/files/${'0'.repeat(64)}`), /404/)
  await t.rejects(fetchWith(keyed, null)('//elsewhere.example/x'), /not on the server/)
})
