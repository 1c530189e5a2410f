import type { Logger } from 'pino'
import type { RecorderStatus, RecordingKind, RecordingSpan, Store } from '../../control/ports.ts'
import { msToSamples } from '../../rooms/grid.ts'
import { parseRoom, type OrderClass, type Plan, type PlanSegment, type RoomRef } from '../../rooms/plan.ts'
import type { Config } from '../config.ts'
import type { RecorderPeer } from '../link/control-server.ts'
import type { RecorderToControl } from '../link/messages.ts'
import type { RecorderRoom, RecorderState, RecorderStats, RecorderTapes, SampleSpan, TapeSubject } from '../link/recorder-messages.ts'
import { recordingIdOf } from '../recording/shelf.ts'
import { joined } from '../recording/windows.ts'
import { partsOf, soundingIn, type Sounding } from './order-sounds.ts'
import type { PlanTime } from './plan-time.ts'

/** Highest first: a room that is heard for several orders counts for the first of them. */
const CLASSES: readonly OrderClass[] = ['emergency', 'priority', 'normal']
/** The recorder is told of a room this long before it is on air, so that its first frame is not missed. */
const AHEAD_MS = 15_000
/** One that is started again is back by then. */
const GONE_MS = 10_000

export interface RecorderDeskPorts {
  readonly store: Pick<Store, 'recordings' | 'sources' | 'transaction'>
  readonly config: Pick<Config, 'recording' | 'recordRelays' | 'recordLowFormat' | 'opusFormat'>
  readonly time: PlanTime
  /** Distinct plans of all clusters. */
  readonly plans: () => Iterable<Plan>
  /** The same with the units of the clusters that have them. */
  readonly plansOfUnits: () => Iterable<UnitPlan>
  readonly logger: Logger
}

type UnitPlan = readonly [plan: Plan, unitIds: ReadonlySet<string>]

/** Tells the recorder what is on air, and keeps the index: which files there are, and which of their frames which units heard for which order. */
export class RecorderDesk {
  readonly #ports: RecorderDeskPorts
  readonly #spans = new Map<string, RecordingSpan>()
  #peer: RecorderPeer | null = null
  #stats: RecorderStats | null = null
  #goneSamples: number
  #isFull = false
  #sent = ''
  /** Of the last look, and when plans changed first after it. */
  #seen: { readonly atSamples: number; readonly plans: readonly UnitPlan[] } | null = null
  #firstCutSamples = Infinity

  constructor(ports: RecorderDeskPorts) {
    this.#ports = ports
    this.#goneSamples = ports.time.nowSamples()
  }

  get stats(): RecorderStats | null {
    return this.#stats
  }

  get status(): RecorderStatus {
    const { config, time } = this.#ports
    if (!config.recording) return { fault: null }
    if (this.#peer === null && time.nowSamples() - this.#goneSamples > msToSamples(GONE_MS)) return { fault: { kind: 'gone', message: 'the recorder does not run' } }
    return { fault: this.#stats?.fault ?? null }
  }

  /** What was on the air when this process began. */
  start(): void {
    for (const span of this.#ports.store.recordings.openSpans()) this.#spans.set(keyOf(span), span)
  }

  greet(peer: RecorderPeer): void {
    this.#peer = peer
    this.#sent = ''
    this.tell()
    this.#ports.logger.info({ recorder: peer.hello.index, pid: peer.hello.pid }, 'recorder connected')
  }

  gone(peer: RecorderPeer): void {
    if (this.#peer !== peer) return
    this.#peer = null
    this.#stats = null
    this.#goneSamples = this.#ports.time.nowSamples()
  }

  hear(peer: RecorderPeer, message: RecorderToControl): void {
    if (this.#peer !== peer) return
    if (message.type === 'recorder-stats') this.#stats = message
    if (message.type === 'recorder-tapes') this.#keep(message)
    if (message.type === 'recorder-files') peer.send({ type: 'recorder-unknown', files: message.files.filter((file) => this.#ports.store.recordings.get(recordingIdOf(file)) === undefined) })
  }

  /** Whether nothing may be written although there is space on the disk. */
  setFull(isFull: boolean): void {
    this.#isFull = isFull
    this.tell()
  }

  /** Other plans hold from then on. */
  plansChanged(atSamples: number): void {
    this.#firstCutSamples = Math.min(this.#firstCutSamples, atSamples)
    this.tell(atSamples)
  }

  /** Says what is on air now and soon, where that has changed. @param atSamples it holds from then on */
  tell(atSamples = this.#ports.time.nowSamples()): void {
    if (this.#peer === null) return
    const rooms = this.#rooms(this.#ports.time.nowSamples())
    const text = JSON.stringify([rooms, this.#isFull])
    if (text === this.#sent) return
    this.#sent = text
    const state: RecorderState = { type: 'recorder-state', atSamples, rooms, isFull: this.#isFull }
    this.#peer.send(state)
  }

  /**
   * Keeps who hears what.
   * @param cutSamples when plans were last changed: an end that no plan shows was then
   */
  look(nowSamples: number, cutSamples: number): void {
    if (!this.#ports.config.recording) return
    const on = new Map<string, RecordingSpan>()
    const plans = [...this.#ports.plansOfUnits()]
    const changed = this.#passedUnseen(plans, nowSamples)
    for (const [plan, unitIds] of plans) {
      const segment = plan.find(({ fromSamples, untilSamples }) => fromSamples <= nowSamples && nowSamples < untilSamples)
      if (segment === undefined || parseRoom(segment.room)?.kind === 'silence') continue
      for (const unitId of unitIds) {
        for (const sounding of soundingIn(segment)) {
          const span = spanOf(segment, sounding, unitId, Math.min(nowSamples, Math.max(segment.fromSamples, cutSamples)))
          const same = on.get(keyOf(span))
          if (same === undefined || same.untilSamples < span.untilSamples) on.set(keyOf(span), span)
        }
      }
    }
    for (const [key, span] of this.#spans) {
      const still = on.get(key)
      if (still === undefined) changed.push({ ...span, untilSamples: Math.max(span.fromSamples, Math.min(nowSamples, span.untilSamples <= nowSamples ? span.untilSamples : cutSamples)), isOpen: false })
      else if (still.untilSamples !== span.untilSamples) changed.push({ ...span, untilSamples: still.untilSamples })
    }
    for (const [key, span] of on) if (!this.#spans.has(key)) changed.push(span)
    this.#write(changed)
  }

  /** What came and went since the last look, as a short fade does while this process is held up: by the plans of then up to their first change, after it by those of now. */
  #passedUnseen(plans: readonly UnitPlan[], nowSamples: number): RecordingSpan[] {
    const seen = this.#seen
    const cutSamples = Math.min(this.#firstCutSamples, nowSamples)
    this.#seen = { atSamples: nowSamples, plans }
    this.#firstCutSamples = Infinity
    if (seen === null) return []
    const within = (these: readonly UnitPlan[], fromSamples: number, untilSamples: number): RecordingSpan[] => these.flatMap(([plan, unitIds]) => plan.flatMap((segment) => {
      const from = Math.max(segment.fromSamples, fromSamples)
      const until = Math.min(segment.untilSamples, untilSamples)
      const goesOn = segment.untilSamples > until && until === nowSamples
      if (segment.fromSamples <= seen.atSamples || until <= from || goesOn || parseRoom(segment.room)?.kind === 'silence') return []
      return [...unitIds].flatMap((unitId) => soundingIn(segment).map((sounding) => ({ ...spanOf(segment, sounding, unitId, from), untilSamples: until, isOpen: false })))
    })).filter((span) => !this.#spans.has(keyOf(span)))
    return [...within(seen.plans, seen.atSamples, cutSamples), ...within(plans, cutSamples, nowSamples)]
  }

  /** The server ends, and with it all that is on the air. */
  close(nowSamples: number): void {
    this.#write([...this.#spans.values()].map((span) => ({ ...span, untilSamples: Math.max(span.fromSamples, Math.min(span.untilSamples, nowSamples)), isOpen: false })))
  }

  metricsText(): string {
    if (!this.#ports.config.recording) return ''
    const stats = this.#stats
    const line = (name: string, type: string, help: string, value: number): string => `\n# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${String(value)}\n`
    return line('loa_recorder_fault', 'gauge', '1 while something keeps what is on air from being recorded', this.status.fault === null ? 0 : 1) + (stats === null ? '' : [
      line('loa_recorder_open_tapes', 'gauge', 'Recordings that are being written', stats.openTapes),
      line('loa_recorder_frames_total', 'counter', 'Frames that came to the recorder', stats.framesTotal),
      line('loa_recorder_written_bytes_total', 'counter', 'Bytes of recordings written', stats.bytesTotal),
      line('loa_recorder_missing_frames_total', 'counter', 'Frames on air that did not come to the recorder', stats.missingFramesTotal),
      line('loa_recorder_dropped_frames_total', 'counter', 'Frames that could not be written', stats.droppedFramesTotal),
    ].join(''))
  }

  #write(spans: readonly RecordingSpan[]): void {
    if (spans.length === 0) return
    const { store, logger } = this.#ports
    for (const span of spans) {
      if (span.isOpen) this.#spans.set(keyOf(span), span)
      else if (this.#spans.get(keyOf(span))?.fromSamples === span.fromSamples) this.#spans.delete(keyOf(span))
    }
    try {
      store.transaction(() => {
        for (const span of spans) store.recordings.putSpan(span)
      })
    } catch (error) {
      logger.error({ err: error }, 'who heard what could not be written into the index of recordings')
    }
  }

  #keep({ tapes, isAll }: RecorderTapes): void {
    const { store, time, logger } = this.#ports
    try {
      store.transaction(() => {
        for (const tape of tapes) store.recordings.put({ ...tape, fromMs: Math.round(time.wallMsAt(tape.fromSamples)), untilMs: Math.round(time.wallMsAt(tape.untilSamples)) })
        if (isAll) this.#forgetLost(new Set(tapes.map(({ id }) => id)))
      })
      const ids = tapes.filter(({ isOpen }) => !isOpen).map(({ id }) => id)
      if (ids.length > 0) this.#peer?.send({ type: 'recorder-kept', ids })
    } catch (error) {
      // They are told of again.
      logger.error({ err: error }, 'recordings could not be written into the index')
    }
  }

  /** Files that were begun and of which a loss of power has left nothing. */
  #forgetLost(known: ReadonlySet<string>): void {
    const { store: { recordings }, logger } = this.#ports
    for (const { id } of recordings.open()) {
      if (known.has(id)) continue
      recordings.remove(id)
      logger.warn({ recordingId: id }, 'nothing is left of a recording')
    }
  }

  #rooms(nowSamples: number): RecorderRoom[] {
    const found = new Map<string, { subject: TapeSubject; readonly windows: SampleSpan[] }>()
    for (const plan of this.#ports.plans()) {
      for (const segment of plan) {
        if (segment.untilSamples <= nowSamples || segment.fromSamples > nowSamples + msToSamples(AHEAD_MS)) continue
        const subject = this.#subjectOf(segment)
        if (subject === null) continue
        const key = `${subject.room} ${subject.format}`
        const known = found.get(key)
        if (known === undefined) found.set(key, { subject, windows: [segment] })
        else {
          known.windows.push(segment)
          if (CLASSES.indexOf(subject.class) < CLASSES.indexOf(known.subject.class)) known.subject = subject
        }
      }
    }
    return [...found.values()].map(({ subject, windows }) => ({ ...subject, windows: joined(windows).map(({ fromSamples, untilSamples }) => ({ fromSamples, untilSamples })) }))
  }

  /** How a segment is recorded; null: not at all. */
  #subjectOf({ room, orderId, class: itsClass, title }: PlanSegment): TapeSubject | null {
    const { config, store } = this.#ports
    const parsed = parseRoom(room)
    if (parsed === undefined || parsed.kind === 'silence') return null
    const sourceId = parsed.kind === 'source' ? parsed.sourceId : null
    const kind = kindOf(room, (id) => store.sources.get(id)?.kind)
    const isProof = kind === 'relay' && itsClass !== 'emergency' && config.recordRelays !== 'full'
    if (isProof && config.recordRelays === 'off') return null
    return { room, format: isProof ? config.recordLowFormat : config.opusFormat, mode: isProof ? 'low' : 'full', kind, sourceId, orderId: sourceId === null ? orderId : null, class: itsClass, title }
  }
}

/** Of a mix the kind that is recorded best of those in it: a relay beneath an announcement is no mere relay. */
function kindOf(room: RoomRef, sourceKind: (sourceId: string) => string | undefined): RecordingKind {
  const kinds = new Set(Array.from(partsOf(room), (part): RecordingKind => {
    const parsed = parseRoom(part)
    if (parsed?.kind === 'source') return sourceKind(parsed.sourceId) === 'relay' ? 'relay' : 'live'
    return parsed?.kind === 'tone' ? 'tone' : 'clips'
  }))
  return (['live', 'clips', 'relay'] as const).find((kind) => kinds.has(kind)) ?? 'tone'
}

const spanOf = ({ room, untilSamples }: PlanSegment, { orderId, class: itsClass, title }: Sounding, unitId: string, fromSamples: number): RecordingSpan =>
  ({ room, orderId, unitId, class: itsClass, title, fromSamples, untilSamples, isOpen: true })

const keyOf = ({ room, orderId, unitId }: { readonly room: RoomRef; readonly orderId: string; readonly unitId: string }): string => `${room} ${orderId} ${unitId}`
