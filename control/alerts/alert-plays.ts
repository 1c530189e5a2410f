import { createHash } from 'node:crypto'
import type { NewOrder } from '../order-rules.ts'
import type { Targets } from '../records.ts'
import type { AlertRecord } from './alert-port.ts'

const HOUR_MS = 3_600_000
/** The whole hours of Viet Nam, which has no summer time. */
const ZONE_MS = 7 * HOUR_MS

/** What the plays of an alert are made of. */
export interface PlayPorts {
  readonly clipMs: (clipId: string) => number
  readonly attentionToneMs: number
  /** How much longer than they last clips may wait for what goes over them. */
  readonly slackMs: number
}

/** The clips of one play, in order; an exercise says what it is before and after each time. Empty: it is live. */
export function clipsOfPlay({ parts, frameClipId, repeat: { times } }: Pick<AlertRecord, 'parts' | 'frameClipId' | 'repeat'>): string[] {
  if (parts.length === 0) return []
  const frame = frameClipId === null ? [] : [frameClipId]
  const once = [...parts.map(({ clipId }) => clipId), ...frame]
  return [...frame, ...Array.from({ length: times }, () => once).flat()]
}

/** Length of one play with its tone, ms. */
export function playMs(alert: Pick<AlertRecord, 'parts' | 'frameClipId' | 'repeat'>, { clipMs, attentionToneMs }: Pick<PlayPorts, 'clipMs' | 'attentionToneMs'>): number {
  return clipsOfPlay(alert).reduce((sum, id) => sum + clipMs(id), attentionToneMs)
}

/** The shortest time in which it can be heard, ms. */
export function leastMs(alert: Pick<AlertRecord, 'parts' | 'frameClipId' | 'repeat'>, ports: Pick<PlayPorts, 'clipMs' | 'attentionToneMs'>): number {
  const { parts, frameClipId } = alert
  return playMs(alert, ports) + (parts.length > 0 || frameClipId === null ? 0 : 2 * ports.clipMs(frameClipId) + 1)
}

/** Starts of its repetitions in [fromMs, untilMs): on the hour, none while it still sounds, none that its end would cut. */
export function repetitions(alert: AlertRecord, lengthMs: number, fromMs: number, untilMs: number): number[] {
  const { onAirFromMs, expiresAtMs, sourceId, repeat: { everyHours } } = alert
  if (onAirFromMs === null || everyHours === null || sourceId !== null) return []
  const everyMs = everyHours * HOUR_MS
  const firstMs = Math.max(fromMs, onAirFromMs + lengthMs)
  const starts: number[] = []
  for (let atMs = Math.ceil((firstMs + ZONE_MS) / everyMs) * everyMs - ZONE_MS; atMs < untilMs && atMs + lengthMs <= expiresAtMs; atMs += everyMs) starts.push(atMs)
  return starts
}

/** Who gives an order of an alert, and when. */
export interface PlayGiven {
  readonly nowMs: number
  readonly by: string
}

/** One play at `startsAtMs`. The id follows from the alert, the moment and whom it is for, so that whoever plans again means the same order. */
export function playOrder(alert: AlertRecord, startsAtMs: number, ports: PlayPorts, given: PlayGiven, targets: Targets = alert.targets): NewOrder {
  const endsAtMs = Math.min(startsAtMs + playMs(alert, ports) + ports.slackMs, alert.expiresAtMs)
  return order(alert, { clipIds: clipsOfPlay(alert), startsAtMs, endsAtMs, tone: true, targets }, given)
}

/** The orders with which it begins: one play, or what is live until the alert ends, and of an exercise what says so around it. */
export function firstOrders(alert: AlertRecord, ports: PlayPorts, given: PlayGiven): NewOrder[] {
  const { sourceId, frameClipId, onAirFromMs: startsAtMs, expiresAtMs: endsAtMs, targets } = alert
  if (startsAtMs === null) throw new Error('the alert has no beginning yet')
  if (sourceId === null) return [playOrder(alert, startsAtMs, ports, given)]
  if (frameClipId === null) return [order(alert, { sourceId, startsAtMs, endsAtMs, tone: true, targets }, given)]
  const frame = { clipIds: [frameClipId], targets }
  const liveFromMs = startsAtMs + ports.attentionToneMs + ports.clipMs(frameClipId)
  const liveUntilMs = endsAtMs - ports.clipMs(frameClipId)
  return [
    order(alert, { ...frame, startsAtMs, endsAtMs: liveFromMs, tone: true }, given),
    order(alert, { sourceId, startsAtMs: liveFromMs, endsAtMs: liveUntilMs, tone: false, targets }, given),
    order(alert, { ...frame, startsAtMs: liveUntilMs, endsAtMs, tone: false }, given),
    // It may have been confirmed so late that there is no room for all of them.
  ].filter((one) => one.endsAtMs > one.startsAtMs)
}

/** Of a live exercise that is over before its time: what says so after it. */
export function closingFrame(alert: AlertRecord, { clipMs }: Pick<PlayPorts, 'clipMs'>, given: PlayGiven): NewOrder[] {
  const { sourceId, frameClipId, targets } = alert
  if (sourceId === null || frameClipId === null) return []
  return [order(alert, { clipIds: [frameClipId], startsAtMs: given.nowMs, endsAtMs: given.nowMs + clipMs(frameClipId), tone: false, targets }, given)]
}

type What = ({ readonly clipIds: readonly string[] } | { readonly sourceId: string }) & Pick<NewOrder, 'startsAtMs' | 'endsAtMs' | 'targets'> & { readonly tone: boolean }

function order(alert: AlertRecord, what: What, { nowMs, by }: PlayGiven): NewOrder {
  const { startsAtMs, endsAtMs, targets, tone } = what
  return {
    id: `o-${createHash('sha256').update(JSON.stringify([alert.id, startsAtMs, targets])).digest('base64url').slice(0, 22)}`,
    class: 'emergency',
    title: alert.title,
    sourceId: 'sourceId' in what ? what.sourceId : null,
    clipIds: 'clipIds' in what ? what.clipIds : null,
    targets,
    startsAtMs,
    endsAtMs,
    rank: 0,
    resume: 'continue',
    issuerUnitId: alert.issuerUnitId,
    field: null,
    attentionTone: tone,
    createdAtMs: nowMs,
    createdBy: by,
    alert: { id: alert.id, kind: alert.kind, level: alert.level },
  }
}
