import { isInReach } from '../belonging.ts'
import { newId } from '../ids.ts'
import { fieldError } from '../order-rules.ts'
import type { Broadcast, ControlClock, ControlConfig, Store } from '../ports.ts'
import { ApiError, notFound, unknownIds, type Noun } from '../problem.ts'
import { cleanText } from '../text.ts'
import { formatTime } from '../time.ts'
import { invalid } from '../validation.ts'
import { peopleReached } from './alert-people.ts'
import { leastMs } from './alert-plays.ts'
import type { AlertMark, AlertPart, AlertRecord, AlertRepeat, AlertTemplateRecord } from './alert-port.ts'
import type { AlertCaller, AlertDraft, AlertRequest, PartRequest, WordingRequest } from './alert-request.ts'
import type { Speaker } from './alert-sound.ts'
import { alertState } from './alert-state.ts'
import { alertIssuer, resolveTargets } from './alert-targets.ts'
import type { SpeechVoice } from './speech-port.ts'
import { BUILT_IN_TEMPLATES, cancelWords, fillSlots, FRAME_WORDS, type BuiltInTemplate } from './templates.ts'

/** What was prepared waits so long to be confirmed. */
export const CONFIRM_WITHIN_MS = 30 * 60_000
const HOUR_MS = 3_600_000
const DEFAULT_LIFE_MS = 6 * HOUR_MS
export const MOST_LIFE_MS = 7 * 24 * HOUR_MS
/** A cancellation is told to clusters that come back for at least so long. */
const LEAST_CANCEL_LIFE_MS = HOUR_MS
const MOST_AHEAD_MS = 60 * 24 * HOUR_MS
const THREE_TIMES: AlertRepeat = { times: 3, everyHours: null }

export interface DraftPorts {
  readonly store: Store
  readonly broadcast: Pick<Broadcast, 'clustersOf' | 'select' | 'connections'>
  readonly clock: ControlClock
  readonly config: Pick<ControlConfig, 'attentionToneMs' | 'maxOrderMs' | 'clipResumeSlackMs'>
  readonly sound: Speaker
  /** Called when all that a request says of its sounds is right, before what takes time. */
  readonly beforeSpeaking?: () => void
}

type Content = Pick<AlertRecord, 'parts' | 'sourceId'>
type Template = AlertTemplateRecord | BuiltInTemplate

export const markOf = ({ kind, actorId, credentialId, name }: AlertCaller, atMs: number): AlertMark => ({ kind, actorId, credentialId, name, atMs })

/** @throws ApiError LOA_ERR_NOT_FOUND */
export function findTemplate(id: string, store: Pick<Store, 'alertTemplates'>): Template {
  const template = BUILT_IN_TEMPLATES.find((one) => one.id === id) ?? store.alertTemplates.get(id)
  if (template === undefined) throw notFound('alert template', id)
  return template
}

/**
 * Makes all of an alert that takes time: its sounds, and the list of whom it reaches. Keeps nothing but clips.
 * @throws ApiError when something named is not there, makes no sense, or cannot be spoken
 */
export async function makeDraft(request: AlertRequest, caller: AlertCaller, ports: DraftPorts): Promise<AlertDraft> {
  const { store, broadcast, clock } = ports
  const nowMs = clock.wallMs()
  const template = request.templateId === undefined ? undefined : knownTemplate(request.templateId, caller, store)
  const hazard = request.hazard ?? template?.hazard
  const level = request.level ?? template?.level
  const givenTitle = request.title ?? template?.title
  if (hazard === undefined || level === undefined || givenTitle === undefined) {
    throw invalid([...(hazard === undefined ? ['hazard'] : []), ...(level === undefined ? ['level'] : []), ...(givenTitle === undefined ? ['title'] : [])].map((path) => ({ path, message: 'is missing: there is no template that says it', messageVi: 'bị thiếu: không có mẫu nêu sẵn' })))
  }
  const title = cleanText('title', givenTitle)
  const reach = resolveTargets(request.targets, request.kind, newId('g', nowMs), { store, broadcast })
  const issuerUnitId = alertIssuer(request.issuer, reach, caller.rights, store)
  const replaced = request.replaces === undefined ? undefined : checkReplaced(request.replaces, request.kind, store, nowMs)
  const voice = request.voice ?? template?.voice ?? 'north'
  const repeat = request.repeat ?? template?.repeat ?? THREE_TIMES
  if (replaced !== undefined && request.startsAtMs !== undefined) throw fieldError('LOA_ERR_ORDER_TIME', 'startsAt', 'cannot be given for what replaces another: it begins when it is confirmed', 'không dùng cho cảnh báo thay thế: phát ngay khi xác nhận')
  const { startsAtMs, lifeMs, expiresAtMs } = checkTimes(request, template, nowMs)

  const content = await makeContent({ ...request, ...(template === undefined ? {} : wordsOf(template, request, level)) }, title, voice, caller, ports, (template?.recordings ?? []).map(({ clipId }) => clipId))
  const alert: AlertRecord = {
    id: newId('a', nowMs),
    purpose: replaced === undefined ? 'alert' : 'update',
    kind: request.kind, hazard, level, title,
    ...content,
    frameClipId: request.kind === 'real' ? null : (knownClip('frameClipId', request.frameClipId, caller, store) ?? await ports.sound.spoken('kind', FRAME_WORDS[request.kind], voice, title)),
    cancelClipId: knownClip('cancelClipId', request.cancelClipId, caller, store) ?? (request.isUrgent === true ? null : await cancelClip(title, voice, ports)),
    targets: reach.targets,
    selection: reach.selection,
    targeted: reach.clusterIds.length,
    online: onlineOf(reach.clusterIds, broadcast),
    people: peopleReached(reach.targets.units, reach.clusterIds, store),
    issuerUnitId,
    prepared: markOf(caller, nowMs),
    confirmed: null, approved: null, persons: null, breakGlass: null,
    startsAtMs, onAirFromMs: null, lifeMs, expiresAtMs,
    confirmByMs: Math.max(nowMs + CONFIRM_WITHIN_MS, startsAtMs ?? 0),
    approveByMs: null,
    repeat,
    replaces: replaced?.id ?? null, replacedBy: null, closed: null,
    origin: request.origin ?? { kind: 'person' },
  }
  checkLength(alert, ports)
  return { alert, clusterIds: reach.clusterIds }
}

/**
 * The alert that takes the place of another on the same targets, with the same weight, and is told to who comes back while it is in force.
 * @throws as makeDraft
 */
export async function makeFollowUp(purpose: 'correction' | 'cancellation', before: AlertRecord, wording: WordingRequest, caller: AlertCaller, ports: DraftPorts): Promise<AlertDraft> {
  const { store, broadcast, clock, config } = ports
  const nowMs = clock.wallMs()
  const isCancellation = purpose === 'cancellation'
  const title = wording.title === undefined ? `${isCancellation ? 'Hủy' : 'Đính chính'}: ${before.title}`.slice(0, 200) : cleanText('title', wording.title)
  const voice = wording.voice ?? 'north'
  const ready = isCancellation && wording.parts === undefined && wording.sourceId === undefined
  const content = ready ? readyWords(before) : await makeContent(wording, title, voice, caller, ports, before.parts.map(({ clipId }) => clipId))
  const targets = isCancellation ? withWhoHeard(before, ports) : before.targets
  const clusterIds = broadcast.clustersOf(targets)
  const leastLifeMs = isCancellation ? LEAST_CANCEL_LIFE_MS : Math.min(LEAST_CANCEL_LIFE_MS, before.lifeMs ?? LEAST_CANCEL_LIFE_MS)
  const mostLifeMs = content.sourceId === null ? Infinity : config.maxOrderMs
  const alert: AlertRecord = {
    ...before,
    id: newId('a', nowMs),
    purpose, title, ...content,
    cancelClipId: isCancellation ? null : await cancelClip(title, voice, ports),
    targets,
    targeted: clusterIds.length,
    online: onlineOf(clusterIds, broadcast),
    people: peopleReached(before.targets.units, clusterIds, store),
    prepared: markOf(caller, nowMs),
    confirmed: null, approved: null, persons: null, breakGlass: null,
    startsAtMs: null, onAirFromMs: null, lifeMs: null,
    expiresAtMs: Math.min(Math.max(before.expiresAtMs, nowMs + leastLifeMs), nowMs + mostLifeMs),
    confirmByMs: nowMs + CONFIRM_WITHIN_MS,
    approveByMs: null,
    repeat: isCancellation ? THREE_TIMES : before.repeat,
    replaces: before.id, replacedBy: null, closed: null,
    origin: wording.origin ?? { kind: 'person' },
  }
  checkLength(alert, ports)
  return { alert, clusterIds }
}

/** Those that have heard an alert, or what it corrects, are told that it is cancelled wherever they have been put meanwhile. */
function withWhoHeard(before: AlertRecord, { store, broadcast, clock }: DraftPorts): AlertRecord['targets'] {
  if (alertState(before, clock.wallMs()) !== 'on-air') return before.targets
  const meant = new Set(broadcast.clustersOf(before.targets))
  const left = new Set<string>()
  for (let one: AlertRecord | undefined = before; one !== undefined; one = one.purpose === 'correction' ? store.alerts.get(one.replaces!) : undefined) {
    for (const id of [...store.alerts.clustersOf(one.id), ...store.alerts.reached(one.id)]) if (!meant.has(id)) left.add(id)
  }
  const there = [...left].filter((id) => store.clusters.get(id) !== undefined)
  return there.length === 0 ? before.targets : { ...before.targets, clusters: [...new Set([...before.targets.clusters, ...there])] }
}

/** What was made ready when the alert was prepared. */
const readyWords = ({ cancelClipId, title }: AlertRecord): Content => ({ parts: cancelClipId === null ? [] : [{ language: 'vi', text: cancelWords(title), clipId: cancelClipId }], sourceId: null })

/** @throws ApiError LOA_ERR_UNKNOWN_ID */
function knownTemplate(id: string, { rights }: AlertCaller, store: Store): Template {
  const template = BUILT_IN_TEMPLATES.find((one) => one.id === id) ?? store.alertTemplates.get(id)
  if (template === undefined || (template.unitId !== null && !rights.touches('view', template.unitId))) throw unknownIds([{ path: 'templateId', noun: 'alert template', id }])
  return template
}

/** The words and recordings of the template, unless the request has its own. */
function wordsOf(template: Template, { parts, sourceId, slots = {} }: AlertRequest, level: AlertRecord['level']): { readonly parts?: readonly PartRequest[] } {
  if (parts !== undefined || sourceId !== undefined) return {}
  return { parts: [{ language: 'vi', text: fillSlots(template.text, slots, level) }, ...template.recordings] }
}

/** @param own clips that need no right: of the template, or of the alert that is followed */
async function makeContent({ parts, sourceId }: Pick<WordingRequest, 'parts' | 'sourceId'>, title: string, voice: SpeechVoice, caller: AlertCaller, { store, sound, beforeSpeaking }: DraftPorts, own: readonly string[]): Promise<Content> {
  if ((parts === undefined || parts.length === 0) === (sourceId === undefined)) throw fieldError('LOA_ERR_ORDER_CONTENT', 'parts', 'or sourceId must be given, and not both', 'hoặc sourceId: phải cho đúng một trong hai')
  if (sourceId !== undefined) {
    checkUsable(store.sources.get(sourceId), { path: 'sourceId', noun: 'source', id: sourceId }, caller, store)
    return { parts: [], sourceId }
  }
  const wanted = [...parts!].sort((a, b) => Number(b.language === 'vi') - Number(a.language === 'vi'))
  const checked: (Omit<AlertPart, 'clipId'> & { readonly path: string; readonly clipId: string | null })[] = []
  for (const part of wanted) {
    const path = `parts[${String(parts!.indexOf(part))}]`
    const text = part.text === undefined ? null : cleanText(`${path}.text`, part.text)
    if (checked.some(({ language }) => language === part.language)) throw fieldError('LOA_ERR_INVALID', `${path}.language`, 'stands twice', 'bị trùng')
    const clipId = part.clipId !== undefined && own.includes(part.clipId) ? part.clipId : knownClip(`${path}.clipId`, part.clipId, caller, store)
    if (clipId === null && text === null) throw fieldError('LOA_ERR_INVALID', path, 'must have a text or a clip', 'phải có văn bản hoặc tệp âm thanh')
    if (clipId === null && part.language !== 'vi') throw fieldError('LOA_ERR_INVALID', `${path}.clipId`, 'is missing: only Vietnamese can be spoken by the server', 'bị thiếu: máy chủ chỉ đọc được tiếng Việt')
    checked.push({ language: part.language, text, clipId, path })
  }
  beforeSpeaking?.()
  const made: AlertPart[] = []
  for (const { language, text, clipId, path } of checked) made.push({ language, text, clipId: clipId ?? await sound.spoken(`${path}.text`, text!, voice, title) })
  return { parts: made, sourceId: null }
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID or LOA_ERR_FORBIDDEN */
function knownClip(path: string, clipId: string | undefined, caller: AlertCaller, store: Store): string | null {
  if (clipId === undefined) return null
  checkUsable(store.clips.get(clipId), { path, noun: 'clip', id: clipId }, caller, store)
  return clipId
}

/** As orders do it: see belonging.ts. @throws ApiError LOA_ERR_UNKNOWN_ID or LOA_ERR_FORBIDDEN */
export function checkUsable(owned: { readonly unitId: string | null } | undefined, named: { readonly path: string; readonly noun: Noun; readonly id: string }, { rights }: Pick<AlertCaller, 'rights'>, store: Store): void {
  if (owned === undefined || !isInReach(owned.unitId, 'view', rights, store)) throw unknownIds([named])
  if (isInReach(owned.unitId, 'emergency', rights, store)) return
  const [message, messageVi] = ["needs the right 'emergency' where it belongs", "cần quyền 'emergency' tại đơn vị sở hữu"]
  throw new ApiError('LOA_ERR_FORBIDDEN', `${named.path} ${message}`, `${named.path} ${messageVi}`, { errors: [{ path: named.path, message, messageVi }] })
}

/** Without a program that speaks, what is made of recordings can be on the air all the same; its cancellation is then silent, or recorded too. */
export async function cancelClip(title: string, voice: SpeechVoice, { sound }: Pick<DraftPorts, 'sound'>): Promise<string | null> {
  try {
    return await sound.spoken('title', cancelWords(title), voice, `Hủy: ${title}`.slice(0, 200))
  } catch (error) {
    if (error instanceof ApiError && error.code === 'LOA_ERR_NO_SPEECH') return null
    throw error
  }
}

/** @throws ApiError LOA_ERR_UNKNOWN_ID, LOA_ERR_ALERT_STATE or LOA_ERR_INVALID */
function checkReplaced(id: string, kind: AlertRecord['kind'], store: Store, nowMs: number): AlertRecord {
  const replaced = store.alerts.get(id)
  if (replaced === undefined) throw unknownIds([{ path: 'replaces', noun: 'alert', id }])
  const state = alertState(replaced, nowMs)
  if (state !== 'on-air' && state !== 'scheduled') throw fieldError('LOA_ERR_ALERT_STATE', 'replaces', `names an alert that is ${state}`, `nêu cảnh báo đang ở trạng thái ${state}`)
  // Or a test that nobody hears would take off the air what people must hear.
  if (replaced.kind !== kind) throw fieldError('LOA_ERR_INVALID', 'replaces', `names an alert that is ${replaced.kind} and not ${kind}`, 'nêu cảnh báo khác loại (thật, diễn tập, thử nghiệm)')
  return replaced
}

function checkTimes({ startsAtMs, expiresAtMs, lifeMs }: AlertRequest, template: Template | undefined, nowMs: number): Pick<AlertRecord, 'startsAtMs' | 'lifeMs' | 'expiresAtMs'> {
  const wrong = (path: string, message: string, messageVi: string) => fieldError('LOA_ERR_ORDER_TIME', path, message, messageVi)
  if (expiresAtMs !== undefined && lifeMs !== undefined) throw wrong('durationMs', 'and expiresAt must not both be given', 'và expiresAt: chỉ được cho một trong hai')
  if (startsAtMs !== undefined && startsAtMs > nowMs + MOST_AHEAD_MS) throw wrong('startsAt', 'lies more than 60 days ahead', 'cách hiện tại hơn 60 ngày')
  const fromMs = Math.max(nowMs, startsAtMs ?? nowMs)
  const life = expiresAtMs === undefined ? (lifeMs ?? template?.lifeMs ?? DEFAULT_LIFE_MS) : null
  const endMs = expiresAtMs ?? fromMs + life!
  if (endMs <= fromMs) throw wrong('expiresAt', `must lie after the start (${formatTime(fromMs)})`, `phải sau lúc bắt đầu (${formatTime(fromMs)})`)
  if (endMs - fromMs > MOST_LIFE_MS) throw wrong(expiresAtMs === undefined ? 'durationMs' : 'expiresAt', 'makes it last for more than 7 days', 'làm cảnh báo kéo dài hơn 7 ngày')
  return { startsAtMs: startsAtMs !== undefined && startsAtMs > nowMs ? startsAtMs : null, lifeMs: life, expiresAtMs: endMs }
}

/** One play must have room in its life; what is live is one order. */
function checkLength(alert: AlertRecord, { store, config }: DraftPorts): void {
  const lengthMs = alert.expiresAtMs - Math.max(alert.prepared.atMs, alert.startsAtMs ?? 0)
  const least = leastMs(alert, { clipMs: (id) => store.clips.get(id)?.durationMs ?? 0, attentionToneMs: config.attentionToneMs })
  if (lengthMs < least) throw fieldError('LOA_ERR_ORDER_TIME', 'expiresAt', `must be at least ${String(Math.ceil(least / 1000))} s after the start: so long does it sound`, `phải sau lúc bắt đầu ít nhất ${String(Math.ceil(least / 1000))} giây: đó là thời lượng phát`)
  if (alert.sourceId !== null && lengthMs > config.maxOrderMs) throw fieldError('LOA_ERR_ORDER_TIME', 'expiresAt', `is more than ${String(config.maxOrderMs)} ms after the start of something live`, `sau lúc bắt đầu phát trực tiếp hơn ${String(config.maxOrderMs)} ms`)
}

function onlineOf(clusterIds: readonly string[], broadcast: Pick<Broadcast, 'connections'>): number {
  const connected = new Set(broadcast.connections().map(({ clusterId }) => clusterId))
  return clusterIds.filter((id) => connected.has(id)).length
}
