import { setTimeout as delay } from 'node:timers/promises'
import { Icecast } from '../lib/icecast.ts'
import { httpTarget, type Loa } from '../lib/loa.ts'
import { HTTP_LISTENERS, openLoa } from '../lib/fleet.ts'
import { memoryKib, tcpMemoryKib } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { LoadSink, type Target } from '../lib/sink.ts'
import { round } from '../lib/statistics.ts'

/** Resident memory of each kind of process, KiB. */
function memoryOf(loa: Loa): Record<string, number> {
  const sums: Record<string, number> = { total: 0 }
  for (const [role, processes] of loa.roles()) {
    sums[role] = processes.reduce((sum, { pid }) => sum + memoryKib(pid).rss, 0)
    // The decoder is there for the source, not for listeners, and comes with the first of them.
    if (role !== 'decoder') sums['total']! += sums[role]
  }
  return sums
}

async function hold(bench: Bench, what: string, port: number, targets: readonly Target[], rate: number, settleMs: number, read: () => void): Promise<void> {
  const sink = new LoadSink(bench.programs.sink, bench.folder, targets, { port, rate, pollMs: 50 })
  try {
    if (await sink.whenPlaying(60_000) === undefined) throw new Error(`${what}: not all listeners came in ${sink.errors}`)
    bench.say(`${what}: letting memory settle`)
    await delay(settleMs)
    read()
  } finally {
    await sink.close()
  }
}

async function run(bench: Bench): Promise<Outcome> {
  const settleMs = bench.quick ? 2500 : 20_000
  const { loa, district } = await openLoa(bench)
  let before: Record<string, number> = {}
  let after: Record<string, number> = {}
  let [tcpBefore, tcpAfter] = [0, 0]
  try {
    // One listener first, so that what the first one brings (decoder, encoder, code) is not counted as his neighbour's.
    await hold(bench, 'Loa, one listener', loa.streamPort, [httpTarget(district.clusters[0]!)], 0, settleMs, () => {
      before = memoryOf(loa)
      tcpBefore = tcpMemoryKib()
    })
    await hold(bench, 'Loa', loa.streamPort, district.clusters.slice(0, HTTP_LISTENERS).map((cluster) => httpTarget(cluster)), 2500, settleMs, () => {
      after = memoryOf(loa)
      tcpAfter = tcpMemoryKib()
    })
  } finally {
    await loa.close()
  }
  let icecastKib: number | null = null
  if (bench.icecast && !bench.quick) {
    const icecast = await Icecast.start(bench.folder, bench.noise)
    try {
      const idle = memoryKib(icecast.pid).rss
      const targets = Array.from({ length: HTTP_LISTENERS }, (): Target => ({ kind: 'http', group: 'http', track: 'mp3-64', frameMs: 24, path: '/bench.mp3' }))
      await hold(bench, 'Icecast', icecast.port, targets, 330, settleMs, () => {
        icecastKib = (memoryKib(icecast.pid).rss - idle) / HTTP_LISTENERS
      })
    } finally {
      await icecast.close()
    }
  }
  const parts = Object.fromEntries(Object.keys(after).map((key) => [key, { beforeKib: before[key] ?? 0, afterKib: after[key]!, eachKib: round((after[key]! - (before[key] ?? 0)) / HTTP_LISTENERS) }]))
  const value = ((after['total'] ?? NaN) - (before['total'] ?? NaN)) / HTTP_LISTENERS
  return {
    value,
    problems: [],
    beside: icecastKib === null ? 'Icecast not measured in this run' : `Icecast ${String(round(icecastKib))} KiB`,
    detail: { listeners: HTTP_LISTENERS, counted: 'resident memory of supervisor, control, engine and fan-out with 5 000 listeners less that with one, divided by 5 000', parts, kernelTcpKibEach: round((tcpAfter - tcpBefore) / HTTP_LISTENERS), kernelTcpNote: 'both ends of each connection, from /proc/net/sockstat; not part of the value' },
    plots: [{ title: 'Resident memory', kind: 'bars', xLabel: '', yLabel: 'MiB', series: [{ name: '1 listener', points: Object.entries(before).map(([key, kib]) => [key, kib / 1024]) }, { name: '5 000', points: Object.keys(before).map((key) => [key, (after[key] ?? 0) / 1024]) }] }],
  }
}

export const memory: Scenario = { id: 'memory-per-listener-kib', title: 'memory a listener', unit: 'KiB', bound: 20, better: 'less', run }
