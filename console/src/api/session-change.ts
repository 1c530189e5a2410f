import { useEffect, useSyncExternalStore } from 'react'
import { closeEvents } from './events.ts'
import { queryClient } from './query-client.ts'

/** Windows of one browser share its session: none goes on showing what another person may see, or acts in the name of another than it shows. */
const windows = new BroadcastChannel('loa.session')
windows.onmessage = () => { void forget() }

const leavings = new Set<() => void>()

/** For what a file keeps beside what was read: a draft, an open microphone. @param forget does away with it; called when who was here has gone */
export function whenPersonGoes(forgetting: () => void): void {
  leavings.add(forgetting)
}

let goings = 0

/** @returns whether the person who is here now has not gone since */
export function watchPerson(): () => boolean {
  const before = goings
  return () => goings === before
}

/** Here and in the other windows: somebody has logged in or out, and nothing that was read before counts any more. */
export async function sessionChanged(): Promise<void> {
  windows.postMessage(null)
  await forget()
}

/** Whom this window is for; null: nobody. */
let hereId: string | null = null
const listeners = new Set<() => void>()

function become(id: string | null): void {
  if (id === hereId) return
  if (hereId !== null) void forget()
  hereId = id
  for (const listener of listeners) listener()
}

/** Whether nothing of anybody else is left in this window; sessions also end by themselves, or change without a word. @param id who is logged in now; null: nobody */
export function useIsHere(id: string | null): boolean {
  useEffect(() => { become(id) }, [id])
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => { listeners.delete(listener) }
  }, () => hereId) === id
}

async function forget(): Promise<void> {
  hereId = null
  goings += 1
  closeEvents()
  for (const leave of leavings) leave()
  await queryClient.resetQueries()
}
