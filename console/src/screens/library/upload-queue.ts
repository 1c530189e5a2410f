import { useSyncExternalStore } from 'react'
import { done, LoaProblem, newKey, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { problemText } from '../../api/problem-text.ts'
import { readAgain } from '../../api/query-client.ts'
import { whenPersonGoes } from '../../api/session-change.ts'
import { currentLanguage } from '../../words/language.ts'
import { uploadInParts } from './part-upload.ts'

export type UploadState = 'queued' | 'sending' | 'waiting' | 'finishing' | 'done' | 'failed'

export interface QueuedUpload {
  readonly key: string
  readonly name: string
  readonly sizeBytes: number
  readonly sentBytes: number
  readonly state: UploadState
  /** Why it failed, for the reader. */
  readonly failure: string | null
  /** Left out of what the server had from an earlier try. */
  readonly resumedBytes: number
  readonly clip: Schemas['Clip'] | null
}

interface Work {
  readonly file: Blob
  readonly unitId: string | null
  readonly abort: AbortController
  uploadId: string | null
}

/** A line that is open but carries nothing is as good as none. */
const STALL_MS = 30_000

let queue: readonly QueuedUpload[] = []
const works = new Map<string, Work>()
const listeners = new Set<() => void>()
let isRunning = false

function set(next: readonly QueuedUpload[]): void {
  queue = next
  for (const listener of listeners) listener()
}
const change = (key: string, changes: Partial<QueuedUpload>): void => { set(queue.map((one) => (one.key === key ? { ...one, ...changes } : one))) }

/** Files to become clips of a unit, one after another, also while other screens are open. A file whose upload was broken off, even days of clicks ago, goes on where it was. */
export function enqueue(files: readonly { readonly file: Blob; readonly name: string }[], unitId: string | null): void {
  const added = files.map(({ file, name }) => {
    const key = newKey()
    works.set(key, { file, unitId, abort: new AbortController(), uploadId: null })
    return { key, name, sizeBytes: file.size, sentBytes: 0, state: 'queued' as const, failure: null, resumedBytes: 0, clip: null }
  })
  set([...queue, ...added])
  void run()
}

/** Gives one up, or takes it off the list when it is over. */
export function dismiss(key: string): void {
  const work = works.get(key)
  works.delete(key)
  work?.abort.abort()
  const id = work?.uploadId ?? null
  if (id !== null) void loa.DELETE('/v1/clip-uploads/{id}', { params: { path: { id } } }).catch(() => undefined)
  set(queue.filter((one) => one.key !== key))
}
whenPersonGoes(() => { for (const { key } of queue) dismiss(key) })

export function retry(key: string): void {
  change(key, { state: 'queued', failure: null })
  void run()
}

export function useUploads(): readonly QueuedUpload[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, () => queue)
}

async function run(): Promise<void> {
  if (isRunning) return
  isRunning = true
  try {
    for (let next = nextQueued(); next !== undefined; next = nextQueued()) await upload(next)
  } finally {
    isRunning = false
  }
}

const nextQueued = (): QueuedUpload | undefined => queue.find(({ state }) => state === 'queued')

async function upload({ key, name, sizeBytes }: QueuedUpload): Promise<void> {
  const work = works.get(key)
  if (work === undefined) return
  const { file, unitId, abort: { signal } } = work
  try {
    const clip = await uploadInParts<Schemas['Clip']>(sizeBytes, {
      async begin() {
        change(key, { state: 'sending' })
        const known = done(await loa.GET('/v1/clip-uploads', { signal })).items.find((one) => one.name === name.normalize('NFC').trim() && one.sizeBytes === sizeBytes && one.unitId === unitId)
        const begun = known ?? done(await loa.POST('/v1/clip-uploads', { body: { name, sizeBytes, ...(unitId === null ? {} : { unitId }) }, headers: { 'idempotency-key': key }, signal }))
        work.uploadId = begun.id
        change(key, { resumedBytes: begun.offset, sentBytes: begun.offset })
        return begun
      },
      offset: async (id) => done(await loa.GET('/v1/clip-uploads/{id}', { params: { path: { id } }, signal })).offset,
      send: (id, from, to) => sendPart(id, from, file.slice(from, to), signal, (sentBytes) => { change(key, { sentBytes }) }),
      finish: async (id) => done(await loa.POST('/v1/clip-uploads/{id}/clip', { params: { path: { id } }, headers: { 'idempotency-key': `${key}-clip` }, signal })),
      wait: (ms) => wait(ms, signal),
      isFinal: (error) => signal.aborted || isFinal(error),
      onState: (sentBytes, state) => { change(key, { sentBytes, state }) },
    })
    works.delete(key)
    change(key, { state: 'done', sentBytes: sizeBytes, clip })
    readAgain(new Set(['/v1/clips']))
  } catch (error) {
    if (!signal.aborted) change(key, { state: 'failed', failure: problemText(error) })
  }
}

/** To send it again changes nothing. An offset that moved (409), too many calls (429) or files at once (503) pass; a full disk does not soon. */
const isFinal = (error: unknown): boolean => error instanceof LoaProblem && (error.status === 507 || (error.status < 500 && error.status !== 409 && error.status !== 429))

/** By XMLHttpRequest: only it tells how much of a body has gone. */
function sendPart(id: string, from: number, part: Blob, signal: AbortSignal, onSent: (bytes: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    let stalled: ReturnType<typeof setTimeout>
    const watch = (): void => {
      clearTimeout(stalled)
      stalled = setTimeout(() => { request.abort() }, STALL_MS)
    }
    const abort = (): void => { request.abort() }
    request.open('PATCH', `/v1/clip-uploads/${encodeURIComponent(id)}`)
    request.setRequestHeader('Content-Type', 'application/offset+octet-stream')
    request.setRequestHeader('Upload-Offset', String(from))
    request.setRequestHeader('Accept-Language', currentLanguage())
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded }) => {
      watch()
      onSent(from + loaded)
    }
    request.onload = () => {
      if (request.status === 200) resolve((request.response as Schemas['ClipUpload']).offset)
      else reject(new LoaProblem({ status: request.status, url: request.responseURL } as Response, (request.response as Schemas['Problem'] | null) ?? undefined))
    }
    request.onerror = request.onabort = () => { reject(new TypeError('the connection broke')) }
    request.onloadend = () => {
      clearTimeout(stalled)
      signal.removeEventListener('abort', abort)
    }
    signal.addEventListener('abort', abort)
    watch()
    request.send(part)
  })
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      removeEventListener('online', end)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    addEventListener('online', end)
    signal.addEventListener('abort', end)
  })
}
