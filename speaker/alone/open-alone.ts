import { join } from 'node:path'
import type { RequestOptions } from 'node:https'
import { LogSender } from '../log/log-sender.ts'
import { PlayLog, type PlayLogStatus } from '../log/play-log.ts'
import type { AloneSource, CommandResult, Identity, LocalClock, OnAir, Readings, SignedMessage } from '../ports.ts'
import { Alone } from './alone-source.ts'
import { BundleKeeper, type BundleStatus } from './bundle-keeper.ts'
import { httpFiles } from './http-files.ts'

const HOUSE_EPOCH_MS = Date.UTC(2026, 0, 1)

export interface OpenAloneOptions {
  /** The device's folder; the bundle stands in `bundle/`, the play log in `log/`. */
  readonly stateDir: string
  readonly clock: LocalClock
  /** For the order of last use only. */
  readonly wallMs: () => number
  readonly server: string
  readonly tls?: RequestOptions
  readonly identity: Identity
  /** As the gate says it; the log keeps it with each entry. */
  readonly verifies: boolean
  /** Of the gate; left out: the device has no key to check a bundle by, and keeps none. */
  readonly verifyStored?: (envelope: SignedMessage, houseUs: number) => unknown
  /** House time by the device's clock, µs; null while it is not known. */
  readonly houseUs: () => number | null
  /** Between a place on the house clock and its hearing. */
  readonly presentationDelayMs: () => number
  /** To the server; does nothing while there is no connection. */
  readonly send: (message: object) => void
  readonly readings?: () => Readings
  readonly fallback?: (isOn: boolean) => Promise<boolean>
  readonly playsFillers?: boolean
  readonly quotaBytes?: number
}

export interface StorageStatus {
  readonly fault?: string
  readonly bundleUntil?: string
  readonly filesMissing: number
  readonly corruptTotal: number
  readonly cacheBytes: number
  readonly logWaiting: number
}

export interface OpenedAlone {
  readonly source: AloneSource
  readonly playLog: PlayLog
  /** For the gate: a bundle whose envelope is good. */
  readonly onBundle: (envelope: SignedMessage, body: unknown) => Promise<boolean>
  readonly refreshBundle: () => Promise<CommandResult>
  /** What is kept, what waits to be sent, and what the disk does not do. */
  readonly status: () => { readonly bundle: BundleStatus; readonly log: PlayLogStatus }
  /** The same for the device's status message: `storage` in server/protocol.md. */
  readonly storage: () => StorageStatus
  /** Ends the run that is being logged, and all files. Idempotent. */
  readonly close: () => Promise<void>
}

/**
 * Everything a device keeps on its disk for the time alone and for the proof of sound, put together.
 * @throws when the folder cannot be used
 */
export async function openAlone(options: OpenAloneOptions): Promise<OpenedAlone> {
  const { clock, identity, readings } = options
  const playLog = await PlayLog.open(join(options.stateDir, 'log'), { clock, verifies: options.verifies, ...(readings === undefined ? {} : { isHeard: (sinceHouseUs: number) => isHeard(readings(), clock, options.houseUs(), sinceHouseUs) }) })
  const sender = new LogSender(playLog, clock)
  const houseMs = (): number | null => {
    const houseUs = options.houseUs()
    return houseUs === null ? null : HOUSE_EPOCH_MS + houseUs / 1000
  }
  const keeper = await BundleKeeper.open({
    folder: join(options.stateDir, 'bundle'),
    clock,
    wallMs: options.wallMs,
    fetchFile: httpFiles({ server: options.server, identity, clock, houseMs, ...(options.tls === undefined ? {} : { tls: options.tls }) }),
    verifyStored: options.verifyStored ?? (() => null),
    ...(options.quotaBytes === undefined ? {} : { quotaBytes: options.quotaBytes }),
  })
  const alone = new Alone({
    clock,
    keeper,
    nowPlace: () => {
      const houseUs = options.houseUs()
      return houseUs === null ? null : Math.floor((houseUs / 1000 - options.presentationDelayMs()) * 48)
    },
    ...(options.playsFillers === undefined ? {} : { playsFillers: options.playsFillers }),
    ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
    message(message) {
      if (message['type'] !== 'log-ack') return false
      const { logId, number } = message
      if (typeof logId === 'string' && typeof number === 'number') sender.acknowledged(logId, number)
      return true
    },
  })
  let closing: Promise<void> | null = null
  return {
    playLog,
    source: {
      read: (block, housePlace, missingMs) => alone.read(block, housePlace, missingMs),
      onAir: (onAir: OnAir | null) => { alone.onAir(onAir) },
      message: (message) => alone.message(message),
      volumePercentAt: (housePlace) => alone.volumePercentAt(housePlace),
      connected(isConnected) {
        alone.connected(isConnected)
        if (isConnected) sender.connected(options.send)
        else sender.disconnected()
      },
    },
    onBundle: (envelope, body) => keeper.take(envelope, body),
    async refreshBundle() {
      const wrong = await keeper.refresh()
      return { result: 'done', ...(wrong === 0 ? {} : { reason: `${String(wrong)} files were wrong and are fetched again` }) }
    },
    status: () => ({ bundle: keeper.status(), log: playLog.status() }),
    storage: () => storageOf(keeper.status(), playLog.status()),
    close() {
      closing ??= (async () => {
        sender.disconnected()
        await alone.close()
        await playLog.close()
      })()
      return closing
    },
  }
}

/** A reading begun before the sound may tell of another one. */
function isHeard({ heard, heardFromMs }: Readings, clock: LocalClock, houseUs: number | null, sinceHouseUs: number): boolean | undefined {
  if (heard !== true || heardFromMs === undefined) return heard
  return houseUs !== null && houseUs - (clock.monotonicMs() - heardFromMs) * 1000 >= sinceHouseUs
}

function storageOf(bundle: BundleStatus, log: PlayLogStatus): StorageStatus {
  const fault = log.fault === null ? bundle.fault : log.fault === 'disk-full' ? 'SPEAKER_ERR_DISK_FULL' : 'SPEAKER_ERR_DISK'
  return {
    ...(fault === null ? {} : { fault }),
    ...(bundle.validUntil === null ? {} : { bundleUntil: bundle.validUntil }),
    filesMissing: bundle.filesMissing,
    corruptTotal: bundle.corruptTotal,
    cacheBytes: bundle.cacheBytes,
    logWaiting: log.waiting,
  }
}
