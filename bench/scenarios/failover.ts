import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { decode } from '../lib/decode.ts'
import { Loa } from '../lib/loa.ts'
import { end, waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { feed } from '../lib/sound.ts'
import { round } from '../lib/statistics.ts'

const BOUND_MS = 60
const SAMPLES_PER_MS = 48
/** The noise is some 20 dB louder than this at any time; what stands in for lost sound is exact zeros through an encoder. */
const SILENCE = 0.001
const FRAME_BYTES = 192
/** Inputs are to be steady before one is taken away; and no more than ten switches a minute are made. */
const REST_MS = 6500

interface Input {
  readonly id: string
  readonly url: string
  encoder: ChildProcess
}

interface Switched {
  readonly cause: string
  readonly gapMs: number
  readonly at: string
}

/** Longest stretch without sound between the first and the last sound, ms, by count of samples. */
function longestGapMs(pcm: Float32Array): number {
  let [longest, silent] = [0, -1]
  for (const x of pcm) {
    if (Math.abs(x) < SILENCE) {
      if (silent >= 0) silent += 1
    } else {
      longest = Math.max(longest, silent)
      silent = 0
    }
  }
  return longest / SAMPLES_PER_MS
}

/** Keeps what a plain listener gets. @returns ends it, with whole frames in the file */
function record(url: string, file: string): () => Promise<void> {
  const stop = new AbortController()
  const chunks: Uint8Array[] = []
  const done = (async () => {
    const answer = await fetch(url, { signal: stop.signal })
    for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk)
  })().catch((error: unknown) => { if (!stop.signal.aborted) throw error })
  return async () => {
    stop.abort()
    await done
    const bytes = Buffer.concat(chunks)
    writeFileSync(file, bytes.subarray(0, bytes.length - (bytes.length % FRAME_BYTES)))
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const rounds = bench.quick ? 4 : 12
  const folder = join(bench.folder, 'failover')
  mkdirSync(folder, { recursive: true })
  const loa = await Loa.start(folder)
  const inputs: Input[] = []
  try {
    for (const mount of ['/first', '/second']) {
      const { id, key } = await loa.api<{ id: string; key: string }>('POST', '/v1/sources', { kind: 'icecast', name: mount, mount, takeover: 'replace' })
      const url = `icecast://source:${key}@127.0.0.1:${String(loa.streamPort)}${mount}`
      inputs.push({ id, url, encoder: feed(bench.noise, url) })
    }
    const unit = await loa.api<{ id: string }>('POST', '/v1/units', { code: 'F', name: 'Failover', parentId: null })
    const cluster = await loa.api<{ id: string; key: string }>('POST', '/v1/clusters', { unitId: unit.id, code: 'F', name: 'Failover', tags: [], position: null })
    const both = await loa.api<{ id: string }>('POST', '/v1/sources', { kind: 'standby', name: 'Both', inputSourceIds: inputs.map(({ id }) => id), return: 'manual' })
    await loa.api('POST', '/v1/orders', { class: 'normal', title: 'Noise', sourceId: both.id, targets: { units: [unit.id], clusters: [], tags: [] }, durationMs: 3_600_000 })
    const standby = async (): Promise<{ readonly inputSourceId: string | null; readonly inputs: readonly { readonly goodForMs: number }[] } | null | undefined> =>
      (await loa.api<{ status: { standby: { inputSourceId: string | null; inputs: { goodForMs: number }[] } | null } | null }>('GET', `/v1/sources/${both.id}`)).status?.standby
    await waitUntil('both inputs are good', async () => (await standby())?.inputs.every(({ goodForMs }) => goodForMs > 2000), 30_000)
    const file = join(folder, 'heard.mp3')
    const stop = record(`http://127.0.0.1:${String(loa.streamPort)}/listen/${cluster.id}.mp3?key=${cluster.key}`, file)
    await delay(2000)

    const perRound: object[] = []
    for (let turn = 0; turn < rounds; turn += 1) {
      const current = (await standby())?.inputSourceId
      const lost = inputs.find(({ id }) => id === current)
      if (lost === undefined) throw new Error('no input sounds')
      // Every other time the encoder is not gone, but stands still: its connection stays and brings nothing.
      const signal = turn % 2 === 0 ? 'SIGKILL' : 'SIGSTOP'
      bench.say(`failover ${String(turn + 1)} of ${String(rounds)} (${signal})`)
      const fromMs = Date.now()
      lost.encoder.kill(signal)
      await waitUntil('the other input is taken', async () => (await standby())?.inputSourceId !== current, 15_000)
      const [last] = (await loa.api<{ items: Switched[] }>('GET', `/v1/sources/${both.id}/switches?limit=1`)).items
      perRound.push({ signal, cause: last!.cause, gapMs: last!.gapMs, afterMs: Date.parse(last!.at) - fromMs })
      lost.encoder.kill('SIGKILL')
      lost.encoder = feed(bench.noise, lost.url)
      await delay(REST_MS)
      await waitUntil('the lost input is back', async () => (await standby())?.inputs.every(({ goodForMs }) => goodForMs > 1000), 30_000)
    }
    await stop()
    const pcm = decode(file)
    const gapMs = longestGapMs(pcm)
    const { gapFramesTotal } = await loa.api<{ gapFramesTotal: number }>('GET', '/v1/status')
    const problems = pcm.length < rounds * REST_MS * SAMPLES_PER_MS ? ['the recording is shorter than the test'] : []
    return {
      value: gapMs,
      problems,
      beside: 'Icecast fallback mounts cut in 461 ms (p50) and need a reader of the same format',
      detail: { rounds: perRound, gapFramesTotal, listener: 'plain HTTP, MP3 64 kbit/s, decoded by ffmpeg; longest run of samples below −60 dBFS', heardS: round(pcm.length / SAMPLES_PER_MS / 1000) },
      plots: [],
    }
  } finally {
    for (const { encoder } of inputs) encoder.kill('SIGCONT')
    await Promise.all(inputs.map(({ encoder }) => end(encoder)))
    await loa.close()
  }
}

export const failover: Scenario = { id: 'failover-gap-ms', title: 'standby input takes over from one that is killed or stands still: longest gap at a listener, by count of samples', unit: 'ms', bound: BOUND_MS, better: 'less', run }
