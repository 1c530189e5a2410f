import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { RecordingSound } from '../ports.ts'
import { ApiError } from '../problem.ts'

interface Range {
  readonly from: number
  /** Exclusive. */
  readonly until: number
}

/**
 * RFC 9110, 14.1.2: one range; several, or what cannot be read, are as if nothing had been asked for.
 * @throws ApiError LOA_ERR_RANGE when nothing of it is there
 */
export function readRange(header: string | undefined, bytes: number): Range | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  const [, first = '', last = ''] = match ?? []
  if (match === null || (first === '' && last === '')) return undefined
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first)
  const until = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (from >= until) throw new ApiError('LOA_ERR_RANGE', `there are ${String(bytes)} bytes`, `chỉ có ${String(bytes)} byte`, { headers: { 'Content-Range': `bytes */${String(bytes)}` } })
  return { from, until }
}

/** A file name that says what it is: letters as they are for who understands RFC 6266, without accents for the others. */
export function dispositionOf(name: string, isDownload: boolean, ending = 'opus'): string {
  const clean = name.normalize('NFC').replaceAll(/[^\p{L}\p{N} ._-]/gu, ' ').replaceAll(/\s+/g, ' ').trim().slice(0, 120)
  const plain = clean.normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll('đ', 'd').replaceAll('Đ', 'D').replaceAll(/[^\x20-\x7e]/g, '_')
  return `${isDownload ? 'attachment' : 'inline'}; filename="${plain}.${ending}"; filename*=UTF-8''${encodeURIComponent(`${clean}.${ending}`)}`
}

export interface SoundAnswer {
  readonly sound: RecordingSound
  /** Strong: the same bytes for ever; null: they may still change. */
  readonly etag: string | null
  readonly name: string
  readonly isDownload: boolean
  /** Left out: Ogg Opus. */
  readonly format?: { readonly type: string; readonly ending: string }
}

const OGG_OPUS = { type: 'audio/ogg; codecs=opus', ending: 'opus' }

/** Sends the sound, or the range of it that was asked for. @throws ApiError LOA_ERR_RANGE */
export function sendSound(request: FastifyRequest, reply: FastifyReply, { sound, etag, name, isDownload, format = OGG_OPUS }: SoundAnswer): FastifyReply {
  const condition = request.headers['if-range']
  const isSame = condition === undefined || condition === etag
  const range = isSame ? readRange(request.headers.range, sound.bytes) : undefined
  if (etag !== null) void reply.header('ETag', etag)
  const { from, until } = range ?? { from: 0, until: sound.bytes }
  if (range !== undefined) void reply.status(206).header('Content-Range', `bytes ${String(from)}-${String(until - 1)}/${String(sound.bytes)}`)
  void reply
    .type(format.type)
    .header('Accept-Ranges', 'bytes')
    .header('Cache-Control', 'private, no-cache')
    .header('Content-Disposition', dispositionOf(name, isDownload, format.ending))
    .header('Content-Length', until - from)
  return reply.send(request.method === 'HEAD' || from === until ? Readable.from([]) : sound.read(from, until))
}
