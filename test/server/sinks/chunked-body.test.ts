import t from 'tap'
import { ChunkedBody } from '../../../server/sinks/chunked-body.ts'
import { chunkLengths, cut, garbage, runs } from '../../support/chunks.ts'
import { fc } from '../../support/seed.ts'

const MAX_CHUNK_BYTES = 16 * 1024 * 1024

/** Content and state after these bytes, in these pieces. */
function take(pieces: readonly Buffer[]): { content: Buffer; state: string } {
  const body = new ChunkedBody()
  const content = pieces.flatMap((piece) => body.push(piece).map((bytes) => Buffer.from(bytes)))
  return { content: Buffer.concat(content), state: body.state }
}

const takeText = (text: string): { content: string; state: string } => {
  const { content, state } = take([Buffer.from(text, 'latin1')])
  return { content: content.toString('latin1'), state }
}

t.test('a chunked body', async (t) => {
  t.same(takeText('5\r\nhello\r\n1;name="v"\r\n!\r\n0\r\n\r\n'), { content: 'hello!', state: 'done' })
  t.same(takeText('A\r\n0123456789\r\n'), { content: '0123456789', state: 'open' })
  t.same(takeText('a \t; x\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nnot ours'), { content: '0123456789', state: 'done' })
  t.same(takeText('2\nhi\n0\n\n'), { content: 'hi', state: 'done' }, 'a bare line feed ends a line, too (RFC 9112, 2.2)')
  t.same(takeText('0\r\n'), { content: '', state: 'open' })
})

t.test('what is no chunk', async (t) => {
  for (const text of ['x\r\n', '\r\n', '-1\r\n', '0x5\r\nhello\r\n', '123456789\r\n', 'FFFFFFFFFFFFFFFF\r\n', `${(MAX_CHUNK_BYTES + 1).toString(16)}\r\n`, `5;${'x'.repeat(2000)}`, '5 hello\r\n']) {
    t.same(takeText(text), { content: '', state: 'bad' }, JSON.stringify(text.slice(0, 40)))
  }
  t.same(takeText('5\r\nhello!\r\n'), { content: 'hello', state: 'bad' }, 'longer than it said')
  t.equal(takeText(`${MAX_CHUNK_BYTES.toString(16)}\r\n`).state, 'open')
  const body = new ChunkedBody()
  body.push(Buffer.from('z\r\n'))
  t.same(body.push(Buffer.from('5\r\nhello\r\n')), [], 'nothing is taken any more')
})

t.test('what was put in comes out, in any chunking', async () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 3000 }), fc.constantFrom('', ';a=b', ' ;x')), { maxLength: 12 }), fc.boolean(), chunkLengths, (parts, ended, lengths) => {
    const coded = Buffer.concat([
      ...parts.flatMap(([bytes, extension]) => [Buffer.from(`${bytes.length.toString(16)}${extension}\r\n`), bytes, Buffer.from('\r\n')]),
      Buffer.from(ended ? '0\r\nX: y\r\n\r\n' : ''),
    ])
    const { content, state } = take(cut(coded, lengths))
    if (!content.equals(Buffer.concat(parts.map(([bytes]) => bytes)))) throw new Error('other bytes came out')
    if (state !== (ended ? 'done' : 'open')) throw new Error(`it is ${state}`)
  }), runs(500))
})

t.test('whatever comes, it never throws, says the same in any chunking, and gives out no more than it was given', async () => {
  const lines = fc.constantFrom('5\r\n', '\r\n', '0\r\n', 'ffff\r\n', '1;', 'hello', '\n', '\r')
  fc.assert(fc.property(fc.array(fc.oneof(garbage, lines.map((text) => Buffer.from(text))), { maxLength: 30 }), chunkLengths, (pieces, lengths) => {
    const bytes = Buffer.concat(pieces)
    const whole = take([bytes])
    const inChunks = take(cut(bytes, lengths))
    if (!whole.content.equals(inChunks.content) || whole.state !== inChunks.state) throw new Error(`${whole.state} and ${inChunks.state}`)
    if (whole.content.length > bytes.length) throw new Error('more came out than went in')
  }), runs(1000))
})
