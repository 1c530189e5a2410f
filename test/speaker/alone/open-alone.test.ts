import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openAlone, type OpenAloneOptions } from '../../../speaker/alone/open-alone.ts'
import type { SignedMessage } from '../../../speaker/ports.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { smallDisk } from '../../support/small-disk.ts'
import { waitUntil } from '../../support/wait-until.ts'

const S = 48_000
const disk = smallDisk(1)

const bundle = (bundleId: string): object => ({
  kind: 'bundle', bundleId, validFrom: '2026-06-18T03:00:00.000Z', validUntil: '2026-06-20T03:00:00.000Z', fillers: [], files: [],
  items: [{ orderId: 'o1', class: 'normal', title: 'x'.repeat(900), startsAt: '2026-06-18T03:00:00.000Z', endsAt: '2026-06-18T04:00:00.000Z', fromSamples: 0, untilSamples: 100 * S, anchorSamples: 0, clips: [], resume: 'continue' }],
})
const sealed = (body: object): SignedMessage => ({ type: 'signed', keyId: 'k', body: JSON.stringify(body), signature: 's' })

function options(stateDir: string, clock: FakeClock, sent: object[]): OpenAloneOptions {
  return {
    stateDir, clock, wallMs: () => clock.wallMs(), server: 'ws://127.0.0.1:1', verifies: true,
    identity: { kind: 'device', clusterId: 'c', hello: () => ({}), prove: () => null },
    verifyStored: ({ body }) => JSON.parse(body) as unknown,
    houseUs: () => 10_000_000, presentationDelayMs: () => 800,
    send: (message) => { sent.push(message) },
  }
}

t.test('a full disk is told in the status, sound and log go on in memory, and all is made good when there is room', { skip: typeof disk === 'string' ? disk : false }, async (t) => {
  if (typeof disk === 'string') return
  t.teardown(() => { disk.unmount() })
  const stateDir = join(disk.folder, 'state')
  const clock = new FakeClock()
  const sent: object[] = []
  const alone = await openAlone(options(stateDir, clock, sent))
  t.notOk('fault' in alone.storage())
  t.equal(await alone.onBundle(sealed(bundle('first')), bundle('first')), true)
  t.ok(existsSync(join(stateDir, 'bundle', 'bundle.json')))
  const first = readFileSync(join(stateDir, 'bundle', 'bundle.json'), 'utf8')

  const makeRoom = disk.fill()
  t.equal(await alone.onBundle(sealed(bundle('second')), bundle('second')), true, 'it counts all the same')
  t.match(alone.storage(), { fault: 'SPEAKER_ERR_DISK_FULL', bundleUntil: '2026-06-20T03:00:00.000Z' })
  t.equal(readFileSync(join(stateDir, 'bundle', 'bundle.json'), 'utf8'), first, 'and the one before is whole on the disk')
  let at = 0
  for (let n = 0; n < 60; n++, at += S) alone.playLog.played({ orderId: `order-${String(n)}`, playing: 'live', fromSamples: at, untilSamples: at + S, stage: 'played', heardAtHouseUs: 0, audible: true })
  await alone.playLog.flush()
  t.equal(alone.status().log.fault, 'disk-full')
  const block = new Float32Array(960).fill(NaN)
  t.same(alone.source.read(block, 5 * S, 100), { playing: 'silence', orderId: null })
  t.ok(block.every((sample) => sample === 0), 'the audio path never waits for the disk')

  makeRoom()
  await clock.advanceAsync(6000)
  await alone.playLog.flush()
  t.equal(await alone.onBundle(sealed(bundle('third')), bundle('third')), true)
  await waitUntil('no fault', () => !('fault' in alone.storage()))
  alone.source.connected(true)
  t.match(sent, [{ type: 'log', entries: [{ number: 1, orderId: 'order-0' }] }], 'nothing was lost')
  t.equal(alone.source.message?.({ type: 'log-ack', logId: alone.playLog.logId, number: 20 }), true)
  t.match(sent[1], { entries: [{ number: 21 }] })
  t.equal(alone.source.message?.({ type: 'something else' }), false)
  await alone.close()
  await alone.close()
  t.equal(clock.pendingTimers, 0, 'nothing is left')
})
