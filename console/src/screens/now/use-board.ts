import { useCallback, useEffect, useSyncExternalStore } from 'react'
import { done } from '../../../../control/client/index.ts'
import type { Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useEvents, useLink, type LoaEvent } from '../../api/events.ts'
import { whenPersonGoes } from '../../api/session-change.ts'
import { Board, type BoardSnapshot } from './board.ts'

const PAGE = 1000
/** Many events of one moment are one picture: a hundred screens a second would be seen by nobody. */
const SHOW_MS = 100
/** When the list could not be read, or names somebody it does not hold. */
const AGAIN_MS = 3000

let board = new Board()
const listeners = new Set<() => void>()
let showTimer: ReturnType<typeof setTimeout> | null = null
let againTimer: ReturnType<typeof setTimeout> | null = null
let reading: Promise<void> | null = null
let failure: unknown = null

function show(): void {
  showTimer ??= setTimeout(() => {
    showTimer = null
    for (const listener of listeners) listener()
  }, SHOW_MS)
}

async function readPages(): Promise<void> {
  const mine = board
  mine.beginReading()
  try {
    const pages: Schemas['ClusterBoard'][] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: Schemas['ClusterBoard'] = done(await loa.GET('/v1/cluster-board', { params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } } }))
      pages.push(page)
      cursor = page.nextCursor
    }
    if (mine !== board) return
    if (mine.read(pages)) readSoon()
    failure = null
  } catch (error) {
    if (mine !== board) return
    mine.endReading()
    failure = error
    readSoon()
  }
  show()
}

function readNow(): void {
  // What was missed may have happened behind the page that is being read.
  if (reading !== null) readSoon()
  else {
    const begun = readPages().finally(() => { if (reading === begun) reading = null })
    reading = begun
  }
}

// What is still being read in his name goes nowhere.
whenPersonGoes(() => {
  board = new Board()
  reading = failure = null
  show()
})

function readSoon(): void {
  againTimer ??= setTimeout(() => {
    againTimer = null
    if (listeners.size > 0) readNow()
  }, AGAIN_MS)
}

const listen = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => { listeners.delete(listener) }
}

/** All clusters and what is on the air, as they are now, for as long as something shows them. */
export function useBoard(): BoardSnapshot & { readonly error: unknown; readonly readAgain: () => void } {
  const snapshot = useSyncExternalStore(listen, () => board.snapshot())
  // Said also while something is shown: that is then old.
  const error = useSyncExternalStore(listen, () => failure)
  const link = useLink()
  // Once events are heard, so that nothing falls between; and anew when the link is back. Without it what can be read is better than nothing.
  useEffect(() => { if (link.state !== 'connecting') readNow() }, [link.state])
  useEvents(useCallback((event: LoaEvent) => {
    if (event.type === 'gap') readNow()
    else if (board.take(event)) readSoon()
    show()
  }, []))
  return { ...snapshot, error, readAgain: readNow }
}
