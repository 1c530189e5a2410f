import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { keyTag, type KeyClass } from '../../control/ingest-port.ts'
import { openPass, type MonitorPass, type PassHears } from '../../control/monitor-pass.ts'
import type { RoomRef } from '../../rooms/plan.ts'
import type { ClusterCredential, FanOutState, FanOutUpdate, MonitorLimit, SourceCredential } from '../link/messages.ts'

export type Refusal = 'missing-key' | 'wrong-key' | 'unknown' | 'disabled' | 'enrolled'

/** A key of a source that somebody has shown. */
export interface SourceKey {
  /** Null: the source's own. */
  readonly id: string | null
  readonly class: KeyClass
  readonly tag: string
}

/** Who listens in. */
export interface MonitorHolder {
  /** Of the token or session, whether that itself or a pass was shown. */
  readonly tokenHash: string
  readonly pass: MonitorPass | null
}

/** SHA-256 as control stores keys and tokens. They are 256-bit random, so a plain hash cannot be guessed. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret, 'utf8').digest('base64url')

const matches = (presented: string, storedHash: string): boolean => sameHash(hashSecret(presented), storedHash)

function sameHash(hash: string, storedHash: string): boolean {
  return timingSafeEqual(Buffer.from(hash), Buffer.from(storedHash.padEnd(43, '.').slice(0, 43)))
}

const isSame = (a: PassHears, b: PassHears): boolean => ('sourceId' in a ? 'sourceId' in b && a.sourceId === b.sourceId : 'clusterId' in b && a.clusterId === b.clusterId)

const NOBODY: ClusterCredential = { id: '', keyHash: hashSecret(''), enabled: false }

/** Who may listen and send, as control last told. Stays as it is while control is away. */
export class Credentials {
  readonly #clusters = new Map<string, ClusterCredential>()
  #sources: readonly SourceCredential[] = []
  #monitorTokenHashes: readonly string[] = []
  #monitorRooms: Readonly<Record<string, RoomRef>> = {}
  #monitorLimits: readonly MonitorLimit[] = []
  /** Nobody knows it before control has spoken. */
  #monitorPassKey = randomBytes(32)
  /** False until control has spoken once: nobody can be judged before. */
  ready = false
  readonly whenReady: Promise<void>
  #resolveReady: () => void = () => undefined

  constructor() {
    this.whenReady = new Promise((resolve) => {
      this.#resolveReady = resolve
    })
  }

  replace(state: FanOutState): void {
    this.#clusters.clear()
    for (const cluster of state.clusters) this.#clusters.set(cluster.id, cluster)
    this.#sources = state.studioSources
    this.#monitorTokenHashes = state.monitorTokenHashes
    this.#monitorRooms = state.monitorRooms
    this.#monitorLimits = state.monitorLimits
    this.#monitorPassKey = Buffer.from(state.monitorPassKey, 'base64url')
    this.ready = true
    this.#resolveReady()
  }

  update(update: FanOutUpdate): void {
    for (const cluster of update.clusters ?? []) this.#clusters.set(cluster.id, cluster)
    for (const id of update.removed ?? []) this.#clusters.delete(id)
    if (update.studioSources !== undefined) this.#sources = update.studioSources
    if (update.monitorTokenHashes !== undefined) this.#monitorTokenHashes = update.monitorTokenHashes
    if (update.monitorRooms !== undefined) this.#monitorRooms = update.monitorRooms
    if (update.monitorLimits !== undefined) this.#monitorLimits = update.monitorLimits
    if (update.monitorRoomsAdded !== undefined) this.#monitorRooms = { ...this.#monitorRooms, ...update.monitorRoomsAdded }
  }

  clusterIds(): Iterable<string> {
    return this.#clusters.keys()
  }

  /** Which of these clusters are known here with another key or device: whoever is connected has come with what opens nothing any more. */
  rekeyed(clusters: readonly ClusterCredential[]): string[] {
    return clusters
      .filter(({ id, keyHash, device }) => {
        const before = this.#clusters.get(id)
        if (before === undefined) return false
        // An enrolled device does not care about the key.
        return device?.publicKey !== before.device?.publicKey || (device === undefined && before.keyHash !== keyHash)
      })
      .map(({ id }) => id)
  }

  /** Which of these clusters are known here with another presentation delay: whoever is connected was told the old one. */
  redelayed(clusters: readonly ClusterCredential[]): string[] {
    return clusters.filter(({ id, presentationDelayMs }) => this.#clusters.has(id) && this.#clusters.get(id)?.presentationDelayMs !== presentationDelayMs).map(({ id }) => id)
  }

  cluster(id: string): ClusterCredential | undefined {
    return this.#clusters.get(id)
  }

  /** Unknown cluster and wrong key take the same time and give the same answer to the caller's client. */
  checkCluster(id: string, key: string | null): Refusal | null {
    if (key === null || key === '') return 'missing-key'
    const cluster = this.#clusters.get(id) ?? NOBODY
    if (!matches(key, cluster.keyHash) || cluster === NOBODY) return 'wrong-key'
    if (!cluster.enabled) return 'disabled'
    return cluster.device === undefined ? null : 'enrolled'
  }

  sourceAt(mount: string): SourceCredential | undefined {
    return this.#sources.find((source) => source.mount === mount)
  }

  /**
   * Which key of the source this is: an unknown mount and a wrong key take the same time and are the same answer.
   * @param nowSamples keys that are over by then open nothing
   */
  sourceKey(mount: string, key: string | null, nowSamples: number): SourceKey | Refusal {
    if (key === null || key === '') return 'missing-key'
    const source = this.sourceAt(mount)
    const hash = hashSecret(key)
    let found: SourceKey | undefined = sameHash(hash, source?.keyHash ?? NOBODY.keyHash) ? { id: null, class: 'normal', tag: keyTag(hash) } : undefined
    for (const other of source?.otherKeys ?? []) {
      const isIt = sameHash(hash, other.keyHash)
      if (isIt && (other.untilSamples === null || nowSamples < other.untilSamples)) found ??= { id: other.id, class: other.class, tag: keyTag(hash) }
    }
    return source === undefined || found === undefined ? 'wrong-key' : found
  }

  /**
   * In whose name somebody comes to listen in: with a token or that of a session, which open all that their holder may hear, or with a pass, which opens one thing.
   * @param nowMs ms since 1970
   */
  monitorHolder(presented: string | null, hears: PassHears, nowMs: number): MonitorHolder | Refusal {
    if (presented === null || presented === '') return 'missing-key'
    const pass = openPass(this.#monitorPassKey, presented)
    if (pass !== null && (!isSame(pass.hears, hears) || nowMs >= pass.expiresAtMs)) return 'wrong-key'
    const tokenHash = pass?.tokenHash ?? hashSecret(presented)
    return this.#isMonitor(tokenHash) ? { tokenHash, pass } : 'wrong-key'
  }

  #isMonitor(tokenHash: string): boolean {
    let found = false
    for (const hash of this.#monitorTokenHashes) found = sameHash(tokenHash, hash) || found
    return found
  }

  /**
   * @param id of a source or order
   * @param tokenHash of a token or session
   * @returns undefined also for what its holder may not hear
   */
  monitorRoom(id: string, tokenHash: string): RoomRef | undefined {
    return Object.hasOwn(this.#monitorRooms, id) && this.mayHear(id, tokenHash) ? this.#monitorRooms[id] : undefined
  }

  /** @param id of a source or order, as it came with a request that was let in */
  mayHear(id: string, tokenHash: string): boolean {
    const limit = this.#monitorLimits.find(({ sourceIds }) => sourceIds.includes(id))
    return this.#isMonitor(tokenHash) && limit?.tokenHashes.includes(tokenHash) !== false
  }
}
