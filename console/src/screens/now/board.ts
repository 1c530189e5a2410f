import type { Schemas } from '../../../../control/client/index.ts'
import type { PointLook } from '../../parts/map/types.ts'

type Page = Schemas['ClusterBoard']
type Item = Page['items'][number]
export type OnAirOrder = Page['orders'][number]
export type WorkingState = Item['state']

/** A cluster as the board shows it. A row is never changed: a new one takes its place. */
export interface BoardRow extends Item {
  readonly look: PointLook
}

export interface BoardSnapshot {
  readonly rows: readonly BoardRow[]
  readonly orders: ReadonlyMap<string, OnAirOrder>
  /** Something has been read at all. */
  readonly isReady: boolean
}

/** What is told of an event, see `LoaEvent`. */
interface Happened {
  readonly type: string
  readonly data: Readonly<Record<string, unknown>>
}

const FAULTY: ReadonlySet<WorkingState> = new Set(['silent', 'out-of-step', 'muted'])
const AWAY: ReadonlySet<WorkingState> = new Set(['lost', 'unknown', 'never-seen', 'out-of-use'])

/** Exercises and tests cut whatever is on the air too, but nobody must take them for real. */
export const isRealEmergency = (order: Pick<OnAirOrder, 'class' | 'alert'>): boolean => order.class === 'emergency' && (order.alert?.kind ?? 'real') === 'real'

/** What is wrong goes before what is on air: a cluster that should sound and does not must be seen, above all in an emergency. */
export function lookOf(state: WorkingState, order: OnAirOrder | undefined): PointLook {
  if (FAULTY.has(state) || (state === 'lost' && order !== undefined)) return 'fault'
  if (AWAY.has(state)) return 'offline'
  if (order === undefined) return 'quiet'
  return isRealEmergency(order) || order.class !== 'emergency' ? order.class : 'exercise'
}

/**
 * All clusters, kept current by events: they name who has changed, so that nothing is read again for them. What happens while the list is being read
 * is kept and told once more after it, since nobody knows which of both came first.
 */
export class Board {
  readonly #rows = new Map<string, BoardRow>()
  readonly #orders = new Map<string, OnAirOrder>()
  #waiting: Happened[] | null = null
  #isReady = false
  #snapshot: BoardSnapshot = { rows: [], orders: new Map(), isReady: false }
  #isChanged = false

  /** To be called before the list is asked for. */
  beginReading(): void {
    this.#waiting = []
  }

  /** The reading failed: what was known stays. @returns as `take` */
  endReading(): boolean {
    const waiting = this.#waiting ?? []
    this.#waiting = null
    return waiting.map((happened) => this.take(happened)).includes(true)
  }

  /** @param pages all that there are. @returns as `take`: who is new may have come behind the page that was being read */
  read(pages: readonly Page[]): boolean {
    this.#orders.clear()
    for (const { orders } of pages) for (const order of orders) this.#orders.set(order.orderId, order)
    this.#rows.clear()
    for (const { items } of pages) for (const item of items) this.#put(item)
    this.#isReady = this.#isChanged = true
    return this.endReading()
  }

  /** @returns whether the list must be read again: events were missed, or somebody is named whom it does not hold */
  take(happened: Happened): boolean {
    if (happened.type === 'gap') return true
    if (happened.type !== 'on-air' && happened.type !== 'state') return false
    if (this.#waiting !== null) {
      this.#waiting.push(happened)
      return false
    }
    if (!this.#isReady) return false
    return happened.type === 'on-air' ? this.#onAir(happened.data) : this.#state(happened.data)
  }

  /** The same object until something has changed. */
  snapshot(): BoardSnapshot {
    if (this.#isChanged) {
      this.#isChanged = false
      this.#snapshot = { rows: [...this.#rows.values()], orders: new Map(this.#orders), isReady: this.#isReady }
    }
    return this.#snapshot
  }

  #onAir(data: Happened['data']): boolean {
    const { clusterIds, onAir } = data as { readonly clusterIds: readonly string[]; readonly onAir: OnAirOrder | null }
    if (onAir !== null) this.#orders.set(onAir.orderId, onAir)
    return this.#each(clusterIds, (row) => ({ ...row, orderId: onAir?.orderId ?? null }))
  }

  #state(data: Happened['data']): boolean {
    const { clusterIds, state, online, conditions } = data as { readonly clusterIds: readonly string[] } & Pick<Item, 'state' | 'online' | 'conditions'>
    return this.#each(clusterIds, (row) => ({ ...row, state, online, conditions }))
  }

  #each(clusterIds: readonly string[], change: (row: Item) => Item): boolean {
    let isStrange = false
    for (const id of clusterIds) {
      const row = this.#rows.get(id)
      if (row === undefined) isStrange = true
      else this.#put(change(row))
    }
    this.#isChanged = true
    return isStrange
  }

  #put(item: Item): void {
    this.#rows.set(item.id, { ...item, look: lookOf(item.state, item.orderId === null ? undefined : this.#orders.get(item.orderId)) })
  }
}
