import { setTimeout as delay } from 'node:timers/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode } from '../lib/decode.ts'
import { cumulative, ENGINE_LEAD_MS, faults, fleetTargets, HTTP_FLUSH_MS, HTTP_LISTENERS, measure, NATIVE_FLUSH_MS, plain, summary, withFleet } from '../lib/fleet.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { round } from '../lib/statistics.ts'

const BOUND_MS = 20
const BOUND_MAX_MS = 80
const NATIVE_BESIDE = 100
const FRAME_BYTES = 192

/** Recordings of one programme: where they overlap they must be the same bytes, and an independent decoder must like them. */
function compareRecordings(files: readonly string[], seconds: number): string[] {
  const problems: string[] = []
  const [first, ...others] = files.map((file) => readFileSync(file))
  for (const [index, other] of others.entries()) {
    // They begin at different frames: the first frame of the later one is looked for in the earlier one.
    let at = first!.indexOf(other.subarray(0, FRAME_BYTES))
    let [early, late] = [first!, other]
    if (at < 0) {
      at = other.indexOf(first!.subarray(0, FRAME_BYTES))
      ;[early, late] = [other, first!]
    }
    const common = Math.min(early.length - at, late.length)
    if (at < 0 || !early.subarray(at, at + common).equals(late.subarray(0, common))) problems.push(`recording ${String(index + 2)} is not the same stream as recording 1`)
    else if (common / FRAME_BYTES < (seconds - 1) / 0.024) problems.push(`recordings 1 and ${String(index + 2)} have only ${String(common / FRAME_BYTES)} frames in common`)
  }
  for (const file of files) {
    const [frames, samples] = [readFileSync(file).length / FRAME_BYTES, decode(file).length]
    if (Math.abs(samples - frames * 1152) > 1152) problems.push(`${file}: ${String(frames)} frames were decoded to ${String(samples)} samples`)
  }
  return problems
}

async function run(bench: Bench): Promise<Outcome> {
  const seconds = bench.quick ? 8 : 60
  return withFleet(bench, (district) => fleetTargets(district, HTTP_LISTENERS, NATIVE_BESIDE), async ({ sink }) => {
    await delay(bench.quick ? 2000 : 4000)
    const files = [3, 1777, 4999].map((index) => ({ index, file: join(bench.folder, `stream-${String(index)}.mp3`) }))
    for (const { index, file } of files) sink.record(index, file)
    const report = await measure(bench, sink, seconds, 'lateness')
    await sink.stopRecording()
    const { http, native, reference } = report.groups
    const problems = [...faults(report, ['http', 'native', 'reference']), ...compareRecordings(files.map(({ file }) => file), seconds)]
    const lateness = http?.lateness ?? null
    if (lateness === null) problems.push('no lateness was measured')
    else if (lateness.max > BOUND_MAX_MS) problems.push(`the latest came ${String(round(lateness.max))} ms late (${String(BOUND_MAX_MS)} allowed)`)
    const floorFrames = Math.floor((seconds - 1) / 0.024)
    if ((http?.framesMin ?? 0) < floorFrames) problems.push(`a listener got only ${String(http?.framesMin)} frames in ${String(seconds)} s`)
    return {
      value: lateness?.p99 ?? NaN,
      problems,
      beside: `max ${String(round(lateness?.max ?? NaN))} ms (≤ ${String(BOUND_MAX_MS)}); native p99 ${String(round(native?.lateness?.p99 ?? NaN))}`,
      detail: {
        seconds,
        defined: `arrival of a flush in the sink − (place of its first frame on the house clock + flush interval ${String(HTTP_FLUSH_MS)} ms, native ${String(NATIVE_FLUSH_MS)} ms, in whole frames + engine lead ${String(ENGINE_LEAD_MS)} ms); house clock learned over the native protocol’s clock exchange`,
        houseRoundTripUs: report.houseRoundTripUs,
        http: plain(http), native: plain(native), reference: plain(reference),
        intervals: summary(http?.interval),
        checked: 'every frame of every listener against the reference connection; three streams byte for byte and through ffmpeg',
        pinned: 'nothing',
      },
      plots: [
        { title: 'Lateness of flushes at the sink', kind: 'line', xLabel: 'ms', yLabel: '% of flushes', series: [{ name: 'HTTP', points: cumulative(lateness) }, { name: 'native', points: cumulative(native?.lateness ?? null) }], bound: { axis: 'x', at: BOUND_MS } },
        { title: 'Time between two flushes of one HTTP listener', kind: 'line', xLabel: 'ms', yLabel: '% of flushes', series: [{ name: 'HTTP', points: cumulative(http?.interval ?? null) }] },
      ],
    }
  })
}

export const lateness: Scenario = { id: 'lateness-p99-ms', title: 'lateness at the sink, 5 000 listeners, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }
