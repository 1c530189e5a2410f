import t from 'tap'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { presentedKey, readRequestHead, type RequestHead } from '../../../server/sinks/request-head.ts'

function credentials(): Credentials {
  const known = new Credentials()
  known.replace({
    type: 'fan-out-state',
    clusters: [{ id: 'c1', keyHash: hashSecret('right'), enabled: true }, { id: 'c2', keyHash: hashSecret('right2'), enabled: false }],
    studioSources: [{ id: 's1', mount: '/studio', keyHash: hashSecret('source'), takeover: 'refuse', engine: 0 }],
    monitorTokenHashes: [hashSecret('token')],
    monitorRooms: { s1: 'src:s1', s2: 'src:s2' },
    monitorLimits: [{ sourceIds: ['s2'], tokenHashes: [] }],
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
  t.equal(known.checkMonitor('token'), null)
  t.equal(known.checkMonitor('right'), 'wrong-key')
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
  t.equal(known.checkMonitor('token'), null, 'what an update leaves out stays')
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
