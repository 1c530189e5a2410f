import type { Rights } from '../rights.ts'
import type { SelectionBody } from '../schemas/group.ts'
import type { AlertActor, AlertKind, AlertOrigin, AlertRecord, AlertRepeat, Hazard, RiskLevel } from './alert-port.ts'
import type { SpeechVoice } from './speech-port.ts'

/** Who asks, and what he may do. */
export interface AlertCaller extends AlertActor {
  readonly rights: Rights
}

/** What is to be said in a language: words to be spoken, which only Vietnamese can be, or a recording, which may have its words beside it. */
export interface PartRequest {
  readonly language: string
  readonly text?: string
  readonly clipId?: string
}

/** Where an alert is to sound. At least one must be named; a cluster is meant when any of them means it. */
export interface AlertTargetsRequest {
  readonly units?: readonly string[]
  readonly clusters?: readonly string[]
  readonly tags?: readonly string[]
  readonly groups?: readonly string[]
  /** An area or circles drawn for this alert; with `match: 'all'` and units it stays within these. */
  readonly selection?: SelectionBody
  /** Every unit there is. */
  readonly everything?: boolean
}

/** One of `templateId`, `parts` and `sourceId`; parts may stand in for the words of a template. */
export interface AlertRequest {
  readonly kind: AlertKind
  readonly targets: AlertTargetsRequest
  readonly templateId?: string
  /** Words for the slots of the template. */
  readonly slots?: Readonly<Record<string, string>>
  readonly hazard?: Hazard
  readonly level?: RiskLevel
  readonly title?: string
  readonly parts?: readonly PartRequest[]
  /** Live. */
  readonly sourceId?: string
  readonly voice?: SpeechVoice
  /** Recordings for what is said around exercises and when it is cancelled; left out: it is spoken. */
  readonly frameClipId?: string
  readonly cancelClipId?: string
  /** It is to be on the air as soon as its own words are there: they wait for no others, and what is said when it is cancelled is made afterwards, by `readyCancellation`. */
  readonly isUrgent?: boolean
  readonly issuer?: string
  readonly startsAtMs?: number
  /** Not both. Left out: as the template says, or 6 h. */
  readonly expiresAtMs?: number
  readonly lifeMs?: number
  readonly repeat?: AlertRepeat
  /** The alert that ends when this one begins. */
  readonly replaces?: string
  readonly origin?: AlertOrigin
}

/** What a correction or a cancellation says; left out: of a cancellation what was made ready with the alert. */
export interface WordingRequest {
  readonly title?: string
  readonly parts?: readonly PartRequest[]
  readonly sourceId?: string
  readonly voice?: SpeechVoice
  readonly reason?: string
  readonly origin?: AlertOrigin
}

/** An alert whose sounds are there and which is not kept yet. */
export interface AlertDraft {
  readonly alert: AlertRecord
  readonly clusterIds: readonly string[]
}
