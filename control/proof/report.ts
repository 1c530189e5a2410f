import { setImmediate as nextTurn } from 'node:timers/promises'
import type { OrderRecord } from '../records.ts'
import type { PlayLogRecord } from '../play-log-port.ts'
import type { ClusterReportView, OrderReportView, ReportAppendixView } from '../schemas/report.ts'
import { formatTime } from '../time.ts'
import { countsOf, outcomeOf, soundedMsOf, type ClusterProof } from './proof.ts'

/** Clusters written in one go: some ms of work, so that nobody waits for ten thousand. */
const SLICE = 500

export interface ReportFrame {
  readonly order: OrderRecord
  readonly openedAtMs: number
  readonly closedAtMs: number
  readonly complete: boolean
  readonly clusters: readonly ClusterProof[]
  /** Name of a unit, also of one that has ended. */
  readonly unitName: (unitId: string) => string
}

const timeOrNull = (ms: number | null): string | null => (ms === null ? null : formatTime(Math.round(ms)))

export function clusterReport(proof: ClusterProof, order: Pick<OrderRecord, 'createdAtMs' | 'startsAtMs'>, unitName: (unitId: string) => string): ClusterReportView {
  const { playedMs, connectedMs, onAirMs } = proof
  const couldMs = Math.max(order.createdAtMs, order.startsAtMs, onAirMs ?? 0, connectedMs ?? 0)
  return {
    clusterId: proof.clusterId,
    code: proof.code,
    name: proof.name,
    unitId: proof.unitId,
    unitName: unitName(proof.unitId),
    sim: proof.sim,
    late: proof.late,
    outcome: outcomeOf(proof),
    online: proof.isOnline,
    protocol: proof.protocol,
    connectedAt: timeOrNull(connectedMs),
    awaySince: proof.isOnline ? null : timeOrNull(proof.awaySinceMs),
    onAirAt: timeOrNull(onAirMs),
    receivedAt: timeOrNull(proof.receivedMs),
    verifiedAt: timeOrNull(proof.verifiedMs),
    playedAt: timeOrNull(playedMs),
    heardAt: timeOrNull(proof.heardMs),
    cutInMs: playedMs === null || connectedMs === null ? null : Math.round(playedMs - couldMs),
    soundedMs: proof.soundedMs === null ? null : Math.round(proof.soundedMs),
  }
}

/** The report without its clusters. */
export function reportHead({ order, openedAtMs, closedAtMs, complete, clusters, unitName }: ReportFrame): Omit<OrderReportView, 'clusters'> {
  return {
    form: 1,
    kind: 'report',
    orderId: order.id,
    number: order.number,
    class: order.class,
    title: order.title,
    sourceId: order.sourceId,
    clipIds: order.clipIds === null ? null : [...order.clipIds],
    field: order.field,
    issuer: order.issuerUnitId,
    issuerName: unitName(order.issuerUnitId),
    createdBy: order.createdBy,
    createdAt: formatTime(order.createdAtMs),
    startsAt: formatTime(order.startsAtMs),
    endsAt: formatTime(order.endsAtMs),
    stoppedAt: timeOrNull(order.stoppedAtMs),
    openedAt: formatTime(Math.round(openedAtMs)),
    closedAt: formatTime(Math.round(closedAtMs)),
    complete,
    counts: countsOf(clusters),
  }
}

/** The document as it is kept: JSON with a line for each cluster, by code. */
export async function reportText(frame: ReportFrame): Promise<string> {
  const clusters = [...frame.clusters].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.clusterId < b.clusterId ? -1 : 1))
  const parts = [JSON.stringify(reportHead(frame)).slice(0, -1), ',"clusters":[']
  for (let at = 0; at < clusters.length; at += SLICE) {
    if (at > 0) await nextTurn()
    const lines = clusters.slice(at, at + SLICE).map((proof) => `\n${JSON.stringify(clusterReport(proof, frame.order, frame.unitName))}`)
    parts.push(at === 0 ? '' : ',', lines.join(','))
  }
  parts.push('\n]}\n')
  return parts.join('')
}

/** What came after the report was closed; null: none of it is sound of the order. */
export function appendixOf(orderId: string, runs: readonly PlayLogRecord[], atMs: number): ReportAppendixView | null {
  const clusters = runs.flatMap((run): ReportAppendixView['clusters'] => {
    const { clusterId, playing, audible, verified, heard, heardAtMs, fromSamples, untilSamples } = run
    if (playing !== 'live' && playing !== 'cached') return []
    return [{ clusterId, from: formatTime(Math.round(heardAtMs)), until: formatTime(Math.round(heardAtMs + (untilSamples - fromSamples) / SAMPLES_PER_MS)), soundedMs: soundedMsOf(run), verified, heard, audible, playing }]
  })
  return clusters.length === 0 ? null : { form: 1, kind: 'appendix', orderId, at: formatTime(Math.round(atMs)), clusters }
}

const SAMPLES_PER_MS = 48
