import t from 'tap'
import { OggPageParser, opusHeaderPages, opusPage } from '../../../codec/index.ts'
import { chunkLengths, cut, garbage, runs } from '../../support/chunks.ts'
import { fc } from '../../support/seed.ts'

interface Read {
  readonly pages: Buffer[]
  readonly parser: OggPageParser
}

function read(chunks: readonly Uint8Array[]): Read {
  const pages: Buffer[] = []
  const parser = new OggPageParser((page) => { pages.push(Buffer.from(page.bytes)) })
  for (const chunk of chunks) parser.push(chunk)
  parser.end()
  return { pages, parser }
}

const PAGES = Array.from({ length: 12 }, (_, index) => opusPage(Buffer.alloc(20 + index * 90, index), index))
const LARGE = opusPage(Buffer.alloc(255 * 255 - 1, 0x4f), 99)

t.test('every cut of literal bytes in two and in single bytes gives the same pages', (t) => {
  const pages = [PAGES[0]!, PAGES[3]!]
  const bytes = Buffer.concat([Buffer.from('OggOggS'), pages[0]!, Buffer.from('OggS\0and no page'), pages[1]!, Buffer.from('Ogg')])
  const whole = read([bytes])
  t.same(whole.pages, pages)
  t.equal(whole.parser.garbageBytes, bytes.length - pages[0]!.length - pages[1]!.length)
  for (let at = 0; at <= bytes.length; at += 1) t.same(read([bytes.subarray(0, at), bytes.subarray(at)]).pages, pages)
  t.same(read(cut(bytes, [1])).pages, pages)
  t.end()
})

t.test('the longest page, and a page inside a broken one', (t) => {
  t.same(read(cut(LARGE, [1000])).pages, [LARGE])
  const broken = opusPage(Buffer.concat([PAGES[2]!, PAGES[4]!]), 7)
  broken[22]! ^= 1
  const { pages, parser } = read([broken])
  t.same(pages, [PAGES[2], PAGES[4]])
  t.equal(parser.badChecksums, 1)
  t.end()
})

t.test('a page that never gets whole does not hide those inside it from the end', (t) => {
  const lie = Buffer.concat([LARGE.subarray(0, 300), PAGES[1]!, PAGES[2]!])
  t.same(read([lie]).pages, [PAGES[1], PAGES[2]])
  t.end()
})

t.test('granules', (t) => {
  const granules: (number | undefined)[] = []
  const parser = new OggPageParser((page) => { granules.push(page.granule) })
  parser.push(opusHeaderPages(312, { vendor: '', comments: [] }))
  parser.push(opusPage(Buffer.alloc(1), 2 ** 42))
  t.same(granules, [0, 0, (2 ** 42 + 1) * 960])
  t.end()
})

t.test('property: what comes out does not depend on how the bytes were cut; garbage costs no page', (t) => {
  fc.assert(fc.property(garbage, garbage, garbage, fc.nat(PAGES.length), chunkLengths, (before, between, after, at, lengths) => {
    const bytes = Buffer.concat([before, ...PAGES.slice(0, at), between, ...PAGES.slice(at), after])
    const { pages, parser } = read(cut(bytes, lengths))
    return Buffer.concat(pages).equals(Buffer.concat(PAGES)) && parser.garbageBytes === before.length + between.length + after.length
  }), runs(200))
  t.end()
})

t.test('property: broken bytes cost only the pages they are in, and never make it throw', (t) => {
  const bytes = Buffer.concat(PAGES)
  const flips = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { maxLength: 8 })
  fc.assert(fc.property(flips, chunkLengths, (flips, lengths) => {
    const broken = Buffer.from(bytes)
    for (const [at, bits] of flips) broken[at]! ^= bits
    let start = 0
    const whole = PAGES.filter((page) => {
      const same = broken.subarray(start, start + page.length).equals(page)
      start += page.length
      return same
    })
    const { pages, parser } = read(cut(broken, lengths))
    const total = pages.reduce((sum, page) => sum + page.length, 0) + parser.garbageBytes
    return Buffer.concat(pages).equals(Buffer.concat(whole)) && total === bytes.length
  }), runs(200))
  t.end()
})
