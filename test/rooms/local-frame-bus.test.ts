import t from 'tap'
import { LocalFrameBus } from '../../rooms/local-frame-bus.ts'
import { frameBusConformance } from '../conformance/frame-bus.ts'

frameBusConformance(t, async () => {
  const bus = new LocalFrameBus()
  return { publisher: bus, connect: () => bus.subscribe() }
})
