import type { Store } from '../store-port.ts'

/** Alarms and the queue of notifications in Prometheus' text format. */
export function alarmMetrics({ alarms, notifications }: Pick<Store, 'alarms' | 'notifications'>, droppedTotal: number, nowMs: number): string {
  const counts = alarms.count({})
  const queues = notifications.queues()
  const gauge = (name: string, help: string, lines: readonly string[]): string => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.map((line) => `${name}${line}\n`).join('')}`
  return [
    '\n',
    gauge('loa_alarms_open', 'Open alarms', counts.map(({ rule, severity, open }) => `{rule="${rule}",severity="${severity}"} ${String(open)}`)),
    gauge('loa_alarms_unacknowledged', 'Open alarms that nobody has acknowledged', counts.map(({ rule, severity, unacknowledged }) => `{rule="${rule}",severity="${severity}"} ${String(unacknowledged)}`)),
    gauge('loa_notifications_pending', 'Notifications that wait for their channel', queues.map(({ channelId, pending }) => `{channel="${channelId}"} ${String(pending)}`)),
    gauge('loa_notifications_oldest_seconds', 'How long the oldest of them has waited', queues.map(({ channelId, oldestMs }) => `{channel="${channelId}"} ${String(Math.max(0, nowMs - oldestMs) / 1000)}`)),
    `# HELP loa_notifications_dropped_total Notifications thrown away because too many waited\n# TYPE loa_notifications_dropped_total counter\nloa_notifications_dropped_total ${String(droppedTotal)}\n`,
  ].join('')
}
