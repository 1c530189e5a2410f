import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { createEncoder, parseFormat } from '../../codec/index.ts'

const INDEX_URL = new URL('../../codec/index.ts', import.meta.url).href

/** Encodes 200 frames of a tone in a thread of its own and answers with all their bytes. */
const WORKER = `
  import { parentPort, workerData } from 'node:worker_threads'
  import { createHash } from 'node:crypto'
  const { createEncoder, parseFormat } = await import(${JSON.stringify(INDEX_URL)})
  const hash = createHash('sha256')
  for (const id of workerData) {
    const encoder = createEncoder(parseFormat(id))
    const pcm = new Float32Array(encoder.format.frameSamples)
    for (let n = 0; n < 200; n += 1) {
      for (let i = 0; i < pcm.length; i += 1) pcm[i] = 0.4 * Math.sin((n * pcm.length + i) / 15)
      hash.update(encoder.encode(pcm))
    }
    encoder.close()
  }
  parentPort.postMessage(hash.digest('hex'))
`

t.test('both encoders work in several threads at once, and threads that end take nothing with them', async (t) => {
  const ids = ['mp3-64', 'opus-32', 'mp3-24k-32']
  const results = await Promise.all([1, 2, 3].map(async () => {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`), { workerData: ids })
    const ended = once(worker, 'exit')
    const [hash] = await once(worker, 'message') as [string]
    const [code] = await ended as [number]
    return { hash, code }
  }))
  t.same(results.map((result) => result.code), [0, 0, 0])
  t.equal(new Set(results.map((result) => result.hash)).size, 1, 'all gave the same bytes')
  const encoder = createEncoder(parseFormat('mp3-64'))
  t.equal(encoder.encode(new Float32Array(1152)).length, 192, 'and this thread goes on')
  encoder.close()
})

t.test('closed encoders give their memory back at once', (t) => {
  const open = (): void => {
    const encoder = createEncoder(parseFormat('mp3-64'))
    encoder.encode(new Float32Array(1152))
    encoder.close()
  }
  for (let i = 0; i < 50; i += 1) open()
  const before = process.memoryUsage.rss()
  for (let i = 0; i < 500; i += 1) open()
  const grownKib = (process.memoryUsage.rss() - before) / 1024 / 500
  // One LAME encoder holds some 280 KiB.
  t.ok(grownKib < 40, `${grownKib.toFixed(1)} KiB grown for each`)
  t.end()
})
