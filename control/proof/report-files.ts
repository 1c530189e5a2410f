import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ClusterReportView, ReportAppendixView } from '../schemas/report.ts'
import { isRed, type Outcome, type ProofCounts } from './proof.ts'

/** What a file shows: the report of an order, or of an alert with all its orders. */
export interface ReportSheet {
  readonly title: string
  /** What stands above the table, name and value. */
  readonly facts: readonly (readonly [string, string])[]
  readonly counts: ProofCounts
  readonly clusters: readonly ClusterReportView[]
  readonly appendices: readonly ReportAppendixView[]
  /** SHA-256 of the documents that this is made of. */
  readonly sha256: readonly string[]
}

const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  heard: 'Cảm biến đã nghe thấy',
  played: 'Đã phát',
  'not-proved': 'Không chứng minh được (nghe qua HTTP)',
  muted: 'Đang tắt tiếng',
  'amplifier-off': 'Âm ly tắt',
  'sensor-silent': 'Cảm biến không nghe thấy',
  'not-verified': 'Không xác thực được chữ ký',
  'not-on-air': 'Lệnh khác chiếm sóng',
  offline: 'Mất kết nối suốt thời gian phát',
  lost: 'Mất kết nối trước khi phát',
  silent: 'Có kết nối nhưng không báo đã phát',
}

/** Rows of one turn: a few ms of work. */
const SLICE = 250
const VIETNAM_MS = 7 * 3_600_000

/** A time as it is read in Viet Nam: `18/06/2026 05:00:00.123`. */
export function localTime(text: string | null): string {
  if (text === null) return ''
  const [day = '', time = ''] = new Date(Date.parse(text) + VIETNAM_MS).toISOString().slice(0, -1).split('T')
  return `${day.split('-').reverse().join('/')} ${time}`
}

const seconds = (ms: number | null): number | '' => (ms === null ? '' : Math.round(ms / 100) / 10)

interface Column {
  readonly heading: string
  readonly cell: (cluster: ClusterReportView, later: ReadonlyMap<string, number>) => string | number
}

const COLUMNS: readonly Column[] = [
  { heading: 'Mã cụm loa', cell: ({ code }) => code },
  { heading: 'Tên cụm loa', cell: ({ name }) => name },
  { heading: 'Đơn vị', cell: ({ unitName }) => unitName },
  { heading: 'Số thuê bao', cell: ({ sim }) => sim ?? '' },
  { heading: 'Kết quả', cell: ({ outcome }) => OUTCOME_WORDS[outcome] },
  { heading: 'Vào sau', cell: ({ late }) => (late ? 'x' : '') },
  { heading: 'Lên sóng', cell: ({ onAirAt }) => localTime(onAirAt) },
  { heading: 'Đã nhận', cell: ({ receivedAt }) => localTime(receivedAt) },
  { heading: 'Đã xác thực', cell: ({ verifiedAt }) => localTime(verifiedAt) },
  { heading: 'Đã phát', cell: ({ playedAt }) => localTime(playedAt) },
  { heading: 'Đã nghe thấy', cell: ({ heardAt }) => localTime(heardAt) },
  { heading: 'Cắt vào (ms)', cell: ({ cutInMs }) => cutInMs ?? '' },
  { heading: 'Đã phát (giây)', cell: ({ soundedMs }) => seconds(soundedMs) },
  { heading: 'Mất kết nối từ', cell: ({ awaySince }) => localTime(awaySince) },
  { heading: 'Báo bổ sung sau (giây)', cell: ({ clusterId }, later) => seconds(later.get(clusterId) ?? null) },
]

/** What appendices add, ms by cluster. */
function laterOf(appendices: readonly ReportAppendixView[]): ReadonlyMap<string, number> {
  const later = new Map<string, number>()
  for (const { clusters } of appendices) for (const { clusterId, soundedMs } of clusters) later.set(clusterId, (later.get(clusterId) ?? 0) + soundedMs)
  return later
}

async function* rowsOf({ clusters, appendices }: Pick<ReportSheet, 'clusters' | 'appendices'>): AsyncGenerator<(string | number)[][]> {
  const later = laterOf(appendices)
  for (let at = 0; at < clusters.length; at += SLICE) {
    yield clusters.slice(at, at + SLICE).map((cluster) => COLUMNS.map(({ cell }) => cell(cluster, later)))
    await nextTurn()
  }
}

const HEADINGS = COLUMNS.map(({ heading }) => heading)
export const REPORT_COLUMNS = COLUMNS.length

/** As a spreadsheet, the headings first. */
export async function* reportRows(sheet: ReportSheet): AsyncGenerator<(string | number)[][]> {
  yield [HEADINGS]
  yield* rowsOf(sheet)
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string | number): string => String(text).replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter]!)

/** No script, nothing from elsewhere. */
export const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

const STYLE = `body{font:14px/1.5 system-ui,sans-serif;margin:2rem;color:#111}h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #999;padding:.2rem .4rem;text-align:left;vertical-align:top}thead{display:table-header-group}tr{break-inside:avoid}.facts{width:auto}.red td{background:#fde8e8}code{word-break:break-all}
@media print{body{margin:0;font-size:9pt}@page{size:A4 landscape;margin:12mm}}`

/** A page for printing, in Vietnamese: the sums, who did not sound, then everybody. */
export async function* reportHtml(sheet: ReportSheet): AsyncGenerator<string> {
  const { title, facts, counts, clusters, appendices, sha256 } = sheet
  const list = (rows: readonly (readonly [string, string | number])[]): string => `<table class="facts">${rows.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table>`
  yield `<!doctype html>\n<html lang="vi"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escape(title)}</title><style>${STYLE}</style>\n<h1>${escape(title)}</h1>\n${list(facts)}
<h2>Tổng hợp</h2>${list([['Cụm loa thuộc phạm vi', counts.targeted], ['Đang kết nối', counts.connected], ['Đã nhận lệnh', counts.received], ['Đã xác thực', counts.verified], ['Đã phát', counts.played], ['Cảm biến nghe thấy', counts.heard], ['Không chứng minh được', counts.notProved], ['Không phát', counts.red]])}\n`
  const red = clusters.filter(({ outcome }) => isRed(outcome))
  yield* table(`Cụm loa không phát (${String(red.length)})`, { clusters: red, appendices })
  yield* table(`Tất cả cụm loa (${String(clusters.length)})`, sheet)
  yield `<h2>Xác nhận</h2><p>${sha256.length === 0 ? 'Báo cáo chưa đóng: số liệu còn thay đổi.' : `SHA-256: ${sha256.map((hash) => `<code>${escape(hash)}</code>`).join(', ')}. Giá trị này nằm trong chuỗi băm của hệ thống; kiểm tra bằng lệnh <code>loa verify-log</code>.`}</p>\n</html>\n`
}

async function* table(heading: string, sheet: Pick<ReportSheet, 'clusters' | 'appendices'>): AsyncGenerator<string> {
  yield `<h2>${escape(heading)}</h2>`
  if (sheet.clusters.length === 0) return
  yield `<table><thead><tr>${HEADINGS.map((text) => `<th>${escape(text)}</th>`).join('')}</tr></thead><tbody>`
  let at = 0
  for await (const rows of rowsOf(sheet)) {
    yield rows.map((row) => `<tr${isRed(sheet.clusters[at++]!.outcome) ? ' class="red"' : ''}>${row.map((cell) => `<td>${escape(cell)}</td>`).join('')}</tr>\n`).join('')
  }
  yield '</tbody></table>\n'
}
