import { setTimeout as delay } from 'node:timers/promises'
import { join } from 'node:path'
import { checkCutRecording } from '../lib/decode.ts'
import { cumulativeOf, faults, fleetTargets, HTTP_LISTENERS, NATIVE_LISTENERS, plain, withFleet } from '../lib/fleet.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'

const BOUND_MS = 250
/** Long enough for the attention tone (3 s) to give way to the alarm, which is looked for in the decoded sound. */
const EMERGENCY_MS = 5000
/** The sink compares a frame when its reference has heard it too, at the latest about a second after it came. */
const SETTLE_MS = 2500

const figures = (values: readonly number[]): Record<string, number> =>
  ({ count: values.length, p50: round(percentile(values, 0.5)), p99: round(percentile(values, 0.99)), max: round(Math.max(...values)) })

async function run(bench: Bench): Promise<Outcome> {
  const rounds = bench.quick ? 2 : 6
  const problems: string[] = []
  const cutHttp: number[] = []
  const cutNative: number[] = []
  const back: number[] = []
  const answered: number[] = []
  const perRound: object[] = []
  return withFleet(bench, (district) => fleetTargets(district, HTTP_LISTENERS, NATIVE_LISTENERS), async ({ loa, district, sink }) => {
    await delay(SETTLE_MS)
    const recordings = [{ index: 17, file: join(bench.folder, 'cut.mp3') }, { index: 4211, file: join(bench.folder, 'cut-2.mp3') }]
    sink.window()
    for (let turn = 0; turn < rounds; turn += 1) {
      bench.say(`emergency ${String(turn + 1)} of ${String(rounds)} to ${String(HTTP_LISTENERS + NATIVE_LISTENERS)} listeners`)
      // Never at the same place in the flush interval.
      await delay(500 + ((turn * 137) % 240))
      if (turn === 0) for (const { index, file } of recordings) sink.record(index, file)
      await delay(turn === 0 ? 1500 : 0)
      sink.arm()
      const sentNs = process.hrtime.bigint()
      const order = await loa.api<{ id: string }>('POST', '/v1/orders', {
        class: 'emergency', title: 'Alarm', sourceId: district.alarmSourceId, targets: { units: [district.unitId], clusters: [], tags: [] }, durationMs: 60_000,
      })
      const answeredMs = Number(process.hrtime.bigint() - sentNs) / 1e6
      await delay(turn === 0 ? EMERGENCY_MS : SETTLE_MS)
      const stoppedNs = process.hrtime.bigint()
      await loa.api('POST', `/v1/orders/${order.id}/stop`)
      await delay(SETTLE_MS)
      if (turn === 0) await sink.stopRecording()
      const { groups } = await sink.cuts(sentNs)
      const { groups: backGroups } = await sink.cuts(stoppedNs)
      const [http, native] = [groups['http']!, groups['native']!]
      const [backHttp, backNative] = [backGroups['http']!, backGroups['native']!]
      for (const [name, list, wanted] of [['http', http.cut, HTTP_LISTENERS], ['native', native.cut, NATIVE_LISTENERS], ['http (back)', backHttp.back, HTTP_LISTENERS], ['native (back)', backNative.back, NATIVE_LISTENERS]] as const) {
        if (list.length !== wanted) problems.push(`round ${String(turn + 1)}: ${String(list.length)} of ${String(wanted)} ${name} listeners were moved`)
      }
      if (groups['reference']!.cut.length > 0) problems.push('the emergency was heard outside its targets')
      cutHttp.push(...http.cut)
      cutNative.push(...native.cut)
      back.push(...backHttp.back, ...backNative.back)
      answered.push(answeredMs)
      perRound.push({ answeredMs: round(answeredMs), http: figures(http.cut), native: figures(native.cut), back: figures([...backHttp.back, ...backNative.back]) })
      if (turn === 0) for (const { file } of recordings) problems.push(...checkCutRecording(file, EMERGENCY_MS))
    }
    const report = await sink.report()
    problems.push(...faults(report, ['http', 'native', 'reference'], true))
    const all = [...cutHttp, ...cutNative]
    return {
      value: percentile(all, 0.99),
      problems,
      beside: 'Liquidsoap behind Icecast, one stream: 269 ms p50, 360 max; Icecast fallback 461/463',
      detail: { rounds: perRound, http: figures(cutHttp), native: figures(cutNative), back: figures(back), answeredMs: figures(answered), groups: { http: plain(report.groups['http']), native: plain(report.groups['native']) }, checked: 'the first frame that is not the programme’s, against a reference connection that hears the same programme; the place on the grid goes on across the cut, so nothing is lost or repeated; two HTTP streams decoded by ffmpeg', pinned: 'nothing' },
      plots: [{
        title: 'From sending the order to the first byte of the emergency', kind: 'line', xLabel: 'ms', yLabel: '% of listeners',
        series: [{ name: 'HTTP, 5 000', points: cumulativeOf(cutHttp) }, { name: 'native, 2 000', points: cumulativeOf(cutNative) }, { name: 'back again', points: cumulativeOf(back) }],
        bound: { axis: 'x', at: BOUND_MS },
      }],
    }
  })
}

export const cutIn: Scenario = { id: 'cutin-p99-ms', title: 'emergency: order sent → first byte at 7 000 listeners, p99', unit: 'ms', bound: BOUND_MS, better: 'less', run }
