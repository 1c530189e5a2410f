import { useEffect, useSyncExternalStore } from 'react'
import { effectsOf, EVENT_TYPES, type EventType } from './event-effects.ts'
import { isSilent } from './link-watch.ts'
import { queryClient, readAgain } from './query-client.ts'

/** One thing that happened; `data` depends on the type, see «Events» in control/README.md. */
export interface LoaEvent {
  readonly id: string
  readonly type: EventType
  /** ISO 8601. */
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

/** How the page stands with the server. `sinceMs`: of the last sign of life, when it is lost. */
export type Link = { readonly state: 'connecting' | 'live' } | { readonly state: 'lost'; readonly sinceMs: number }

/** Many events in a burst, such as a flapping line of 4G, cause one reading. */
const GATHER_MS = 700
const REOPEN_MS = 3000
const WATCH_MS = 5000
/** What the browser says of its network, which may still be wrong of a server on this very machine. */
const NETWORK_CHANGES = ['offline', 'online'] as const

let source: EventSource | null = null
let reopenTimer: ReturnType<typeof setTimeout> | null = null
let watchTimer: ReturnType<typeof setInterval> | null = null
let lastLifeMs = Date.now()
let link: Link = { state: 'connecting' }
const linkListeners = new Set<() => void>()
const eventListeners = new Set<(event: LoaEvent) => void>()
const gathered = new Set<EventType>()
let gatherTimer: ReturnType<typeof setTimeout> | null = null
let lastEventId: string | null = null

function setLink(next: Link): void {
  if (next.state === link.state) return
  link = next
  for (const listener of linkListeners) listener()
}

function take(event: LoaEvent): void {
  lastLifeMs = Date.now()
  lastEventId = event.id
  for (const listener of eventListeners) listener(event)
  gathered.add(event.type)
  gatherTimer ??= setTimeout(() => {
    gatherTimer = null
    readAgain(effectsOf(gathered))
    gathered.clear()
  }, GATHER_MS)
}

/** Watches what happens, until closeEvents. The browser reconnects by itself unless it was refused; then we do, and whether he is still logged in is asked. */
export function openEvents(): void {
  if (source !== null) return
  const opened = new EventSource(lastEventId === null ? '/v1/events' : `/v1/events?lastEventId=${encodeURIComponent(lastEventId)}`)
  source = opened
  watch(opened, Date.now())
  for (const change of NETWORK_CHANGES) addEventListener(change, openAnew)
  opened.addEventListener('alive', () => { lastLifeMs = Date.now() })
  opened.onopen = () => {
    lastLifeMs = Date.now()
    const before = link.state
    setLink({ state: 'live' })
    if (before === 'lost') readAgain('everything')
    // What has been answered meanwhile may have changed before anybody listened.
    else if (before === 'connecting') void queryClient.invalidateQueries({ predicate: ({ state }) => state.data !== undefined && state.fetchStatus === 'idle' })
  }
  opened.onerror = () => {
    setLink({ state: 'lost', sinceMs: lastLifeMs })
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return
    source = null
    if (watchTimer !== null) clearInterval(watchTimer)
    void queryClient.invalidateQueries({ queryKey: ['get', '/v1/me'] })
    reopenTimer = setTimeout(openEvents, REOPEN_MS)
  }
  for (const type of EVENT_TYPES) opened.addEventListener(type, (message: MessageEvent<string>) => { take(JSON.parse(message.data) as LoaEvent) })
}

/** A line that goes away may say nothing of it, and then neither does the browser. */
function watch(opened: EventSource, openedMs: number): void {
  if (watchTimer !== null) clearInterval(watchTimer)
  watchTimer = setInterval(() => {
    if (source !== opened || !isSilent(Date.now(), openedMs, lastLifeMs)) return
    openAnew()
  }, WATCH_MS)
}

/** A stream over a network that has gone stays open as if nothing had happened; whether a new one opens is the proof. */
function openAnew(): void {
  if (reopenTimer !== null) clearTimeout(reopenTimer)
  setLink({ state: 'lost', sinceMs: lastLifeMs })
  source?.close()
  source = null
  openEvents()
}

/** Once he has logged out. */
export function closeEvents(): void {
  for (const change of NETWORK_CHANGES) removeEventListener(change, openAnew)
  if (reopenTimer !== null) clearTimeout(reopenTimer)
  if (watchTimer !== null) clearInterval(watchTimer)
  source?.close()
  source = null
  lastEventId = null
  setLink({ state: 'connecting' })
}

export function useLink(): Link {
  return useSyncExternalStore((listener) => {
    linkListeners.add(listener)
    return () => linkListeners.delete(listener)
  }, () => link)
}

/** Hears every event while the component is shown; for what must move at once rather than be read again. Keep `listener` stable (useCallback). */
export function useEvents(listener: (event: LoaEvent) => void): void {
  useEffect(() => {
    eventListeners.add(listener)
    return () => { eventListeners.delete(listener) }
  }, [listener])
}
