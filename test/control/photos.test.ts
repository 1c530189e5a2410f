import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import t from 'tap'
import { orientationOf } from '../../server/photos/orientation.ts'
import { buildControl, multipart, seed, TOKENS, type Harness } from '../support/build-control.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Red above, blue below. */
function picture(format: 'mjpeg' | 'png' | 'libwebp', width: number, height: number): Buffer {
  const half = `${String(width)}x${String(height / 2)}`
  const { stdout } = spawnSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', `color=red:s=${half}`, '-f', 'lavfi', '-i', `color=blue:s=${half}`, '-filter_complex', 'vstack', '-frames:v', '1', '-c:v', format, '-f', 'image2pipe', 'pipe:1'], { maxBuffer: 1e8 })
  return stdout
}

/** With EXIF that says how it is to be turned, and words where a camera would write the place. */
function withExif(jpeg: Buffer, orientation: number, words: string): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x0112, 10)
  tiff.writeUInt16LE(3, 12)
  tiff.writeUInt32LE(1, 14)
  tiff.writeUInt16LE(orientation, 18)
  const content = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, Buffer.from(words)])
  const head = Buffer.from([0xff, 0xe1, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([jpeg.subarray(0, 2), head, content, jpeg.subarray(2)])
}

/** Size, and the colour in the middle of each edge: top, right, bottom, left. */
function look(jpeg: Buffer): { size: string; edges: string } {
  const text = spawnSync('ffprobe', ['-loglevel', 'error', '-f', 'jpeg_pipe', '-show_entries', 'stream=width,height', '-of', 'csv=p=0', '-i', 'pipe:0'], { input: jpeg }).stdout.toString().trim()
  const rgb = spawnSync('ffmpeg', ['-loglevel', 'error', '-f', 'jpeg_pipe', '-i', 'pipe:0', '-vf', 'scale=3:3:flags=neighbor', '-pix_fmt', 'rgb24', '-f', 'rawvideo', 'pipe:1'], { input: jpeg }).stdout
  const at = (pixel: number): string => (rgb[pixel * 3]! > 128 ? 'r' : 'b')
  return { size: text, edges: [1, 5, 7, 3].map(at).join('') }
}

const send = async (h: Harness, clusterId: string, content: Buffer, filename = 'anh.jpg') => {
  const { payload, headers } = multipart(content, filename)
  return h.call('POST', `/v1/clusters/${clusterId}/photo`, payload, { headers })
}
const fetchPhoto = (h: Harness, clusterId: string, query = '') => h.app.inject({ url: `/v1/clusters/${clusterId}/photo${query}`, headers: { authorization: `Bearer ${TOKENS.viewer}` } })
const kept = (h: Harness): number => readdirSync(join(h.dataDir, 'photos')).length

t.test('a photo is told by its content, kept small and upright, without what the camera wrote', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId, unitId } = await seed(h)
  const other = (await h.call('POST', '/v1/clusters', { unitId, code: 'C2', name: 'Cụm 2' })).body.id
  t.equal((await fetchPhoto(h, clusterId)).statusCode, 404)
  const photo = withExif(picture('mjpeg', 2000, 1000), 6, 'GPS 21.0285 N 105.8542 E')
  t.equal(orientationOf(photo), 6)
  const made = await send(h, clusterId, photo, 'anh.exe')
  t.match(made, { status: 201, body: { clusterId, sha256: /^[0-9a-f]{64}$/, createdBy: 't-admin' } })
  const full = await fetchPhoto(h, clusterId)
  t.match(full.headers, { 'content-type': 'image/jpeg', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox", etag: `"${String(made.body['sha256'])}"` })
  t.notMatch(full.rawPayload.toString('latin1'), /GPS|Exif/, 'the place is gone')
  t.match(look(full.rawPayload), { size: '800,1600', edges: /.r.b/ }, 'a quarter turn to the right: what was above is to the right')
  t.equal(look((await fetchPhoto(h, clusterId, '?size=thumbnail')).rawPayload).size, '160,320')

  await send(h, other, photo)
  t.equal(kept(h), 2, 'one picture in two sizes, for both')
  for (const format of ['png', 'libwebp'] as const) {
    t.equal((await send(h, clusterId, picture(format, 100, 60))).status, 201, format)
    t.same(look((await fetchPhoto(h, clusterId)).rawPayload), { size: '100,60', edges: look(picture('mjpeg', 100, 60)).edges }, 'never made larger')
  }
  await waitUntil('what no cluster has any more is gone', () => kept(h) === 4)
  t.equal((await h.call('DELETE', `/v1/clusters/${other}`)).status, 204)
  t.equal((await h.call('DELETE', `/v1/clusters/${clusterId}/photo`)).status, 204)
  t.equal(kept(h), 0)
  t.equal((await h.call('DELETE', `/v1/clusters/${clusterId}/photo`)).status, 404)
})

/** A whole PNG of one colour, 16 bits for each of red, green, blue and opacity. */
function deepPng(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  }
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 16, 6, 0, 0, 0])
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(Buffer.alloc((1 + width * 8) * height), { level: 1 })), chunk('IEND', Buffer.alloc(0))])
}

t.test('a small file that unpacks to a third of a gigabyte is refused', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  t.equal((await send(h, clusterId, deepPng(500, 400))).status, 201)
  const bomb = deepPng(6000, 6000)
  t.ok(bomb.length < 2_000_000)
  t.match(await send(h, clusterId, bomb), { status: 422, body: { code: 'LOA_ERR_PHOTO_UNREADABLE' } })
})

t.test('what is no picture is refused, whatever its name', async (t) => {
  const h = await buildControl()
  t.teardown(() => h.close())
  const { clusterId } = await seed(h)
  const jpeg = picture('mjpeg', 64, 64)
  // A file of 64 bytes that claims to be 60 000 pixels wide and as many high.
  const huge = Buffer.from(picture('png', 64, 64))
  huge.writeUInt32BE(60_000, 16)
  huge.writeUInt32BE(60_000, 20)
  for (const [what, content] of [['text', Buffer.from('<svg onload=alert(1)>')], ['a list of other files', Buffer.from('#EXTM3U\nfile:///etc/passwd')], ['a broken picture', Buffer.concat([jpeg.subarray(0, 3), Buffer.alloc(500, 7)])], ['a huge one', huge], ['nothing', Buffer.alloc(0)]] as const) {
    t.match(await send(h, clusterId, content, 'anh.jpg'), { status: 422, body: { code: 'LOA_ERR_PHOTO_UNREADABLE' } }, what)
  }
  t.match(await send(h, clusterId, Buffer.alloc(8 * 1024 * 1024 + 1)), { status: 413 })
  t.equal(h.store.photos.get(clusterId), undefined)
  t.same(readdirSync(join(h.dataDir, 'uploads')), [])
  t.same(readdirSync(join(h.dataDir, 'photos')).filter((name) => readFileSync(join(h.dataDir, 'photos', name)).length > 0), [], 'nothing is left')
  t.equal(orientationOf(Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff, 0x45])), 1, 'what points beyond its end says nothing')
})
