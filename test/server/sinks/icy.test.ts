import { PassThrough } from 'node:stream'
import type { Socket } from 'node:net'
import t from 'tap'
import type { PlanSegment } from '../../../rooms/plan.ts'
import { ICY_INTERVAL_BYTES, icyTitleBlock, IcySink } from '../../../server/sinks/icy.ts'
import { fc } from '../../support/seed.ts'

const segment = (title: string): PlanSegment => ({ room: 'src:a', fromSamples: 0, untilSamples: 1, orderId: title, class: 'normal', title })

/** Takes sound and titles apart as a player does. */
function read(bytes: Buffer): { sound: Buffer; titles: string[] } {
  const sound: Buffer[] = []
  const titles: string[] = []
  let at = 0
  while (at < bytes.length) {
    sound.push(bytes.subarray(at, at + ICY_INTERVAL_BYTES))
    at += ICY_INTERVAL_BYTES
    if (at >= bytes.length) break
    const length = bytes[at]! * 16
    if (length > 0) titles.push(/StreamTitle='(.*?)';/s.exec(bytes.toString('utf8', at + 1, at + 1 + length))![1]!)
    at += 1 + length
  }
  return { sound: Buffer.concat(sound), titles }
}

t.test('a title block', async (t) => {
  const block = icyTitleBlock('Tin bão số 3')
  t.equal(block.length, 1 + block[0]! * 16)
  t.match(block.toString('utf8', 1), /^StreamTitle='Tin bão số 3';\0*$/)
  t.match(icyTitleBlock("it's; 'here';").toString('utf8', 1), /^StreamTitle='it’s; ’here’;';/, 'quotes cannot end the title')
  t.equal(icyTitleBlock('ệ'.repeat(5000)).length <= 1 + 255 * 16, true)
})

t.test('property: however the sound is cut, it comes out whole, with each title once', async (t) => {
  const seed = Date.now()
  t.comment(`seed ${String(seed)}`)
  fc.assert(fc.property(fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 40_000 }), title: fc.option(fc.constantFrom('một', 'hai', 'ba')) }), { minLength: 1, maxLength: 30 }), (steps) => {
    const through = new PassThrough({ highWaterMark: 64 * 1024 * 1024 })
    const sink = new IcySink(through as unknown as Socket, 'Loa')
    const sent: Buffer[] = []
    for (const [index, { bytes, title }] of steps.entries()) {
      if (title !== null) sink.onSegment(segment(title))
      const chunk = Buffer.alloc(bytes, index + 1)
      sent.push(chunk)
      sink.write(chunk)
    }
    const whole = Buffer.concat(sent)
    const got = through.read() as Buffer | null
    const { sound, titles } = read(got ?? Buffer.alloc(0))
    return sound.equals(whole) && titles.every((title, at) => title !== titles[at - 1]) && (whole.length < ICY_INTERVAL_BYTES || titles.length > 0)
  }), { seed, numRuns: 60 })
  t.pass('held')
})
