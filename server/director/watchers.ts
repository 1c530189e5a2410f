import type { BroadcastEvent, BroadcastWatcher } from '../../control/ports.ts'

/** Hands what happens to everybody who watches, at once. */
export class Watchers {
  readonly #listeners = new Set<(event: BroadcastEvent) => void>()
  readonly #watchers = new Set<BroadcastWatcher>()

  /** @returns ends it */
  subscribe(listener: (event: BroadcastEvent) => void): () => void {
    return addTo(this.#listeners, listener)
  }

  /** @returns ends it */
  watch(watcher: BroadcastWatcher): () => void {
    return addTo(this.#watchers, watcher)
  }

  readonly emit = (event: BroadcastEvent): void => {
    for (const listener of this.#listeners) listener(event)
  }

  readonly speaker: BroadcastWatcher['speaker'] = (info) => {
    for (const watcher of this.#watchers) watcher.speaker(info)
  }

  readonly registry: BroadcastWatcher['registry'] = (clusterIds) => {
    for (const watcher of this.#watchers) watcher.registry(clusterIds)
  }
}

function addTo<T>(all: Set<T>, one: T): () => void {
  all.add(one)
  return () => {
    all.delete(one)
  }
}
