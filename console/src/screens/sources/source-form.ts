import type { Source, SourceKind } from './sources.ts'

/** What the form holds: all fields of all kinds, in the API's own names and units, so that faults are found at the same paths. */
export interface Values {
  name: string
  unitId: string | null
  fallbackSourceId: string | null
  silenceTimeoutMs: number | null
  levelling: 'programme' | 'speech' | 'off'
  watch: 'all' | 'silence' | 'off'
  mount: string
  takeover: 'refuse' | 'replace'
  acceptsFrom: 'always' | 'window'
  leadTimeMs: number | null
  tailMs: number | null
  urls: readonly string[]
  frequencyHz: number | null
  levelDbfs: number | null
  rtpBy: 'announced' | 'sdp' | 'fields'
  sdp: string
  stream: { group: string; port: number | null; codec: 'opus' | 'l16' | 'l24'; payloadType: number | null; sampleRateHz: number | null; channels: number | null }
  senders: readonly string[]
  interface: string
  port: number | null
  latencyMs: number | null
  inputSourceIds: readonly string[]
  return: 'automatic' | 'manual'
  returnAfterMs: number | null
}

const EMPTY: Values = {
  name: '', unitId: null, fallbackSourceId: null, silenceTimeoutMs: null, levelling: 'programme', watch: 'all', mount: '/', takeover: 'refuse', acceptsFrom: 'always', leadTimeMs: 600_000, tailMs: 60_000, urls: [], frequencyHz: 1000, levelDbfs: -18,
  rtpBy: 'announced', sdp: '', stream: { group: '', port: 5004, codec: 'l24', payloadType: 98, sampleRateHz: 48_000, channels: 2 }, senders: [], interface: '', port: 9001, latencyMs: 200, inputSourceIds: [], return: 'automatic', returnAfterMs: 10_000,
}

/** What is sensible for most: people who speak are levelled as speech, and a second phone of the same person takes over. */
export const valuesFor = (kind: SourceKind, unitId: string | null): Values => ({ ...EMPTY, unitId, levelling: kind === 'whip' || kind === 'phone' ? 'speech' : kind === 'tone' ? 'off' : 'programme', takeover: kind === 'whip' ? 'replace' : 'refuse' })

export function valuesOf(source: Source): Values {
  const { name, unitId, fallbackSourceId, silenceTimeoutMs, levelling, watch } = source
  const values: Values = { ...EMPTY, name, unitId, fallbackSourceId, silenceTimeoutMs, levelling, watch }
  switch (source.kind) {
    case 'icecast': return { ...values, mount: source.mount, ...ingestOf(source) }
    case 'whip':
    case 'rtmp': return { ...values, ...ingestOf(source) }
    case 'relay': return { ...values, urls: source.urls }
    case 'tone': return { ...values, frequencyHz: source.frequencyHz, levelDbfs: source.levelDbfs }
    case 'srt': return { ...values, port: source.port, latencyMs: source.latencyMs }
    case 'rtp': return { ...values, rtpBy: 'fields', stream: { ...source.stream, group: source.stream.group ?? '' }, senders: source.senders, interface: source.interface ?? '' }
    case 'standby': return { ...values, inputSourceIds: source.inputSourceIds, return: source.return, returnAfterMs: source.returnAfterMs }
    case 'phone': return values
  }
}

const ingestOf = ({ takeover, acceptsFrom, leadTimeMs, tailMs }: Pick<Extract<Source, { kind: 'whip' }>, 'takeover' | 'acceptsFrom' | 'leadTimeMs' | 'tailMs'>) => ({ takeover, acceptsFrom, leadTimeMs, tailMs })

type Body = Record<string, unknown>

/** The lines of a text that say something. */
export const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '')

function ofKind(kind: SourceKind, values: Values): Body {
  const ingest = { takeover: values.takeover, acceptsFrom: values.acceptsFrom, ...(values.acceptsFrom === 'window' ? { leadTimeMs: values.leadTimeMs, tailMs: values.tailMs } : {}) }
  switch (kind) {
    case 'icecast': return { mount: values.mount, ...ingest }
    case 'whip':
    case 'rtmp': return ingest
    case 'relay': return { urls: values.urls }
    case 'tone': return { frequencyHz: values.frequencyHz, levelDbfs: values.levelDbfs }
    case 'srt': return { port: values.port, latencyMs: values.latencyMs }
    case 'standby': return { inputSourceIds: values.inputSourceIds, return: values.return, returnAfterMs: values.returnAfterMs }
    case 'phone': return {}
    case 'rtp': return {
      ...(values.rtpBy === 'fields' ? { stream: { ...values.stream, group: values.stream.group.trim() === '' ? null : values.stream.group.trim() } } : { sdp: values.sdp }),
      ...(values.senders.length === 0 ? {} : { senders: values.senders }),
      ...(values.interface.trim() === '' ? {} : { interface: values.interface.trim() }),
    }
  }
}

/** What is sent to make or change a source of this kind. */
export function bodyOf(kind: SourceKind, isNew: boolean, values: Values): Body {
  const { name, unitId, fallbackSourceId, silenceTimeoutMs, levelling, watch } = values
  return { ...(isNew ? { kind } : {}), name, unitId, fallbackSourceId, silenceTimeoutMs, levelling, watch, ...ofKind(kind, values) }
}

interface Alternatives { readonly anyOf?: readonly { readonly properties?: { readonly kind?: { readonly enum?: readonly unknown[]; readonly const?: unknown } } }[] }

/** The one of the alternatives of the API's schema that is for this kind: faults of the others would say nothing. */
export function schemaFor(schema: Readonly<Record<string, unknown>>, kind: SourceKind): Readonly<Record<string, unknown>> {
  const found = (schema as Alternatives).anyOf?.find(({ properties }) => properties?.kind?.const === kind || properties?.kind?.enum?.[0] === kind)
  return (found ?? schema)
}
