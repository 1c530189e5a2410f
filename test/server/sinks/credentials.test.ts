import t from 'tap'
import { sealPass } from '../../../control/monitor-pass.ts'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { presentedKey, readRequestHead, type RequestHead } from '../../../server/sinks/request-head.ts'

const PASS_KEY = Buffer.alloc(32, 7)

function credentials(): Credentials {
  const known = new Credentials()
  known.replace({
    type: 'fan-out-state',
    clusters: [{ id: 'c1', keyHash: hashSecret('right'), enabled: true }, { id: 'c2', keyHash: hashSecret('right2'), enabled: false }],
    studioSources: [{ id: 's1', mount: '/studio', keyHash: hashSecret('source'), takeover: 'refuse', engine: 0 }],
    monitorTokenHashes: [hashSecret('token')],
    monitorRooms: { s1: 'src:s1', s2: 'src:s2' },
    monitorLimits: [{ sourceIds: ['s2'], tokenHashes: [] }],
    monitorPassKey: PASS_KEY.toString('base64url'),
    assignments: [],
    atSamples: 0,
  })
  return known
}

t.test('who may listen, send and monitor', async (t) => {
  const known = credentials()
  t.equal(known.checkCluster('c1', 'right'), null)
  t.equal(known.checkCluster('c1', 'wrong'), 'wrong-key')
  t.equal(known.checkCluster('c1', 'right2'), 'wrong-key', "another cluster's key")
  t.equal(known.checkCluster('nobody', 'right'), 'wrong-key')
  t.equal(known.checkCluster('', ''), 'missing-key')
  t.equal(known.checkCluster('c1', null), 'missing-key')
  t.equal(known.checkCluster('c2', 'right2'), 'disabled')
  t.equal(known.checkCluster('c2', 'wrong'), 'wrong-key', 'whether it is disabled is told only to its owner')
  t.match(known.sourceKey('/studio', 'source', 0), { id: null, class: 'normal' })
  t.equal(known.sourceKey('/studio', 'right', 0), 'wrong-key')
  t.equal(known.sourceKey('/other', 'source', 0), 'wrong-key')
  t.same(known.monitorHolder('token', { sourceId: 's1' }, 0), { tokenHash: hashSecret('token'), pass: null })
  t.equal(known.monitorHolder('right', { sourceId: 's1' }, 0), 'wrong-key')
  t.equal(known.monitorHolder('', { sourceId: 's1' }, 0), 'missing-key')
  t.equal(known.monitorRoom('s1', hashSecret('token')), 'src:s1')
  t.equal(known.monitorRoom('s1', hashSecret('right')), undefined)
  t.equal(known.monitorRoom('s2', hashSecret('token')), undefined, 'of a unit that he does not see')
  t.equal(known.monitorRoom('constructor', hashSecret('token')), undefined)
})

t.test('updates add, change and remove', async (t) => {
  const known = credentials()
  known.update({ type: 'fan-out-update', clusters: [{ id: 'c1', keyHash: hashSecret('new'), enabled: true }], removed: ['c2'] })
  t.equal(known.checkCluster('c1', 'right'), 'wrong-key')
  t.equal(known.checkCluster('c1', 'new'), null)
  t.equal(known.checkCluster('c2', 'right2'), 'wrong-key')
  t.match(known.monitorHolder('token', { sourceId: 's1' }, 0), { pass: null }, 'what an update leaves out stays')
})

t.test('a pass opens one thing for a while, as long as the session that it was given to', async (t) => {
  const known = credentials()
  const pass = { hears: { sourceId: 's1' }, tokenHash: hashSecret('token'), expiresAtMs: 1000 }
  const sealed = sealPass(PASS_KEY, pass)
  t.same(known.monitorHolder(sealed, { sourceId: 's1' }, 999), { tokenHash: hashSecret('token'), pass })
  t.equal(known.monitorHolder(sealed, { sourceId: 's1' }, 1000), 'wrong-key', 'it is over')
  t.equal(known.monitorHolder(sealed, { sourceId: 's2' }, 0), 'wrong-key', 'it is for something else')
  t.equal(known.monitorHolder(sealed, { clusterId: 's1' }, 0), 'wrong-key')
  t.equal(known.monitorHolder(sealPass(PASS_KEY, { ...pass, tokenHash: hashSecret('other') }), { sourceId: 's1' }, 0), 'wrong-key', 'of nobody who may listen')
  t.equal(known.monitorHolder(sealPass(Buffer.alloc(32, 8), pass), { sourceId: 's1' }, 0), 'wrong-key', 'sealed by somebody else')
  for (let at = 0; at < sealed.length; at += 1) {
    const other = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`
    // The last digit of a MAC carries two bits that mean nothing.
    if (at < sealed.length - 1) t.equal(known.monitorHolder(other, { sourceId: 's1' }, 0), 'wrong-key', `changed at ${String(at)}`)
  }
  known.update({ type: 'fan-out-update', monitorTokenHashes: [] })
  t.equal(known.monitorHolder(sealed, { sourceId: 's1' }, 0), 'wrong-key', 'its session has ended')
})

t.test('ways to show a key', async (t) => {
  const head = (text: string): RequestHead => {
    const result = readRequestHead(Buffer.from(`${text}\r\n\r\n`, 'utf8'))
    if (result.kind !== 'head') throw new Error(result.kind)
    return result.head
  }
  t.equal(presentedKey(head('GET /listen/c1.mp3?key=a%20b HTTP/1.1')), 'a b')
  t.equal(presentedKey(head('GET /listen/c1.mp3 HTTP/1.1\r\nX-Loa-Key: k')), 'k')
  t.equal(presentedKey(head('GET /listen/c1.mp3 HTTP/1.1\r\nauthorization: bearer k')), 'k')
  t.equal(presentedKey(head(`GET /listen/c1.mp3 HTTP/1.1\r\nAuthorization: Basic ${Buffer.from('source:a:b').toString('base64')}`)), 'a:b')
  t.equal(presentedKey(head('GET /listen/c1.mp3 HTTP/1.1\r\nAuthorization: Digest x')), null)
  t.equal(presentedKey(head('GET /listen/c1.mp3 HTTP/1.1')), null)
})
