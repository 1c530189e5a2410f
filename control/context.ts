import type { ClipUploads } from './clip-uploads.ts'
import type { ClipWork } from './clip-work.ts'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { AlertDesk } from './alerts/alert-desk.ts'
import type { CapDesk } from './cap/cap-desk.ts'
import type { CapPublisher } from './cap/cap-publisher.ts'
import type { FeedPoller } from './cap/feed-poller.ts'
import type { EventHub } from './event-hub.ts'
import type { Creations } from './idempotency.ts'
import type { MaintenancePort } from './maintenance-port.ts'
import type { AddressPolicy, Broadcast, ClipFolder, ControlClock, ControlConfig, PhotoFolder, RecordingFolder, SigningKeyring, Store, Notifier, PhoneExchange, PhoneRecordings } from './ports.ts'
import type { Logins } from './logins.ts'
import type { Monitor } from './monitoring/monitor.ts'
import type { Scheduler } from './schedule/scheduler.ts'
import type { AlarmDesk } from './alarms/alarm-desk.ts'
import type { Outbox } from './alarms/outbox.ts'
import type { PhoneDesk } from './phone/phone-desk.ts'
import type { UploadFolder } from './upload.ts'

/** The Fastify application with types derived from the schemas. */
export type ControlApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>

/** The telephone. */
export interface PhoneParts {
  readonly desk: Pick<PhoneDesk, 'hangUp' | 'subscribe'>
  readonly exchange: Pick<PhoneExchange, 'lines' | 'configured'> & { watchLines(listener: () => void): () => void }
  readonly recordings: Pick<PhoneRecordings, 'path'>
}

/** What routes work with. */
export interface Context {
  readonly store: Store
  readonly broadcast: Broadcast
  readonly clips: ClipFolder
  readonly clipUploads: ClipUploads
  readonly clipWork: ClipWork
  readonly photos: PhotoFolder
  readonly recordings: RecordingFolder
  readonly clock: ControlClock
  readonly config: ControlConfig
  readonly addresses: AddressPolicy
  readonly signing: SigningKeyring
  readonly creations: Creations
  readonly hub: EventHub
  readonly logins: Logins
  /** Ends the open streams of users, tokens and sessions that are no more, or may no more what they might, and takes the keys of the microphones that sessions and tokens have opened. */
  readonly revoke: (ids: readonly string[]) => void
  readonly uploads: UploadFolder
  readonly alerts: AlertDesk
  readonly cap: {
    readonly desk: Pick<CapDesk, 'take'>
    readonly feeds: Pick<FeedPoller, 'changed' | 'poll'>
    readonly publisher: CapPublisher
  }
  readonly scheduler: Pick<Scheduler, 'changed' | 'removing'>
  readonly monitor: Pick<Monitor, 'board' | 'availability' | 'measurements' | 'subscribe'>
  readonly alarms: Pick<AlarmDesk, 'acknowledge' | 'subscribe'>
  readonly outbox: Pick<Outbox, 'test' | 'retry' | 'wake' | 'droppedTotal'>
  readonly notifier: Pick<Notifier, 'isReady'>
  readonly phone: PhoneParts
  readonly maintenance: MaintenancePort
  /** Shown at /v1/status and in the OpenAPI document. */
  readonly version: string
  readonly startedAtMs: number
}
