import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import type { Broadcast, Logged, OrderRecord, ReportRecord, Store } from '../ports.ts'
import type { ClusterReportView, OrderReportView, ReportAnswerView, ReportAppendixView } from '../schemas/report.ts'
import { formatTime } from '../time.ts'
import { countReached, OUTCOMES, type ProofCounts } from './proof.ts'
import { clusterReport, reportHead } from './report.ts'

const inflateSoon = promisify(inflate)
/** Clusters looked at in one go. */
const SLICE = 1000

interface Look {
  readonly store: Pick<Store, 'proofs' | 'units'>
  readonly broadcast: Pick<Broadcast, 'proof'>
}

/** What there is of an order: its report, or how far it is, with whatever came later. */
export type OrderAccount = ReportAnswerView

/** Whether a unit is one of which the caller may see what it has. */
export type SeesUnit = (unitId: string) => boolean

/** @returns the document as it was hashed */
export async function documentOf({ seq }: Pick<Logged<ReportRecord>, 'seq'>, { store }: Pick<Look, 'store'>): Promise<Buffer> {
  const packed = store.proofs.packed(seq)
  if (packed === undefined) throw new Error(`report ${String(seq)} has lost its content: restore a backup, and run verify-log`)
  return await inflateSoon(packed)
}

export type AccountState = OrderAccount['state']

/** How it stands with the report of an order. */
export function accountState(order: OrderRecord, { store, broadcast }: Look, nowMs: number): AccountState {
  if (store.proofs.ofOrder(order.id)[0]?.kind === 'report') return 'closed'
  if (broadcast.proof(order.id) !== null) return 'running'
  return nowMs < order.startsAtMs && order.stoppedAtMs === null ? 'waiting' : 'none'
}

/** Reads all there is of an order. @param sees what the caller may see; null: everything */
export async function readAccount(order: OrderRecord, look: Look, sees: SeesUnit | null, nowMs: number): Promise<OrderAccount> {
  const [first, ...rest] = look.store.proofs.ofOrder(order.id)
  if (first?.kind === 'report') {
    const report = await narrowed(JSON.parse((await documentOf(first, look)).toString()) as OrderReportView, sees)
    const shown = sees === null ? null : new Set(report.clusters.map(({ clusterId }) => clusterId))
    const appendices: OrderAccount['appendices'] = []
    for (const record of rest) {
      const appendix = JSON.parse((await documentOf(record, look)).toString()) as ReportAppendixView
      const clusters = appendix.clusters.filter(({ clusterId }) => shown === null || shown.has(clusterId))
      if (clusters.length > 0) appendices.push({ entry: entryView(record), appendix: { ...appendix, clusters } })
      await nextTurn()
    }
    return { state: 'closed', entry: entryView(first), report, appendices }
  }
  return { state: accountState(order, look, nowMs), entry: null, report: await runningReport(order, look, sees, nowMs), appendices: [] }
}

/** The same as JSON for who may see everything: documents stand in it as they were hashed, and nothing of them is read. Null: there is no report yet. */
export async function accountJson(order: OrderRecord, look: Look): Promise<string | null> {
  const [first, ...rest] = look.store.proofs.ofOrder(order.id)
  if (first?.kind !== 'report') return null
  const parts = [`{"state":"closed","entry":${JSON.stringify(entryView(first))},"report":`, (await documentOf(first, look)).toString(), ',"appendices":[']
  for (const [index, record] of rest.entries()) parts.push(`${index === 0 ? '' : ','}{"entry":${JSON.stringify(entryView(record))},"appendix":`, (await documentOf(record, look)).toString(), '}')
  return `${parts.join('')}]}`
}

/** What would be written if it were closed now; null: nothing is known of it. */
async function runningReport(order: OrderRecord, { store, broadcast }: Look, sees: SeesUnit | null, nowMs: number): Promise<OrderReportView | null> {
  const running = broadcast.proof(order.id)
  if (running === null) return null
  const names = new Map(store.units.all().map(({ id, name }) => [id, name]))
  const unitName = (id: string): string => names.get(id) ?? ''
  const seen = sees === null ? running.clusters : running.clusters.filter(({ unitId }) => sees(unitId))
  const clusters: ClusterReportView[] = []
  for (let at = 0; at < seen.length; at += SLICE) {
    clusters.push(...seen.slice(at, at + SLICE).map((proof) => clusterReport(proof, order, unitName)))
    await nextTurn()
  }
  return { ...reportHead({ order, openedAtMs: running.openedAtMs, closedAtMs: nowMs, complete: running.complete, clusters: seen, unitName }), clusters }
}

/** What lies in the caller's units, counted anew. */
async function narrowed(report: OrderReportView, sees: SeesUnit | null): Promise<OrderReportView> {
  if (sees === null) return report
  await nextTurn()
  const clusters = report.clusters.filter(({ unitId }) => sees(unitId))
  return { ...report, counts: countsOfReports(clusters), clusters }
}

export const countsOfReports = (clusters: readonly ClusterReportView[]): ProofCounts =>
  countReached(clusters.map(({ outcome, online, receivedAt, verifiedAt }) => ({ outcome, connected: online, received: receivedAt !== null, verified: verifiedAt !== null })))

const entryView = ({ seq, atMs, hash, sha256 }: Logged<ReportRecord>): NonNullable<OrderAccount['entry']> => ({ seq, at: formatTime(atMs), hash, sha256 })

/** Times of one form and one zone sort as their texts do. */
const earlier = (a: string | null, b: string | null): string | null => (a === null ? b : b === null || a <= b ? a : b)

/** A cluster that several orders of one alert meant: the first time of each stage, all it has sounded, and the best that came of it. */
export function mergedClusters(a: ClusterReportView, b: ClusterReportView): ClusterReportView {
  const best = OUTCOMES.indexOf(a.outcome) <= OUTCOMES.indexOf(b.outcome) ? a : b
  const firstPlayed = earlier(a.playedAt, b.playedAt) === a.playedAt && a.playedAt !== null ? a : b
  return {
    ...best,
    late: a.late && b.late,
    online: b.online,
    awaySince: b.awaySince,
    protocol: b.protocol ?? a.protocol,
    connectedAt: earlier(a.connectedAt, b.connectedAt),
    onAirAt: earlier(a.onAirAt, b.onAirAt),
    receivedAt: earlier(a.receivedAt, b.receivedAt),
    verifiedAt: earlier(a.verifiedAt, b.verifiedAt),
    playedAt: earlier(a.playedAt, b.playedAt),
    heardAt: earlier(a.heardAt, b.heardAt),
    cutInMs: firstPlayed.cutInMs,
    soundedMs: a.soundedMs === null ? b.soundedMs : a.soundedMs + (b.soundedMs ?? 0),
  }
}

/** The clusters of several reports, each once, by code. @param reports in the sequence of their orders */
export function unionOf(reports: readonly OrderReportView[]): ClusterReportView[] {
  const clusters = new Map<string, ClusterReportView>()
  for (const report of reports) {
    for (const cluster of report.clusters) {
      const known = clusters.get(cluster.clusterId)
      clusters.set(cluster.clusterId, known === undefined ? cluster : mergedClusters(known, cluster))
    }
  }
  return [...clusters.values()].sort((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : a.clusterId < b.clusterId ? -1 : 1))
}
