import type { ClusterRecord, UnitRecord } from '../records.ts'
import type { Store } from '../store-port.ts'
import type { AlertPeople } from './alert-port.ts'

type Unit = Pick<UnitRecord, 'id' | 'parentId' | 'people'>
type Place = Pick<ClusterRecord, 'id' | 'unitId'>

export const NOBODY_COUNTED: AlertPeople = { known: null, units: 0, unknownUnits: 0 }

/**
 * How many people live in the units that an alert reaches. One that is wholly meant counts with its own number, else with the nearest ones below it; of one that
 * is meant in part those below that are reached are counted, and itself, with its own number, only where nothing stands below it. So nobody is counted twice, and
 * a province is not counted for the one cluster at its hall.
 * @param clusters all that anything may mean; a unit is wholly meant when all of these in it are, and each unit below has some, or is served by its own
 * @param named units that are meant as such, with all below them, also where nothing stands yet; one without any cluster is not reached
 */
export function countPeople(units: readonly Unit[], clusters: readonly Place[], meant: ReadonlySet<string>, named: ReadonlySet<string>): AlertPeople {
  const known = new Set(units.map(({ id }) => id))
  const below = Map.groupBy(units, ({ parentId }) => (parentId !== null && known.has(parentId) ? parentId : null))
  const own = Map.groupBy(clusters, ({ unitId }) => unitId)
  const childrenOf = (id: string): readonly Unit[] => below.get(id) ?? []

  const reached = new Map<string, Reached>()
  const look = (unit: Unit): Reached => {
    const here = own.get(unit.id) ?? []
    const children = childrenOf(unit.id).map(look)
    const some = here.some(({ id }) => meant.has(id))
    const all = here.every(({ id }) => meant.has(id))
    // Where a unit has clusters of its own, units below that have none hear these.
    const whole = here.length > 0 ? all && children.every((child) => child.is === 'whole' || child.is === 'bare') : children.length > 0 && children.every((child) => child.is === 'whole')
    const bare = here.length === 0 && children.every((child) => child.is === 'bare')
    const touched = some || children.some((child) => child.is === 'whole' || child.is === 'part')
    const found: Reached = { is: bare ? 'bare' : named.has(unit.id) || whole ? 'whole' : touched ? 'part' : 'none', here: some }
    reached.set(unit.id, found)
    return found
  }

  const wholly = (unit: Unit): AlertPeople => {
    if (unit.people !== null) return { known: unit.people, units: 1, unknownUnits: 0 }
    const inside = sum(childrenOf(unit.id).map(wholly))
    return inside.known === null ? { known: null, units: 1, unknownUnits: 1 } : inside
  }
  const count = (unit: Unit): AlertPeople => {
    const { is, here } = reached.get(unit.id)!
    const children = childrenOf(unit.id)
    if (is === 'whole' || (is === 'part' && children.length === 0)) return wholly(unit)
    if (is !== 'part') return NOBODY_COUNTED
    return sum([...children.map(count), here ? { known: null, units: 1, unknownUnits: 1 } : NOBODY_COUNTED])
  }

  const roots = below.get(null) ?? []
  for (const root of roots) look(root)
  return sum(roots.map(count))
}

/** `bare`: no cluster stands there. `here`: a cluster of the unit itself is meant. */
interface Reached {
  readonly is: 'whole' | 'part' | 'none' | 'bare'
  readonly here: boolean
}

const sum = (all: readonly AlertPeople[]): AlertPeople => all.reduce((total, one) => ({
  known: one.known === null ? total.known : (total.known ?? 0) + one.known,
  units: total.units + one.units,
  unknownUnits: total.unknownUnits + one.unknownUnits,
}), NOBODY_COUNTED)

/** The same, from what stands in the store now. */
export function peopleReached(named: readonly string[], clusterIds: readonly string[], { units, clusters }: Pick<Store, 'units' | 'clusters'>): AlertPeople {
  const standing = units.all().filter(({ endedAtMs }) => endedAtMs === null)
  return countPeople(standing, clusters.places(clusterIds), new Set(clusterIds), new Set(named))
}
