import type { Schemas } from '../../../../control/client/index.ts'

export type Source = Schemas['Source']
export type SourceKind = Source['kind']
export type SourceOf<Kind extends SourceKind> = Extract<Source, { readonly kind: Kind }>
export type SourceState = NonNullable<Source['status']>['state']

/** In the order in which an operator meets them. */
export const GROUPS = [
  { word: 'groupSenders', kinds: ['whip', 'icecast', 'rtmp', 'srt', 'rtp'] },
  { word: 'groupRelays', kinds: ['relay'] },
  { word: 'groupStandby', kinds: ['standby'] },
  { word: 'groupPhone', kinds: ['phone'] },
  { word: 'groupTones', kinds: ['tone'] },
] as const satisfies readonly { readonly word: string; readonly kinds: readonly SourceKind[] }[]

export const KINDS: readonly SourceKind[] = GROUPS.flatMap(({ kinds }) => [...kinds])

/** What has a key of its own, shown once. */
export const hasKey = (kind: SourceKind): kind is 'icecast' | 'whip' | 'rtmp' | 'srt' => kind === 'icecast' || kind === 'whip' || kind === 'rtmp' || kind === 'srt'
/** What may have further keys, windows, takeovers, and tells who tried to send. */
export const isIngest = (source: Source): source is SourceOf<'icecast' | 'whip' | 'rtmp'> => source.kind === 'icecast' || source.kind === 'whip' || source.kind === 'rtmp'

/** How a source stands, as a colour; the word says it too. */
export function toneOf(status: Source['status']): 'good' | 'warn' | 'accent' | 'off' {
  if (status === null || status.state === 'idle') return 'off'
  if (status.state === 'live') return status.fault === null ? 'good' : 'warn'
  return status.state === 'connecting' ? 'accent' : 'warn'
}

/** Whether somebody should look at it: it is needed and brings no good sound. */
export const needsLook = ({ status }: Source): boolean => toneOf(status) === 'warn'

export interface Place {
  readonly host: string
  /** Of listeners and sources. */
  readonly port: number
  readonly isSecure: boolean
  /** Null: the server takes nothing by RTMP, or it is not known yet. */
  readonly rtmpPort: number | null
}

export interface Field {
  readonly word: 'fieldUrl' | 'fieldHost' | 'fieldPort' | 'fieldMount' | 'fieldUser' | 'fieldPassword' | 'fieldToken' | 'fieldStreamKey' | 'fieldPassphrase' | 'fieldServer' | 'fieldLatency'
  readonly value: string
}

/**
 * What to type into a program that sends to the source.
 * @param key null where it is not known any more: it is shown once
 */
export function encoderFields(source: Source, { host, port, isSecure, rtmpPort }: Place, key: string | null): readonly Field[] {
  const secret = (word: Field['word']): Field[] => (key === null ? [] : [{ word, value: key }])
  switch (source.kind) {
    case 'icecast':
      return [{ word: 'fieldHost', value: host }, { word: 'fieldPort', value: String(port) }, { word: 'fieldMount', value: source.mount }, { word: 'fieldUser', value: 'source' }, ...secret('fieldPassword')]
    case 'whip':
      return [{ word: 'fieldUrl', value: `${isSecure ? 'https' : 'http'}://${host}:${String(port)}${source.path}` }, ...secret('fieldToken')]
    case 'rtmp':
      return [...(rtmpPort === null ? [] : [{ word: 'fieldServer' as const, value: `rtmp://${host}:${String(rtmpPort)}/live` }]), ...secret('fieldStreamKey')]
    case 'srt':
      return [{ word: 'fieldUrl', value: `srt://${host}:${String(source.port)}?mode=caller` }, { word: 'fieldLatency', value: `${String(source.latencyMs)} ms` }, ...secret('fieldPassphrase')]
    default:
      return []
  }
}

/** The page to speak from. The key stands behind `#`, where browsers keep it to themselves. */
export const talkLink = (source: SourceOf<'whip'>, { host, port, isSecure }: Place, key: string): string => `${isSecure ? 'https' : 'http'}://${host}:${String(port)}${source.talkPath}#${key}`

/** What stands in others' way when the source is removed: who falls back to it or has it as an input. */
export const usersOf = (id: string, all: readonly Source[]): readonly Source[] => all.filter((source) => source.fallbackSourceId === id || (source.kind === 'standby' && source.inputSourceIds.includes(id)))

export type Rung = { readonly sourceId: string; readonly rank: number; readonly why: 'plays' | 'chosen' | 'ready' | 'waits' | 'faulty' | 'down' | 'unknown'; readonly goodForMs: number; readonly fault: string | null }

/** The ladder of a standby source, the best first: which input plays, and why the others do not. */
export function rungs(source: SourceOf<'standby'>): readonly Rung[] {
  // While it rests nobody looks at its inputs: what was told of them last is old.
  const told = new Map((source.status?.state === 'idle' ? [] : source.status?.standby?.inputs ?? []).map((input) => [input.sourceId, input]))
  const playing = source.status?.standby?.inputSourceId ?? null
  const playingRank = playing === null ? -1 : source.inputSourceIds.indexOf(playing)
  return source.inputSourceIds.map((sourceId, rank) => {
    const input = told.get(sourceId)
    const goodForMs = input?.goodForMs ?? 0
    const plays = sourceId === playing
    const why = plays ? (source.pinned?.inputSourceId === sourceId ? 'chosen' : 'plays')
      : input === undefined ? 'unknown'
        : input.fault !== null ? 'faulty'
          : goodForMs === 0 ? 'down'
            // Better than the one that plays, and good: it waits until that has lasted.
            : rank < playingRank ? 'waits' : 'ready'
    return { sourceId, rank, why, goodForMs, fault: input?.fault ?? null }
  })
}
