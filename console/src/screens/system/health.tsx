import { api } from '../../api/client.ts'
import { DataTable } from '../../kit/data-table.tsx'
import { Badge, Loaded, Notice, Progress } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { words } from './words.ts'

const AGAIN_MS = 10_000

/** How the server is: what is wrong first, then its processes, disk, certificates and database. */
export function ServerHealth() {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const formats = useFormats()
  const { number, bytes, day, dayTime } = formats
  const status = api.useQuery('get', '/v1/status', {}, { refetchInterval: AGAIN_MS })
  const health = api.useQuery('get', '/v1/server-health', {}, { refetchInterval: AGAIN_MS })
  return (
    <>
      <Loaded query={status}>{({ ready, problems, version, startedAt, clusters, orders, latenessMaxMs, processes }) => (
        <>
          <Notice tone={ready && problems.length === 0 ? 'good' : 'bad'}><strong>{say(ready ? 'ready' : 'notReady')}</strong>{problems.length > 0 && <ul>{problems.map((problem) => <li key={problem}>{problem}</li>)}</ul>}</Notice>
          <dl className="system-counts">
            {([['online', `${number(clusters.online)} / ${number(clusters.enabled)}`], ['onAir', number(orders.onAir)], ['scheduledOrders', number(orders.scheduled)], ['lateness', say('ms', { value: number(latenessMaxMs, 1) })], ['version', version], ['startedAt', dayTime(startedAt)]] as const).map(([key, value]) => <div key={key} className="card"><dt className="quiet small">{say(key)}</dt><dd>{value}</dd></div>)}
          </dl>
          <h2>{say('processes')}</h2>
          <DataTable label={say('processes')} rows={processes} keyOf={({ role, index }) => `${role} ${String(index)}`} columns={[
            { id: 'role', title: say('process'), cell: ({ role, index }) => `${role} ${String(index)}` },
            { id: 'connected', title: say('connected'), cell: ({ connected }) => <Badge tone={connected ? 'good' : 'warn'}>{say(connected ? 'yesWord' : 'noWord')}</Badge> },
            { id: 'cpu', title: say('cpu'), isNumber: true, cell: ({ cpuMsTotal }) => say('cpuSince', { value: number(cpuMsTotal / 1000) }) },
            { id: 'memory', title: say('memory'), isNumber: true, cell: ({ rssBytes }) => bytes(rssBytes) },
          ]} />
        </>
      )}</Loaded>
      <Loaded query={health}>{({ disks, certificates, integrity }) => (
        <div className="columns">
          <section className="card stack tight"><h2>{say('disk')}</h2>{disks.length === 0 && <p className="quiet">{say('notYet')}</p>}{disks.map(({ name, freeBytes, totalBytes }) => <div key={name}><p>{say('freeOf', { free: bytes(freeBytes), total: bytes(totalBytes) })}</p><p className="small quiet">{name}</p><Progress label={say('disk')} share={totalBytes === 0 ? 0 : 1 - freeBytes / totalBytes} /></div>)}</section>
          <section className="card stack tight"><h2>{say('integrity')}</h2>{integrity === null ? <p className="quiet">{say('notYet')}</p> : integrity.problems.length === 0 ? <p>{say('integrityRight', { time: dayTime(integrity.at) })}</p> : <Notice tone="bad"><ul>{integrity.problems.map((problem) => <li key={problem}>{problem}</li>)}</ul></Notice>}</section>
          <section className="card stack tight"><h2>{say('certificates')}</h2>{certificates.length === 0 ? <p className="quiet">{sayCommon('none')}</p> : certificates.map(({ name, endsAt }) => <p key={name}>{name}: {Date.parse(endsAt) === 0 ? say('unreadable') : say('endsAt', { day: day(endsAt) })}</p>)}</section>
        </div>
      )}</Loaded>
    </>
  )
}
