import { AlarmDesk } from '../../control/alarms/alarm-desk.ts'
import { FactsObserver, type ClusterWatch, type WatchedCluster } from '../../control/alarms/observer.ts'
import { Outbox } from '../../control/alarms/outbox.ts'
import type { Broadcast, ChannelRecord, ControlClock, NotificationRecord, Notifier, SendResult, ServerHealth, Store } from '../../control/ports.ts'

type Send = (channel: ChannelRecord, notifications: readonly NotificationRecord[]) => SendResult | Promise<SendResult>

/** The alarms of a server whose clusters, measurements and receivers are what the test says. */
export class FakeAlarms {
  /** Clusters that have something; of all others it is known that they work. */
  readonly clusters = new Map<string, WatchedCluster>()
  health: ServerHealth = { disks: [], certificates: [], integrity: null, backup: null }
  /** What receivers answer; by default they take everything. */
  send: Send = () => ({ ok: true })
  readonly sent: { readonly channelId: string; readonly notifications: readonly NotificationRecord[] }[] = []
  readonly errors: unknown[] = []
  readonly outbox: Outbox
  readonly desk: AlarmDesk
  readonly notifier: Notifier
  readonly observer: FactsObserver
  readonly #store: Store

  constructor(store: Store, broadcast: Broadcast, clock: ControlClock, random: () => number = () => 0.5) {
    this.#store = store
    const onError = (error: unknown): void => void this.errors.push(error)
    this.notifier = {
      isReady: () => true,
      send: async (channel, notifications) => {
        this.sent.push({ channelId: channel.id, notifications })
        return await this.send(channel, notifications)
      },
    }
    const watch: ClusterWatch = {
      reports: () => [...this.clusters.values()],
      counts: (unitId) => ({ total: store.clusters.idsWithin([unitId]).length, byState: {} }),
    }
    this.outbox = new Outbox({ store, notifier: this.notifier, clock, random, onError })
    this.observer = new FactsObserver({ store, broadcast, watch, health: { health: () => this.health }, outbox: this.outbox, clock })
    this.desk = new AlarmDesk({ store, observer: this.observer, outbox: this.outbox, clock, onError })
  }

  /** For `createControlApp`. */
  get ports(): { readonly alarms: AlarmDesk; readonly outbox: Outbox; readonly notifier: Notifier } {
    return { alarms: this.desk, outbox: this.outbox, notifier: this.notifier }
  }

  lose(clusterId: string, sinceMs: number): void {
    this.report(clusterId, { state: 'lost', sinceMs, conditions: [] })
  }

  report(clusterId: string, report: Pick<WatchedCluster, 'state' | 'sinceMs' | 'conditions'>): void {
    this.clusters.set(clusterId, { ...report, clusterId, unitId: this.#store.clusters.get(clusterId)!.unitId })
  }

  close(): void {
    this.desk.close()
    this.outbox.close()
    this.observer.close()
  }
}
