import { Type } from 'typebox'
import { alarmMetrics } from '../alarms/alarm-metrics.ts'
import { PUBLIC, somewhere } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { named, problems } from '../schemas/common.ts'
import { Health, Readiness, Setup, Status, type SetupView, type StatusView } from '../schemas/status.ts'
import { formatTime } from '../time.ts'

const tags = ['status']
const MOST_PEOPLE = 50

export function statusRoutes(app: ControlApp, { store, broadcast, clock, hub, outbox, config, version, startedAtMs }: Context): void {
  app.get('/v1/status', {
    config: { access: somewhere('view') },
    schema: { tags, summary: 'How the server is doing', response: { 200: named(Status), ...problems(401) } },
  }, (): StatusView => {
    const nowMs = clock.wallMs()
    const info = broadcast.status()
    const { ready, problems: faults } = broadcast.ready()
    return {
      version,
      now: formatTime(nowMs),
      startedAt: formatTime(startedAtMs),
      ready,
      problems: [...faults],
      clusters: { ...store.clusters.count(), online: info.clustersOnline },
      orders: store.orders.count(nowMs),
      connections: { total: info.connections, byFormat: { ...info.connectionsByFormat } },
      programmes: info.programmes,
      encoders: info.encoders,
      framesTotal: info.framesTotal,
      bytesTotal: info.bytesTotal,
      latenessMaxMs: info.latenessMaxMs,
      gapFramesTotal: info.gapFramesTotal,
      skipsTotal: info.skipsTotal,
      frozenTotal: info.frozenTotal,
      replacedTotal: info.replacedTotal,
      refusedTotal: info.refusedTotal,
      lastCut: info.lastCut === null ? null : { orderId: info.lastCut.orderId, listeners: info.lastCut.listeners, elapsedMs: info.lastCut.elapsedMs, at: formatTime(info.lastCut.atMs) },
      processes: info.processes.map(({ role, index, pid, connected, cpuMsTotal, rssBytes }) => ({ role, index, pid, connected, cpuMsTotal, rssBytes })),
      watchers: { open: hub.open, cutTotal: hub.cutTotal },
    }
  })

  app.get('/v1/setup', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'What a page must know before anybody has logged in', security: [], response: { 200: named(Setup) } },
  }, (): SetupView => {
    const { practicePassword, practiceUrl } = config
    return {
      firstStart: store.users.list({ after: null, limit: 1 }).items.length === 0,
      practice: practicePassword === '' ? null : { password: practicePassword, people: store.users.list({ after: null, limit: MOST_PEOPLE }).items.map(({ login, name, grants }) => ({ login, name, roles: grants.map(({ role, unitId }) => ({ role, unitId })) })) },
      practiceUrl: practiceUrl === '' ? null : practiceUrl,
    }
  })

  app.get('/healthz', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'Whether the process is alive', security: [], response: { 200: named(Health) } },
  }, () => ({ status: 'ok' as const }))

  app.get('/readyz', {
    config: { access: PUBLIC },
    schema: { tags, summary: 'Whether it does its work', description: '503 while it starts, drains, or lacks a role.', security: [], response: { 200: named(Readiness), 503: named(Readiness) } },
  }, (_request, reply) => {
    const { ready, problems: faults } = broadcast.ready()
    void reply.status(ready ? 200 : 503).send({ ready, problems: [...faults] })
  })

  app.get('/metrics', {
    config: { access: somewhere('view'), openToLoopback: true },
    schema: { tags, summary: 'Counters for Prometheus', description: 'No token is needed from the machine itself.', produces: ['text/plain'], response: { 200: Type.String(), ...problems(401) } },
  }, async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await broadcast.metrics() + alarmMetrics(store, outbox.droppedTotal, clock.wallMs())))
}
