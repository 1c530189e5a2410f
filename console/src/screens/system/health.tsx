import { useState } from 'react'
import type { Schemas } from '../../../../control/client/index.ts'
import { api } from '../../api/client.ts'
import { DataTable } from '../../kit/data-table.tsx'
import { Badge, Loaded, Notice, Progress } from '../../kit/surfaces.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { areManyAway, endsSoon, isLate, isNearlyFull } from './health-judge.ts'
import { healthWords } from './health-words.ts'
import { words } from './words.ts'

const AGAIN_MS = 10_000
const PARTS = { control: ['control', 'controlDoes'], engine: ['engine', 'engineDoes'], 'fan-out': ['fanOut', 'fanOutDoes'], recorder: ['recorder', 'recorderDoes'], phone: ['phone', 'phoneDoes'] } as const

/** How the server is: what is wrong first, then each figure with what is normal, or what to do. */
export function ServerHealth() {
  const say = useWords(words)
  const status = api.useQuery('get', '/v1/status', {}, { refetchInterval: AGAIN_MS })
  const health = api.useQuery('get', '/v1/server-health', {}, { refetchInterval: AGAIN_MS })
  return (
    <>
      <Loaded query={status}>{(now) => (
        <>
          <Notice tone={now.ready && now.problems.length === 0 ? 'good' : 'bad'}><strong>{say(now.ready ? 'ready' : 'notReady')}</strong>{now.problems.length > 0 && <ul>{now.problems.map((problem) => <li key={problem}>{problem}</li>)}</ul>}</Notice>
          <Figures status={now} />
          <Parts processes={now.processes} />
        </>
      )}</Loaded>
      <Loaded query={health}>{(found) => <Files health={found} />}</Loaded>
    </>
  )
}

function Figures({ status }: { readonly status: Schemas['Status'] }) {
  const say = useWords(words)
  const sayHealth = useWords(healthWords)
  const { number, dayTime } = useFormats()
  const { version, startedAt, clusters, orders, latenessMaxMs } = status
  const figures = [
    { title: sayHealth('online'), value: `${number(clusters.online)} / ${number(clusters.enabled)}`, normal: sayHealth('onlineNormal'), act: sayHealth('onlineDo'), isBad: areManyAway(status) },
    { title: sayHealth('onAir'), value: number(orders.onAir), normal: sayHealth('onAirNormal'), act: sayHealth('onAirDo') },
    { title: sayHealth('scheduled'), value: number(orders.scheduled), normal: sayHealth('scheduledNormal'), act: sayHealth('scheduledDo') },
    { title: sayHealth('lateness'), value: say('ms', { value: number(latenessMaxMs, 1) }), normal: sayHealth('latenessNormal'), act: sayHealth('latenessDo'), isBad: isLate(status) },
    { title: sayHealth('startedAt'), value: dayTime(startedAt), normal: sayHealth('startedNormal') },
    { title: sayHealth('version'), value: version, normal: sayHealth('versionNormal') },
  ]
  return (
    <div className="system-counts">
      {figures.map(({ title, value, normal, act, isBad = false }) => (
        <section key={title} className="card stack tight">
          <h3 className="quiet small">{title}</h3><p className="system-count">{value}</p><p className="small quiet">{normal}</p>
          {isBad ? <Notice tone="warn"><strong>{sayHealth('toDo')}:</strong> {act}</Notice> : act !== undefined && <p className="small quiet">{act}</p>}
        </section>
      ))}
    </div>
  )
}

function Parts({ processes }: { readonly processes: Schemas['Status']['processes'] }) {
  const sayHealth = useWords(healthWords)
  const say = useWords(words)
  const { number, bytes } = useFormats()
  return (
    <section className="stack tight">
      <h2>{sayHealth('parts')}</h2>
      <p className="quiet">{sayHealth('partsHelp')}</p>
      <DataTable label={sayHealth('parts')} rows={processes} keyOf={({ role, index }) => `${role} ${String(index)}`} columns={[
        { id: 'part', title: sayHealth('part'), cell: ({ role, index }) => <>{sayHealth(PARTS[role][0])} {index > 0 && index + 1} <span className="small quiet">({role})</span></> },
        { id: 'does', title: sayHealth('does'), cell: ({ role }) => sayHealth(PARTS[role][1]) },
        { id: 'connected', title: say('connected'), cell: ({ connected }) => <Badge tone={connected ? 'good' : 'warn'}>{sayHealth(connected ? 'works' : 'gone')}</Badge> },
        { id: 'cpu', title: sayHealth('cpu'), isNumber: true, cell: ({ cpuMsTotal }) => sayHealth('cpuText', { value: number(cpuMsTotal / 1000) }) },
        { id: 'memory', title: sayHealth('memory'), isNumber: true, cell: ({ rssBytes }) => bytes(rssBytes) },
      ]} />
      <p className="small quiet">{sayHealth('memoryHint')}</p>
    </section>
  )
}

function Files({ health: { disks, certificates, integrity } }: { readonly health: Schemas['ServerHealth'] }) {
  const say = useWords(words)
  const sayHealth = useWords(healthWords)
  const { bytes, day, dayTime } = useFormats()
  const [nowMs] = useState(() => Date.now())
  return (
    <div className="columns">
      <section className="card stack tight">
        <h2>{say('disk')}</h2>
        {disks.length === 0 && <p className="quiet">{say('notYet')}</p>}
        {disks.map((disk) => <div key={disk.name} className="stack tight"><p>{say('freeOf', { free: bytes(disk.freeBytes), total: bytes(disk.totalBytes) })}</p><p className="small quiet">{disk.name}</p><Progress label={`${say('disk')} ${disk.name}`} share={disk.totalBytes === 0 ? 0 : 1 - disk.freeBytes / disk.totalBytes} />{isNearlyFull(disk) ? <Notice tone="warn">{sayHealth('diskBad')}</Notice> : <p className="small quiet">{sayHealth('diskGood')}</p>}</div>)}
      </section>
      <section className="card stack tight">
        <h2>{say('integrity')}</h2>
        {integrity === null ? <p className="quiet">{say('notYet')}</p> : integrity.problems.length === 0 ? <p>{say('integrityRight', { time: dayTime(integrity.at) })}</p> : <Notice tone="bad"><ul>{integrity.problems.map((problem) => <li key={problem}>{problem}</li>)}</ul></Notice>}
        <p className="small quiet">{sayHealth('integrityHelp')}</p>
      </section>
      <section className="card stack tight">
        <h2>{say('certificates')}</h2>
        {certificates.length === 0 && <p className="quiet">{sayHealth('noCertificates')}</p>}
        {certificates.map(({ name, endsAt }) => <div key={name} className="stack tight"><p>{name}: {Date.parse(endsAt) === 0 ? say('unreadable') : say('endsAt', { day: day(endsAt) })}</p>{endsSoon(endsAt, nowMs) ? <Notice tone="warn">{sayHealth('certificateBad')}</Notice> : <p className="small quiet">{sayHealth('certificateGood')}</p>}</div>)}
      </section>
    </div>
  )
}
