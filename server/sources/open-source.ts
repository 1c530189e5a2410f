import type { Logger } from 'pino'
import type { Clock } from '../../rooms/clock.ts'
import type { Config } from '../config.ts'
import type { SourceSpec } from '../link/messages.ts'
import type { EngineSource } from './engine-source.ts'
import type { EgressProxy } from './egress-proxy.ts'
import type { RtcHost } from '../webrtc/rtc-host.ts'
import { WhipSource } from '../webrtc/whip-source.ts'
import { IcecastSource } from './icecast-source.ts'
import { RelaySource } from './relay-source.ts'
import { RtpSource } from './rtp-source.ts'
import { SrtSource } from './srt-source.ts'
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
  }
}
