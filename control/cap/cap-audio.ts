import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { keepClip } from '../clip-rules.ts'
import type { ClipPreparer, ControlClock, ControlConfig, Store } from '../ports.ts'
import type { CapResource } from './cap-message.ts'
import type { Fetcher } from './cap-port.ts'

export interface CapAudioPorts {
  readonly store: Store
  readonly clock: ControlClock
  readonly clips: ClipPreparer
  readonly fetcher: Fetcher
  readonly config: Pick<ControlConfig, 'dataDir' | 'maxClipBytes'>
}

/** A recording of what is said, not a record of it. */
export const MOST_AUDIO_BYTES = 10 * 1024 * 1024
/** Of one message; the others are not tried. */
const MOST_TRIED = 3
const UTTERANCE = /^audio\/(?:mpeg|mp3|ogg|opus|wav|x-wav|wave|vnd\.wave|flac|x-flac|aac|mp4|x-m4a|webm|x-ipaws-audio-mp3)\b/i

export interface AudioRule {
  /** For all that is tried. */
  readonly timeoutMs: number
  /** Whether what is fetched must have the digest that stands in the signed message: nobody listens to it before it is on the air. */
  readonly needsDigest: boolean
}

/**
 * The first of the recordings that can be had in time, as a clip: what stands in the message itself, or is fetched. What is larger than MOST_AUDIO_BYTES, has
 * another digest, or holds no sound is left alone.
 * @param name of the clip, for people
 * @returns its id; null: what is to be said must be spoken
 */
export async function audioClip(resources: readonly CapResource[], name: string, { timeoutMs, needsDigest }: AudioRule, ports: CapAudioPorts): Promise<string | null> {
  const untilMs = ports.clock.wallMs() + timeoutMs
  const usable = resources.filter(({ mimeType, sizeBytes }) => UTTERANCE.test(mimeType) && (sizeBytes ?? 0) <= mostBytes(ports)).slice(0, MOST_TRIED)
  for (const resource of usable) {
    const leftMs = untilMs - ports.clock.wallMs()
    if (leftMs <= 0) return null
    try {
      const id = await within(leftMs, ports.clock, makeClip(resource, name, { timeoutMs: leftMs, needsDigest }, ports))
      if (id !== null) return id
    } catch {
      // A recording that is not to be had is no reason to say nothing.
    }
  }
  return null
}

const mostBytes = ({ config }: CapAudioPorts): number => Math.min(MOST_AUDIO_BYTES, config.maxClipBytes)

async function makeClip(resource: CapResource, name: string, rule: AudioRule, ports: CapAudioPorts): Promise<string | null> {
  const bytes = await bytesOf(resource, rule, ports)
  if (bytes === null || !isIntact(bytes, resource.digest)) return null
  const folder = join(ports.config.dataDir, 'uploads')
  const path = join(folder, `cap-${randomBytes(12).toString('hex')}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await writeFile(path, bytes, { flag: 'wx', mode: 0o600 })
    return keepClip(ports, await ports.clips.prepare(path), name, null).clip.id
  } finally {
    await rm(path, { force: true })
  }
}

/** What stands in the message was signed with it. */
async function bytesOf({ derefUri, uri, digest }: CapResource, { timeoutMs, needsDigest }: AudioRule, ports: CapAudioPorts): Promise<Uint8Array | null> {
  if (derefUri !== null) {
    const bytes = Buffer.from(derefUri, 'base64')
    return bytes.length <= mostBytes(ports) ? bytes : null
  }
  if (uri === null || (needsDigest && digest === null)) return null
  return (await ports.fetcher.fetch({ url: uri, mostBytes: mostBytes(ports), timeoutMs })).body
}

function isIntact(bytes: Uint8Array, digest: string | null): boolean {
  if (digest === null) return true
  return timingSafeEqual(createHash('sha1').update(bytes).digest(), Buffer.from(digest, 'hex'))
}

/** Null when it takes longer; what was begun ends by itself. */
async function within<T>(timeoutMs: number, clock: ControlClock, work: Promise<T>): Promise<T | null> {
  let timer: { cancel(): void } | null = null
  const late = new Promise<null>((resolve) => {
    timer = clock.setTimer(timeoutMs, () => { resolve(null) })
  })
  try {
    work.catch(() => undefined)
    return await Promise.race([work, late])
  } finally {
    (timer as { cancel(): void } | null)?.cancel()
  }
}
