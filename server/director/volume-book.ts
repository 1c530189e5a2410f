import type { Policy, Store } from '../../control/ports.ts'
import { FRAME_ZONE } from '../../control/policy/level-frames.ts'
import { effectivePolicy } from '../../control/policy/policy.ts'
import { volumeWeek, type VolumeStretch } from '../../control/policy/volume-hours.ts'
import { instantOf } from '../../control/schedule/calendar.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { HOUSE_EPOCH_WALL_MS } from '../../rooms/house-clock.ts'

/** As devices get it: see «Volume by hour» in server/protocol.md. */
export interface VolumeHours {
  /** House sample at which a week begins; it goes round from there. */
  readonly weekFromSamples: number
  readonly hours: readonly VolumeStretch[]
}

/** Any Monday will do. */
const MONDAY_MS = instantOf('2026-01-05', '00:00:00', FRAME_ZONE)

/** At which part of its volume each cluster plays when, by the policies of its unit and those above. */
export class VolumeBook {
  readonly #store: Pick<Store, 'units' | 'clusters' | 'policies'>
  /** Wall time minus house time, ms. */
  readonly #offsetMs: () => number
  #policies: ReadonlyMap<string, Policy> | null = null
  readonly #ofCluster = new Map<string, readonly VolumeStretch[]>()
  readonly #ofUnit = new Map<string, readonly VolumeStretch[]>()

  constructor(store: Pick<Store, 'units' | 'clusters' | 'policies'>, offsetMs: () => number) {
    this.#store = store
    this.#offsetMs = offsetMs
  }

  /** Policies, units or clusters have changed. */
  forget(): void {
    this.#policies = null
    this.#ofCluster.clear()
    this.#ofUnit.clear()
  }

  /** Null: always full volume. */
  of(clusterId: string): VolumeHours | null {
    this.#policies ??= new Map([...this.#store.policies.all()].filter(([, { volume }]) => volume !== null))
    if (this.#policies.size === 0) return null
    let hours = this.#ofCluster.get(clusterId)
    if (hours === undefined) this.#ofCluster.set(clusterId, (hours = this.#hoursOf(this.#store.clusters.get(clusterId)?.unitId, this.#policies)))
    if (hours.length === 0) return null
    // To the second: a wall clock that is drawn along slowly would otherwise make new bundles all the time.
    return { weekFromSamples: msToSamples(MONDAY_MS - HOUSE_EPOCH_WALL_MS - Math.round(this.#offsetMs() / 1000) * 1000), hours }
  }

  #hoursOf(unitId: string | undefined, policies: ReadonlyMap<string, Policy>): readonly VolumeStretch[] {
    if (unitId === undefined) return []
    let hours = this.#ofUnit.get(unitId)
    if (hours === undefined) this.#ofUnit.set(unitId, (hours = volumeWeek(effectivePolicy(this.#store.units.ancestors(unitId), (id) => policies.get(id)).volume ?? [])))
    return hours
  }
}
