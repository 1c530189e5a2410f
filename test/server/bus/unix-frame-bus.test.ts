import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BusFrame } from '../../../rooms/frame-bus.ts'
import { HELLO, KIND } from '../../../server/bus/bus-messages.ts'
import { connectFrameBus, listenFrameBus } from '../../../server/bus/unix-frame-bus.ts'
import { frameMessage } from '../../../server/link/framed-socket.ts'
import { frameBusConformance } from '../../conformance/frame-bus.ts'
import { waitUntil } from '../../support/wait-until.ts'

function socketPath(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'loa-bus-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  return join(folder, 'bus.sock')
}

t.test('conformance', (t) => {
  frameBusConformance(t, async (t) => {
    const path = socketPath(t)
    const publisher = await listenFrameBus(path)
    t.teardown(() => publisher.close())
    return {
      publisher,
      connect() {
        const subscriber = connectFrameBus([path])
        t.teardown(() => subscriber.close())
        return subscriber
      },
    }
  })
  t.end()
})

const INTEREST = { room: 'src:a', format: 'mp3-64' }
const frame = (frameIndex: number, bytes = 192): BusFrame => ({ ...INTEREST, frameIndex, flags: 0, data: Buffer.alloc(bytes) })

t.test('an engine that comes back is found again and told what is wanted', async (t) => {
  const path = socketPath(t)
  const subscriber = connectFrameBus([path])
  t.teardown(() => subscriber.close())
  const frames: BusFrame[] = []
  subscriber.onFrames((batch) => { frames.push(...batch) })
  subscriber.setInterest([INTEREST])
  for (let life = 1; life <= 3; life++) {
    const publisher = await listenFrameBus(path)
    await waitUntil(`frames in life ${String(life)}`, () => {
      publisher.publish([frame(life)])
      return frames.some(({ frameIndex }) => frameIndex === life)
    })
    await publisher.close()
    await waitUntil('the end is noticed', () => subscriber.connected === 0)
  }
  t.pass()
})

t.test('frames of several engines come together', async (t) => {
  const paths = [socketPath(t), socketPath(t)]
  const publishers = await Promise.all(paths.map((path) => listenFrameBus(path)))
  const subscriber = connectFrameBus(paths)
  t.teardown(async () => {
    await subscriber.close()
    await Promise.all(publishers.map((publisher) => publisher.close()))
  })
  const seen = new Set<number>()
  subscriber.onFrames((batch) => { for (const { frameIndex } of batch) seen.add(frameIndex) })
  subscriber.setInterest([INTEREST])
  await waitUntil('frames of both', () => {
    publishers.forEach((publisher, i) => { publisher.publish([frame(i)]) })
    return seen.size === 2
  })
  t.pass()
})

t.test('a subscriber that does not read loses its batches, bounded and counted, and the others lose nothing', async (t) => {
  const path = socketPath(t)
  const publisher = await listenFrameBus(path)
  let union = 0
  publisher.onInterest((interests) => { union = interests.length })
  const frozen = connect(path)
  frozen.on('error', () => undefined)
  frozen.pause()
  frozen.write(frameMessage(KIND.HELLO, HELLO))
  frozen.write(frameMessage(KIND.INTEREST, Buffer.from(JSON.stringify([INTEREST]))))
  await waitUntil('the frozen one is known', () => union === 1)
  const subscriber = connectFrameBus([path])
  t.teardown(async () => {
    frozen.destroy()
    await subscriber.close()
    await publisher.close()
  })
  let received = 0
  subscriber.setInterest([INTEREST])
  let greeted = false
  subscriber.onFrames((batch) => {
    greeted = true
    received += batch.filter(({ frameIndex }) => frameIndex > 0).length
  })
  await waitUntil('both are connected', () => publisher.subscribers === 2)
  await waitUntil('the reader gets frames', () => {
    publisher.publish([frame(0)])
    return greeted
  })
  const BATCHES = 3000
  let mostQueued = 0
  for (let i = 1; i <= BATCHES; i++) {
    publisher.publish([frame(i, 8192)])
    mostQueued = Math.max(mostQueued, publisher.queuedBytes)
    if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await waitUntil('the reader has all', () => received === BATCHES)
  t.ok(publisher.droppedBatchesTotal > 1000, `${String(publisher.droppedBatchesTotal)} batches dropped for the frozen one`)
  t.ok(mostQueued > 10_000 && mostQueued <= 4 * 2 ** 20 + 16_384, `at most ${String(mostQueued)} of 24 MiB waited for it`)
})

t.test('who speaks something else is cut off, and the bus lives', async (t) => {
  const path = socketPath(t)
  const publisher = await listenFrameBus(path)
  t.teardown(() => publisher.close())
  for (const bytes of [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    frameMessage(KIND.HELLO, Buffer.from('LOAB\x63')),
    frameMessage(KIND.INTEREST, Buffer.from('[]')),
    Buffer.concat([frameMessage(KIND.HELLO, HELLO), frameMessage(KIND.INTEREST, Buffer.from('{"no":"list"}'))]),
    Buffer.concat([frameMessage(KIND.HELLO, HELLO), frameMessage(KIND.INTEREST, Buffer.from('not JSON'))]),
    Buffer.concat([frameMessage(KIND.HELLO, HELLO), frameMessage(KIND.INTEREST, Buffer.from('[null]'))]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 3]),
  ]) {
    const socket = connect(path)
    socket.on('error', () => undefined)
    socket.resume()
    let closed = false
    socket.on('close', () => { closed = true })
    socket.write(bytes)
    await waitUntil(`${bytes.toString('latin1').slice(0, 30)} is cut off`, () => closed)
  }
  t.equal(publisher.subscribers, 0)
  publisher.publish([frame(1)])
})

t.test('the socket is for its owner alone, and what a dead process left in its place is replaced', async (t) => {
  const path = socketPath(t)
  writeFileSync(path, '')
  const publisher = await listenFrameBus(path)
  t.teardown(() => publisher.close())
  t.equal(statSync(path).mode & 0o077, 0)
  await t.rejects(listenFrameBus(join(path, 'nowhere', 'bus.sock')))
})
