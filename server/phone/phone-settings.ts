import type { PortRange } from './media/rtp-ports.ts'
import type { VoiceCodecName } from './media/voice-codec.ts'
import type { Credentials } from './sip/digest.ts'

/** One number or extension at a provider or PBX, where calls come in. */
export interface PhoneAccount {
  /** Who we are there: `sip:0292123456@provider.example`. */
  readonly uri: string
  /** Where to register: `sip:registrar.example:5060;transport=tcp` (udp, tcp, tls). Null: the domain of `uri`, over UDP. */
  readonly registrar: string | null
  /** All requests go through it, when there is one. */
  readonly outboundProxy: string | null
  readonly credentials: Credentials
  /** How long a registration shall hold, s; the other side may say less, or ask for more (423). */
  readonly expiresS: number
}

/** What the phone line must know; the environment and the API are read elsewhere. */
export interface PhoneSettings {
  /** Of one family: `0.0.0.0` is all of IPv4, `::` all of IPv6; sound goes the same way. */
  readonly listen: { readonly address: string; /** UDP and TCP; 0: any. */ readonly port: number }
  /** PEM; null: no TLS port is opened. Connections to providers by TLS need none. */
  readonly tls: { readonly port: number; readonly certificate: string; readonly key: string } | null
  /** PEM of authorities for providers' certificates; null: the system's. */
  readonly trustedCertificates: string | null
  /** Our address behind NAT, for descriptions and contacts; null: found out. */
  readonly publicAddress: string | null
  readonly accounts: readonly PhoneAccount[]
  /** Addresses and networks (`10.1.0.0/16`) that may call directly, without a provider. */
  readonly allowedPeers: readonly string[]
  /** When there are any, direct callers must prove to be one of them. */
  readonly callers: readonly Credentials[]
  /** Whether others are refused (403, a few a second) or hear nothing. */
  readonly strangers: 'ignore' | 'refuse'
  readonly rtpPorts: PortRange
  /** Best first. */
  readonly codecs: readonly VoiceCodecName[]
  readonly maxCalls: number
  /** From each address; more is dropped unread. */
  readonly maxMessagesPerSecond: number
  /** A call is asked whether it still lives in half of this, s (RFC 4028); at least 90. */
  readonly sessionS: number
  /** Without sound for so long a call ends; not on hold. */
  readonly mediaTimeoutMs: number
}

/** What most want; accounts, peers and ports are each one's own. */
export const DEFAULT_PHONE_SETTINGS: PhoneSettings = {
  listen: { address: '0.0.0.0', port: 5060 },
  tls: null,
  trustedCertificates: null,
  publicAddress: null,
  accounts: [],
  allowedPeers: [],
  callers: [],
  strangers: 'ignore',
  rtpPorts: { from: 20_000, to: 20_199 },
  codecs: ['opus', 'pcma', 'pcmu'],
  maxCalls: 50,
  maxMessagesPerSecond: 200,
  sessionS: 1800,
  mediaTimeoutMs: 20_000,
}
