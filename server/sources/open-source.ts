import type { Logger } from 'pino'
import type { Clock } from '../../rooms/clock.ts'
import type { Config } from '../config.ts'
import type { SourceSpec, SourceSwitch } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { EgressProxy } from './egress-proxy.ts'
import type { RtcHost } from '../webrtc/rtc-host.ts'
import { WhipSource } from '../webrtc/whip-source.ts'
import { IcecastSource } from './icecast-source.ts'
import { PhoneSource } from './phone-source.ts'
import { RelaySource } from './relay-source.ts'
import { RtpSource } from './rtp-source.ts'
import { SrtSource } from './srt-source.ts'
import { StandbySource, type SharedInput } from './standby-source.ts'
import { ToneSource } from './tone-source.ts'

/** What every kind of source is given. */
export interface SourceContext {
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
  /** The engine's way out for playlists; opened when first asked for. */
  readonly proxy: () => Promise<EgressProxy>
  /** The engine's WebRTC; its worker is started when somebody first comes. */
  readonly rtc: RtcHost
  /** To be called when the report has changed. */
  readonly changed: () => void
  /** The house sample that plays now. */
  readonly nowSamples: () => number
  /** Another source of this engine; undefined: there is none. */
  readonly input: (sourceId: string) => SharedInput | undefined
  /** To be called when a source with hot standby has taken another input. */
  readonly switched: (what: Omit<SourceSwitch, 'type' | 'id'>) => void
}

/** Opens a source of any kind. */
export function openSource(spec: SourceSpec, context: SourceContext): EngineSource {
  switch (spec.kind) {
    case 'tone': return new ToneSource(spec)
    case 'relay': return new RelaySource(spec, context)
    case 'icecast':
    case 'rtmp': return new IcecastSource(spec, context)
    case 'whip': return new WhipSource(spec, context)
    case 'rtp': return new RtpSource(spec, context)
    case 'srt': return new SrtSource(spec, context)
    case 'standby': return new StandbySource(spec, context)
    case 'phone': return new PhoneSource(spec, context)
  }
}
