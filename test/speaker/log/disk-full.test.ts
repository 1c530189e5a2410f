import { join } from 'node:path'
import t from 'tap'
import { PlayLog } from '../../../speaker/log/play-log.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { smallDisk } from '../../support/small-disk.ts'

const S = 48_000
const disk = smallDisk(1)

t.test('a full disk is a fault that is told; nothing is lost once there is room again', { skip: typeof disk === 'string' ? disk : false }, async (t) => {
  if (typeof disk === 'string') return
  const clock = new FakeClock()
  const folder = join(disk.folder, 'log')
  const log = await PlayLog.open(folder, { clock, verifies: false })
  t.teardown(() => { disk.unmount() })
  let at = 0
  const play = (orderId: string): void => {
    log.played({ orderId, playing: 'live', fromSamples: at, untilSamples: at + S, stage: 'played', heardAtHouseUs: 0, audible: true })
    at += S
  }
  play('before')
  await log.flush()
  t.equal(log.status().fault, null)

  const makeRoom = disk.fill()
  // More than what is left in the last block of the file.
  for (let n = 0; n < 40; n++) play(`full-${String(n)}`)
  await log.flush()
  t.equal(log.status().fault, 'disk-full')
  t.equal(log.pending(99).length, 0, 'and nothing is said to be safe that is not')

  makeRoom()
  await clock.advanceAsync(5000)
  await log.flush()
  t.equal(log.status().fault, null, 'it is tried again by itself')
  log.silence()
  await log.close()
  const after = await PlayLog.open(folder, { clock, verifies: false })
  t.same(after.pending(99).map(({ orderId, fromSamples }) => [orderId, fromSamples / S]), [['before', 0], ...Array.from({ length: 40 }, (_, n) => [`full-${String(n)}`, n + 1])])
  t.equal(after.status().damagedLines, 0)
  await after.close()
})
