import type { PlayLogRecord } from '../play-log-port.ts'
import type { OrderClass } from '../records.ts'

/** What is known of one cluster that an order meant. Times in ms; null: it has not been, or nobody has said so. Nothing is guessed. */
export interface ClusterProof {
  readonly clusterId: string
  readonly code: string
  readonly name: string
  /** Its unit when the order began there. */
  readonly unitId: string
  readonly sim: string | null
  /** It came to the order after that had begun. */
  readonly late: boolean
  /** How it was connected last; null: not at all while the order ran. */
  readonly protocol: 'native' | 'http' | null
  /** First moment of the order at which it was connected. */
  readonly connectedMs: number | null
  /** Since when it is away; null with `isOnline` false: it had not been seen since the server began. */
  readonly awaySinceMs: number | null
  readonly isOnline: boolean
  /** Since when the order was on air there: its first run. Null: never, something else went before. */
  readonly onAirMs: number | null
  readonly receivedMs: number | null
  readonly verifiedMs: number | null
  readonly playedMs: number | null
  readonly heardMs: number | null
  /** Why what it played could not be heard, as it says itself. */
  readonly blocked: 'muted' | 'amplifier-off' | 'sensor-silent' | null
  /** It proves who it is and believes only what is signed. */
  readonly verifies: boolean
  /** Audible sound by the device's own log, without what was missing; null: no log has come. */
  readonly soundedMs: number | null
}

export const OUTCOMES = ['heard', 'played', 'not-proved', 'muted', 'amplifier-off', 'sensor-silent', 'not-verified', 'not-on-air', 'offline', 'lost', 'silent'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** These have sounded, or are of a kind that cannot say. All others are on the red list. */
const NOT_RED: ReadonlySet<Outcome> = new Set(['heard', 'played', 'not-proved'])

export const isRed = (outcome: Outcome): boolean => !NOT_RED.has(outcome)

/** What became of it, or why not: the first reason that is certain. */
export function outcomeOf(proof: ClusterProof): Outcome {
  if (proof.heardMs !== null) return 'heard'
  if (proof.blocked !== null) return proof.blocked
  if (proof.playedMs !== null) return 'played'
  if (proof.onAirMs === null) return 'not-on-air'
  if (proof.connectedMs === null) return 'offline'
  if (proof.protocol === 'http') return 'not-proved'
  if (!proof.isOnline) return 'lost'
  return proof.verifies && proof.receivedMs !== null && proof.verifiedMs === null ? 'not-verified' : 'silent'
}

/** Clusters by what they have reached; who has reached a stage counts in the ones before it too, but for `verified`, which is only told. */
export interface ProofCounts {
  readonly targeted: number
  readonly connected: number
  readonly received: number
  readonly verified: number
  readonly played: number
  readonly heard: number
  readonly notProved: number
  readonly red: number
}

/** What counting needs to know of a cluster. */
export interface Reached {
  readonly outcome: Outcome
  readonly connected: boolean
  readonly received: boolean
  readonly verified: boolean
}

export function countReached(reached: Iterable<Reached>): ProofCounts {
  const counts = { targeted: 0, connected: 0, received: 0, verified: 0, played: 0, heard: 0, notProved: 0, red: 0 }
  for (const { outcome, connected, received, verified } of reached) {
    counts.targeted += 1
    counts.connected += Number(connected)
    counts.received += Number(received)
    counts.verified += Number(verified)
    counts.played += Number(outcome === 'played' || outcome === 'heard')
    counts.heard += Number(outcome === 'heard')
    counts.notProved += Number(outcome === 'not-proved')
    counts.red += Number(isRed(outcome))
  }
  return counts
}

export const countsOf = (proofs: readonly ClusterProof[]): ProofCounts =>
  countReached(proofs.map((proof) => ({ outcome: outcomeOf(proof), connected: proof.isOnline, received: proof.receivedMs !== null, verified: proof.verifiedMs !== null })))

/** The length of sound that a run of a device's log proves, ms: what left it audibly, unless a sensor says that nothing was heard. */
export function soundedMsOf({ orderId, playing, audible, heard, fromSamples, untilSamples, missingSamples }: PlayLogRecord): number {
  if (orderId === null || !audible || heard === false || playing === 'filler' || playing === 'silence') return 0
  return Math.max(0, Math.round((untilSamples - fromSamples - missingSamples) / SAMPLES_PER_MS))
}

const SAMPLES_PER_MS = 48
const earlier = (a: number | null, b: number): number => (a === null ? b : Math.min(a, b))

/** What a run of the device's own log adds. Its times are those of the sound; the stages told live are those at which the news came. */
export function withLog(proof: ClusterProof, run: PlayLogRecord): ClusterProof {
  const atMs = run.heardAtMs
  const isSound = run.playing === 'live' || run.playing === 'cached'
  if (!isSound) return proof
  const isAudible = run.audible && run.heard !== false
  return {
    ...proof,
    receivedMs: earlier(proof.receivedMs, atMs),
    verifiedMs: run.verified ? earlier(proof.verifiedMs, atMs) : proof.verifiedMs,
    playedMs: isAudible ? earlier(proof.playedMs, atMs) : proof.playedMs,
    heardMs: run.heard === true && run.audible ? earlier(proof.heardMs, atMs) : proof.heardMs,
    blocked: isAudible ? null : proof.playedMs !== null && proof.soundedMs !== null && proof.soundedMs > 0 ? proof.blocked : run.audible ? 'sensor-silent' : 'muted',
    soundedMs: (proof.soundedMs ?? 0) + soundedMsOf(run),
  }
}

/** What a device says of itself while the order is on air. */
export interface ToldStage {
  readonly stage: 'idle' | 'received' | 'verified' | 'played' | 'heard' | null
  readonly muted: boolean | null
  readonly amplifier: boolean | null
  readonly identity: string | null
}

/** @returns the same object when it says nothing new */
export function withStage(proof: ClusterProof, told: ToldStage, orderClass: OrderClass, nowMs: number): ClusterProof {
  const { stage } = told
  if (stage === null || stage === 'idle') return proof
  const plays = stage === 'played' || stage === 'heard'
  // An emergency is heard at its own volume, muted or not (server/protocol.md).
  const isMuted = told.muted === true && orderClass !== 'emergency'
  const blocked = !plays ? proof.blocked : told.amplifier === false ? 'amplifier-off' : isMuted ? 'muted' : null
  const next: ClusterProof = {
    ...proof,
    verifies: proof.verifies || told.identity === 'device',
    receivedMs: proof.receivedMs ?? nowMs,
    // Who believes only what is signed has verified what it plays; of others only the word itself counts.
    verifiedMs: proof.verifiedMs ?? (stage === 'verified' || (plays && told.identity === 'device') ? nowMs : null),
    playedMs: proof.playedMs ?? (plays && blocked === null ? nowMs : null),
    heardMs: proof.heardMs ?? (stage === 'heard' && blocked === null ? nowMs : null),
    // What has sounded has sounded, whatever is switched off afterwards.
    blocked: proof.playedMs === null ? blocked : null,
  }
  return PROOF_FIELDS.every((field) => next[field] === proof[field]) ? proof : next
}

const PROOF_FIELDS = ['verifies', 'receivedMs', 'verifiedMs', 'playedMs', 'heardMs', 'blocked'] as const satisfies readonly (keyof ClusterProof)[]
