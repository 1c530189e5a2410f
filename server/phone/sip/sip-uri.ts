import { lookup, resolveSrv } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { SipProtocol } from './transports.ts'

/** The parts of a `sip:` URI that say where to send. */
export interface SipUri {
  readonly user: string
  readonly host: string
  readonly port: number | null
  readonly protocol: SipProtocol
}

const PROTOCOLS: Readonly<Record<string, SipProtocol>> = { udp: 'UDP', tcp: 'TCP', tls: 'TLS' }

/** @returns null when it is no URI of SIP, or its transport is none of ours */
export function readSipUri(uri: string): SipUri | null {
  const match = /^(sips?):(?:([^@\s]*)@)?(\[[\da-f:.]+\]|[^\s:;?@[\]]+)(?::(\d{1,5}))?((?:;[^\s?]*)?)(?:\?\S*)?$/i.exec(uri)
  if (match === null) return null
  const transport = /;transport=([^;]+)/i.exec(match[5]!)?.[1]?.toLowerCase() ?? (match[1]!.toLowerCase() === 'sips' ? 'tls' : 'udp')
  const protocol = PROTOCOLS[transport]
  const port = match[4] === undefined ? null : Number(match[4])
  if (protocol === undefined || (port !== null && (port === 0 || port > 65_535))) return null
  return { user: match[2] ?? '', host: match[3]!.replace(/^\[|\]$/g, ''), port, protocol }
}

export interface Hop {
  readonly protocol: SipProtocol
  readonly address: string
  readonly port: number
  /** What its certificate must say. */
  readonly name: string
}

/**
 * Where to send, best first (RFC 3263): an address as it is, else by SRV when no port is named, else by name.
 * @throws when the name cannot be resolved
 */
export async function resolveHops({ host, port, protocol }: SipUri): Promise<Hop[]> {
  const usual = protocol === 'TLS' ? 5061 : 5060
  if (isIP(host) !== 0) return [{ protocol, address: host, port: port ?? usual, name: host }]
  const byName = async (name: string, at: number): Promise<Hop[]> => (await lookup(name, { all: true })).map(({ address }) => ({ protocol, address, port: at, name: host }))
  if (port !== null) return byName(host, port)
  const records = await resolveSrv(`${protocol === 'TLS' ? '_sips._tcp' : `_sip._${protocol.toLowerCase()}`}.${host}`).catch(() => [])
  const ordered = records.sort((a, b) => a.priority - b.priority || b.weight - a.weight)
  const hops = (await Promise.all(ordered.map(({ name, port: at }) => byName(name, at).catch(() => [])))).flat()
  return hops.length > 0 ? hops : byName(host, usual)
}

/** An address as it stands in a URI. */
export const uriHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)
