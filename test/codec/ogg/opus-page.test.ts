import t from 'tap'
import { OggPageParser, OGG_SERIAL, OPUS_DELAY_SAMPLES, opusHeaderPages, opusPage } from '../../../codec/index.ts'
import type { OggPage } from '../../../codec/index.ts'
import { oggCrc32 } from '../../../codec/ogg/crc32.ts'

function pagesOf(bytes: Buffer): OggPage[] {
  const pages: OggPage[] = []
  const parser = new OggPageParser((page) => { pages.push({ ...page, body: Buffer.from(page.body), lacing: Buffer.from(page.lacing), bytes: Buffer.from(page.bytes) }) })
  parser.push(bytes)
  parser.end()
  t.equal(parser.garbageBytes, 0)
  return pages
}

t.test('the checksum is the one of RFC 3533', (t) => {
  // Polynomial 04c11db7, not reflected, start 0, no final inversion: catalogued as having the check value 89a1897f.
  t.equal(oggCrc32(Buffer.from('123456789'), 0, 9), 0x89a1897f)
  t.equal(oggCrc32(Buffer.from('56789'), 0, 5, oggCrc32(Buffer.from('1234'), 0, 4)), 0x89a1897f, 'in two parts')
  t.end()
})

t.test('the header pages, byte by byte', (t) => {
  const pages = opusHeaderPages(OPUS_DELAY_SAMPLES, { vendor: 'loa', comments: ['TITLE=Lũ'] })
  const head = '4f67675300020000000000000000' + '31414f4c' + '00000000' + '00000000' + '0113' + '4f707573486561640101380180bb0000000000'
  const tags = '4f67675300000000000000000000' + '31414f4c' + '01000000' + '00000000' + '0120' + '4f70757354616773' + '03000000' + '6c6f61' + '01000000' + '09000000' + '5449544c453d4cc5a9'
  const withoutChecksum = (hex: string): string => hex.slice(0, 44) + '00000000' + hex.slice(52)
  t.equal(withoutChecksum(pages.subarray(0, 47).toString('hex')), head)
  t.equal(withoutChecksum(pages.subarray(47).toString('hex')), tags)
  t.equal(pagesOf(pages).length, 2, 'the checksums hold')
  t.end()
})

t.test('a page is a function of packet and frame index alone', (t) => {
  const packet = Buffer.from('any packet')
  t.same(opusPage(packet, 12_345), opusPage(Buffer.from(packet), 12_345))
  const cases: [number, number, number][] = [
    [0, 2, 960],
    [1, 3, 1920],
    // A granule beyond 2³² is reached after a day, a page number beyond it after 2.7 years.
    [4_473_925, 4_473_927, 4_294_968_960],
    [2 ** 32 - 3, 2 ** 32 - 1, (2 ** 32 - 2) * 960],
    [2 ** 32 - 2, 0, (2 ** 32 - 1) * 960],
    [2 ** 40, 2, (2 ** 40 + 1) * 960],
  ]
  for (const [frameIndex, sequence, granule] of cases) {
    const [page] = pagesOf(opusPage(packet, frameIndex))
    t.match(page, { serial: OGG_SERIAL, sequence, granule, beginOfStream: false, endOfStream: false, continued: false }, `frame ${String(frameIndex)}`)
    t.same(page!.body, packet)
  }
  t.end()
})

t.test('lacing of every packet length that could be mistaken', (t) => {
  for (const length of [0, 1, 254, 255, 256, 509, 510, 511, 1275, 1276, 255 * 255 - 1]) {
    const packet = Buffer.alloc(length, 7)
    const [page] = pagesOf(opusPage(packet, 5))
    t.equal(page!.body.length, length)
    t.equal(page!.lacing.length, Math.floor(length / 255) + 1)
    t.ok(page!.lacing.at(-1)! < 255, `a packet of ${String(length)} bytes ends in its page`)
  }
  t.throws(() => opusPage(Buffer.alloc(255 * 255), 5), { code: 'CODEC_ERR_FRAME_SIZE' })
  t.end()
})
