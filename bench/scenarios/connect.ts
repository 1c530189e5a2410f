import { Icecast } from '../lib/icecast.ts'
import { httpTarget } from '../lib/loa.ts'
import { HTTP_LISTENERS, openLoa } from '../lib/fleet.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { LoadSink, type ConnectReport, type Target } from '../lib/sink.ts'
import { median, round } from '../lib/statistics.ts'

const BOUND_S = 5

interface Crowd {
  /** Until the last one has sound, s; NaN when some never got any. */
  readonly seconds: number
  readonly connect: ConnectReport
}

/** Everybody at once, as after a power cut. */
async function crowd(bench: Bench, what: string, port: number, targets: readonly Target[], patienceMs: number): Promise<Crowd> {
  const sink = new LoadSink(bench.programs.sink, bench.folder, targets, { port, rate: 0 })
  try {
    await sink.whenPlaying(patienceMs, ({ connect }) => {
      bench.say(`${what}: ${String(connect.playing)} of ${String(connect.targets)} play`)
    })
    const { connect } = await sink.report()
    return { seconds: connect.playing === connect.targets ? connect.times.at(-1)! / 1000 : NaN, connect }
  } finally {
    await sink.close()
  }
}

const curve = ({ connect }: Crowd): [number, number][] => connect.times.map((ms, index) => [ms / 1000, (connect.playing * index) / 200])

async function run(bench: Bench): Promise<Outcome> {
  const rounds = bench.quick ? 1 : 3
  const crowds: Crowd[] = []
  const problems: string[] = []
  for (let turn = 0; turn < rounds; turn += 1) {
    const { loa, district } = await openLoa(bench)
    try {
      crowds.push(await crowd(bench, 'Loa', loa.streamPort, district.clusters.slice(0, HTTP_LISTENERS).map((cluster) => httpTarget(cluster)), 30_000))
    } finally {
      await loa.close()
    }
    const { connect } = crowds.at(-1)!
    if (connect.playing < connect.targets) problems.push(`only ${String(connect.playing)} of ${String(connect.targets)} play after 30 s`)
  }
  const patienceMs = bench.quick ? 5_000 : 20_000
  let beside: Crowd | undefined
  if (bench.icecast) {
    const icecast = await Icecast.start(bench.folder, bench.noise)
    try {
      const targets = Array.from({ length: HTTP_LISTENERS }, (): Target => ({ kind: 'http', group: 'http', track: 'mp3-64', frameMs: 24, path: '/bench.mp3' }))
      beside = await crowd(bench, 'Icecast', icecast.port, targets, patienceMs)
    } finally {
      await icecast.close()
    }
  }
  return {
    value: median(crowds.map(({ seconds }) => seconds)),
    problems,
    beside: beside === undefined ? 'no Icecast' : Number.isNaN(beside.seconds) ? `Icecast: ${String(beside.connect.playing)} of ${String(HTTP_LISTENERS)} in after ${String(patienceMs / 1000)} s` : `Icecast ${String(round(beside.seconds))} s`,
    detail: { listeners: HTTP_LISTENERS, runsSeconds: crowds.map(({ seconds }) => round(seconds)), medianListenerMs: round(median(crowds.map(({ connect }) => connect.times[100]!))), icecastPlaying: beside?.connect.playing ?? null, pinned: 'nothing' },
    plots: [{
      title: 'Listeners with sound after all connected at once', kind: 'line', xLabel: 's', yLabel: 'listeners',
      series: [...crowds.map((one, index) => ({ name: rounds === 1 ? 'Loa' : `Loa ${String(index + 1)}`, points: curve(one) })), ...(beside === undefined ? [] : [{ name: 'Icecast', points: curve(beside) }])],
      bound: { axis: 'x', at: BOUND_S },
    }],
  }
}

export const connect: Scenario = { id: 'connect-5000-s', title: '5 000 connect at once until all play', unit: 's', bound: BOUND_S, better: 'less', run }
