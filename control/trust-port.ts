import type { Targets } from './records.ts'
import type { Page, PageQuery } from './store-port.ts'

/** Devices, their commands, and the keys they believe: records and ports. */

/** A device that proves itself with a key pair of its own; a cluster has one that counts. */
export interface DeviceRecord {
  /** First 16 bytes of the SHA-256 of the public key, base64url. */
  readonly id: string
  readonly clusterId: string
  /** Raw Ed25519, base64url. */
  readonly publicKey: string
  readonly enrolledAtMs: number
  readonly remoteAddress: string
  /** Null while it may connect. */
  readonly revokedAtMs: number | null
}

export interface EnrolmentCodeRecord {
  /** SHA-256 of the code, base64url; the code itself is nowhere. */
  readonly hash: string
  readonly clusterId: string
  readonly createdAtMs: number
  readonly createdBy: string
  /** First ms at which it is worth nothing. */
  readonly expiresAtMs: number
}

export const COMMAND_TYPES = ['volume', 'mute', 'restart-stream', 'identify', 'set-offset', 'set-frequency', 'amplifier', 'refresh-bundle', 'reboot'] as const
export type CommandType = (typeof COMMAND_TYPES)[number]

export interface CommandRecord {
  readonly id: string
  readonly type: CommandType
  /** Numbers and switches only; see schemas/command.ts. */
  readonly arguments: Readonly<Record<string, number | boolean>>
  readonly targets: Targets
  readonly createdAtMs: number
  readonly createdBy: string
  /** From then on it is delivered to nobody. */
  readonly expiresAtMs: number
}

export type CommandResultKind = 'done' | 'refused' | 'failed'

export interface CommandResultRecord {
  readonly commandId: string
  readonly clusterId: string
  readonly result: CommandResultKind
  readonly reason: string | null
  readonly atMs: number
}

/** How many clusters a command was for, and what came back. */
export interface CommandCounts {
  readonly targeted: number
  /** Handed to a connection of the device, or answered. */
  readonly delivered: number
  readonly done: number
  readonly refused: number
  readonly failed: number
  /** Not answered; when the command is over, they never will be. */
  readonly open: number
}

/** A command was handed to a connection of the device. */
export interface CommandDelivery {
  readonly commandId: string
  readonly clusterId: string
  readonly atMs: number
}

/** What has become of a command at one cluster; null: not yet. */
export interface CommandOutcome {
  readonly clusterId: string
  readonly deliveredAtMs: number | null
  readonly result: CommandResultKind | null
  readonly reason: string | null
  readonly atMs: number | null
}

/** What is not answered, to be delivered. */
export interface OpenCommand {
  readonly command: CommandRecord
  readonly clusterIds: readonly string[]
}

export interface DeviceStore {
  addCode(code: EnrolmentCodeRecord): void
  /**
   * Uses a code up and makes the device the one of its cluster; whichever was before is revoked. All or nothing. The same device with the
   * same code again is given back as it is, as long as the code lasts: its answer was lost.
   * @returns undefined when the code is unknown, used by another device or over
   */
  enrol(codeHash: string, device: { readonly id: string; readonly publicKey: string; readonly remoteAddress: string }, nowMs: number): DeviceRecord | undefined
  get(id: string): DeviceRecord | undefined
  /** Newest first. */
  ofCluster(clusterId: string): readonly DeviceRecord[]
  /** The one that may connect. */
  activeOf(clusterId: string): DeviceRecord | undefined
  active(): readonly DeviceRecord[]
  /** Does nothing to one already revoked. */
  revoke(id: string, nowMs: number): DeviceRecord | undefined
  /** @returns how many codes were removed. */
  removeCodesBefore(expiresAtMs: number): number
}

export interface CommandStore {
  insert(command: CommandRecord, clusterIds: readonly string[]): void
  get(id: string): CommandRecord | undefined
  counts(id: string): CommandCounts
  /** Refused and failed, the first to answer first. */
  problems(id: string, limit: number): readonly CommandResultRecord[]
  /** Newest first. */
  list(page: PageQuery): Page<CommandRecord>
  /** Newest first, those that were meant for a cluster and what has become of each there. */
  ofCluster(clusterId: string, page: PageQuery): Page<{ readonly command: CommandRecord; readonly outcome: CommandOutcome }>
  /** By the ids of clusters; `result` `open`: those that have not answered. */
  outcomes(id: string, page: PageQuery, result?: CommandResultKind | 'open'): Page<CommandOutcome>
  /** The first answer and the first delivery of each cluster count. */
  settle(results: readonly CommandResultRecord[], deliveries?: readonly CommandDelivery[]): void
  /** What is neither answered nor over, oldest first. */
  open(nowMs: number): readonly OpenCommand[]
  removeBefore(expiresAtMs: number): number
}

/** How far the numbers of signed messages may have gone. */
export interface NumberStore {
  /** No number at or above this has been given. */
  ceiling(): number
  /** Durable when it returns. */
  raise(ceiling: number): void
}

/** A key that devices believe, without its secret. */
export interface SigningKeyInfo {
  /** First 8 bytes of the SHA-256 of the public key, base64url. */
  readonly keyId: string
  /** Raw Ed25519, base64url. */
  readonly publicKey: string
  readonly notBeforeMs: number
  /** First ms at which it is believed no more; null: none is set. */
  readonly notAfterMs: number | null
}

/** The keys with which this server signs for devices. */
export interface SigningKeyring {
  /** Oldest first; the last one signs. */
  infos(): readonly SigningKeyInfo[]
  /** Makes a new key, which signs from now on; the others are believed for the overlap yet. On disk when it returns. */
  rotate(nowMs: number, overlapMs: number): SigningKeyInfo
}
