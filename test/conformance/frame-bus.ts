import type { Test } from 'tap'
import type { BusFrame, FramePublisher, FrameSubscriber, Interest } from '../../rooms/frame-bus.ts'
import { waitUntil } from '../support/wait-until.ts'

/** A bus of the kind under test, for one test. */
export interface BusUnderTest {
  readonly publisher: FramePublisher
  connect(): FrameSubscriber
}

const frame = (room: string, format: string, frameIndex: number, flags = 0, bytes = 80): BusFrame => ({ room, format, frameIndex, flags, data: Buffer.alloc(bytes, frameIndex & 255) })
const A: Interest = { room: 'src:a', format: 'opus-32' }
const B: Interest = { room: 'ord:7@1000000005760', format: 'mp3-64' }

/** What every frame bus must do. Run on each implementation; a double that has not passed proves nothing. */
export function frameBusConformance(t: Test, open: (t: Test) => Promise<BusUnderTest>): void {
  const setUp = async (t: Test) => {
    const bus = await open(t)
    let union: readonly Interest[] = []
    bus.publisher.onInterest((interests) => { union = interests })
    const subscribe = (): { subscriber: FrameSubscriber; frames: BusFrame[]; batches: number[] } => {
      const subscriber = bus.connect()
      const frames: BusFrame[] = []
      const batches: number[] = []
      subscriber.onFrames((batch) => {
        frames.push(...batch)
        batches.push(batch.length)
      })
      return { subscriber, frames, batches }
    }
    const isWanted = (...interests: Interest[]): Promise<true> => waitUntil(`the publisher hears of ${JSON.stringify(interests)}`, () =>
      union.length === interests.length && interests.every(({ room, format }) => union.some((own) => own.room === room && own.format === format)) ? true : undefined)
    return { ...bus, subscribe, isWanted }
  }

  t.test('a frame arrives as it was, whatever its place, flags and size', async (t) => {
    const { publisher, subscribe, isWanted } = await setUp(t)
    const { subscriber, frames } = subscribe()
    subscriber.setInterest([A, B])
    await isWanted(A, B)
    const sent = [frame(A.room, A.format, 0), frame(B.room, B.format, 2 ** 40 + 17, 3, 192), frame(A.room, A.format, 1, 1, 0), frame(A.room, A.format, 2, 0, 70_000)]
    publisher.publish(sent)
    await waitUntil('all frames', () => frames.length === sent.length)
    t.same(frames.map(({ room, format, frameIndex, flags }) => ({ room, format, frameIndex, flags })), sent.map(({ room, format, frameIndex, flags }) => ({ room, format, frameIndex, flags })))
    t.ok(frames.every(({ data }, i) => data.equals(sent[i]!.data)))
  })

  t.test('only what is wanted arrives, as one batch, and interest replaces the interest before', async (t) => {
    const { publisher, subscribe, isWanted } = await setUp(t)
    const { subscriber, frames, batches } = subscribe()
    subscriber.setInterest([A])
    await isWanted(A)
    publisher.publish([frame(B.room, B.format, 1), frame(A.room, 'mp3-64', 1), frame('other', A.format, 1)])
    publisher.publish([frame(A.room, A.format, 1), frame(B.room, B.format, 2), frame(A.room, A.format, 2)])
    await waitUntil('a batch', () => batches.length === 1)
    t.same(batches, [2])
    subscriber.setInterest([B])
    await isWanted(B)
    publisher.publish([frame(A.room, A.format, 3), frame(B.room, B.format, 3)])
    await waitUntil('a second batch', () => batches.length === 2)
    subscriber.setInterest([A, B])
    await isWanted(A, B)
    publisher.publish([frame(A.room, A.format, 4), frame(B.room, B.format, 4)])
    await waitUntil('a third batch', () => batches.length === 3)
    t.same(frames.map(({ room, frameIndex }) => `${room} ${String(frameIndex)}`), [`${A.room} 1`, `${A.room} 2`, `${B.room} 3`, `${A.room} 4`, `${B.room} 4`])
  })

  t.test('the publisher hears the union of what all want, also of those who leave', async (t) => {
    const { subscribe, isWanted } = await setUp(t)
    const one = subscribe()
    const two = subscribe()
    one.subscriber.setInterest([A])
    two.subscriber.setInterest([A, B])
    await isWanted(A, B)
    await two.subscriber.close()
    await isWanted(A)
    one.subscriber.setInterest([])
    await isWanted()
    t.pass()
  })

  t.test('interest that is taken back and given again at once still brings frames', async (t) => {
    const { publisher, subscribe, isWanted } = await setUp(t)
    const { subscriber, frames } = subscribe()
    subscriber.setInterest([A])
    await isWanted(A)
    for (let i = 0; i < 50; i++) {
      subscriber.setInterest([])
      subscriber.setInterest([A, B])
      subscriber.setInterest([A])
    }
    let index = 0
    await waitUntil('frames after the changes', () => {
      publisher.publish([frame(A.room, A.format, index++)])
      return frames.length >= 3
    })
    t.ok(frames.every(({ room, format }) => room === A.room && format === A.format))
  })

  t.test('thousands of frames to several subscribers keep their order', async (t) => {
    const { publisher, subscribe, isWanted } = await setUp(t)
    const all = [subscribe(), subscribe(), subscribe()]
    for (const { subscriber } of all) subscriber.setInterest([A, B])
    await isWanted(A, B)
    // The union says that one of them is known; the frames say it of all.
    await waitUntil('all are known', () => {
      publisher.publish([frame(A.room, A.format, 0)])
      return all.every(({ frames }) => frames.length > 0)
    })
    for (let tick = 1; tick <= 2000; tick++) {
      publisher.publish([frame(A.room, A.format, tick), frame(B.room, B.format, tick)])
      if (tick % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await waitUntil('the last frame at each', () => all.every(({ frames }) => frames.at(-1)?.frameIndex === 2000))
    for (const { frames } of all) {
      const own = frames.filter(({ room, frameIndex }) => room === B.room && frameIndex > 0)
      t.same(own.map(({ frameIndex }) => frameIndex), Array.from({ length: 2000 }, (_, i) => i + 1))
    }
  })

  t.test('close is idempotent and lets nobody hear more', async (t) => {
    const { publisher, subscribe, isWanted } = await setUp(t)
    const { subscriber, frames } = subscribe()
    subscriber.setInterest([A])
    await isWanted(A)
    await subscriber.close()
    await subscriber.close()
    await isWanted()
    publisher.publish([frame(A.room, A.format, 1)])
    await publisher.close()
    await publisher.close()
    t.same(frames, [])
  })
}
