import t from 'tap'
import { FRAME_FLAG } from '../../../rooms/frame-bus.ts'
import type { WireFrame } from '../../../rooms/wire.ts'
import { createNativeWire, emergencyDelayMs, flushMsFor, NATIVE_FLAG, NATIVE_HEADER_BYTES } from '../../../server/sinks/native-wire.ts'

const frame = (more: Partial<WireFrame> = {}): WireFrame => ({ frameIndex: 606_600_167, data: Buffer.from([1, 2, 3]), flags: 0, isMissing: false, cut: false, orderClass: 'normal', ...more })

t.test('the bytes of server/protocol.md', async (t) => {
  const bytes = createNativeWire(1152, 800, 800).encode([frame()])
  t.equal(bytes[0], 0x82, 'a whole binary message')
  t.equal(bytes[1], NATIVE_HEADER_BYTES + 3, 'its length, unmasked')
  const message = bytes.subarray(2)
  t.equal(message[0], 1, 'version')
  t.equal(message[1], 0, 'flags')
  t.equal(message.readUInt16BE(2), 1152)
  t.equal(message.readUInt32BE(4), 606_600_167)
  t.equal(message.readBigUInt64BE(8), 606_600_167n * 1152n)
  t.equal(message.readBigUInt64BE(16), 606_600_167n * 24_000n + 800_000n, 'presentation time in µs')
  t.same([...message.subarray(24)], [1, 2, 3])
})

t.test('lengths of 126 bytes and more take two bytes', async (t) => {
  const bytes = createNativeWire(960, 0, 0).encode([frame({ data: Buffer.alloc(102, 7) })])
  t.equal(bytes[1], 126)
  t.equal(bytes.readUInt16BE(2), 126)
  t.equal(bytes.length, 4 + 126)
})

t.test('the sequence wraps at 2³², house time does not', async (t) => {
  const index = 2 ** 32 + 5
  const message = createNativeWire(960, 0, 0).encode([frame({ frameIndex: index })]).subarray(2)
  t.equal(message.readUInt32BE(4), 5)
  t.equal(message.readBigUInt64BE(8), BigInt(index) * 960n)
})

t.test('flags', async (t) => {
  const flagsOf = (more: Partial<WireFrame>): number => createNativeWire(960, 0, 0).encode([frame(more)])[3]!
  t.equal(flagsOf({ cut: true }), NATIVE_FLAG.CUT)
  t.equal(flagsOf({ isMissing: true }), NATIVE_FLAG.MISSING)
  t.equal(flagsOf({ orderClass: 'emergency' }), NATIVE_FLAG.EMERGENCY)
  t.equal(flagsOf({ flags: FRAME_FLAG.BRIDGED | FRAME_FLAG.FADE }), NATIVE_FLAG.BRIDGED | NATIVE_FLAG.FADE)
  t.equal(flagsOf({ orderClass: null }), 0)
})

t.test('an emergency may be heard sooner than what it cuts', (t) => {
  const wire = createNativeWire(960, 800, 300)
  const presentationUs = (more: Partial<WireFrame>): number => Number(wire.encode([frame(more)]).readBigUInt64BE(2 + 16))
  t.equal(presentationUs({ orderClass: 'normal' }) - presentationUs({ orderClass: 'emergency' }), 500_000)
  t.not(wire.id, createNativeWire(960, 800, 800).id, 'listeners of different delays never share a line')
  t.end()
})

t.test('who is to sound soon is written to often', (t) => {
  t.same([800, 400, 300, 120, 100, 60, 0].map((delayMs) => flushMsFor(delayMs, 100)), [100, 100, 100, 40, 20, 20, 20])
  t.equal(flushMsFor(800, 20), 20, 'but never seldomer than is configured')
  t.same([[0, 800], [300, 800], [900, 800]].map(([configuredMs, delayMs]) => emergencyDelayMs(configuredMs!, delayMs!)), [800, 300, 800])
  t.end()
})
