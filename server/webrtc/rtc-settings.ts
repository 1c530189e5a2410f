import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { listOf } from '../list-setting.ts'
import type { RtcHostOptions } from './rtc-host.ts'

/** Where scripts/setup.mjs puts it. */
const BUILT_WORKER = join(import.meta.dirname, '../../build/mediasoup/mediasoup-worker')

type PortSettings = Pick<Config, 'rtcPort' | 'rtcWorkers' | 'engineProcesses'>

/** What WebRTC is like in every process of this installation. */
export const rtcOptions = (config: Config): Omit<RtcHostOptions, 'ports' | 'logger'> => ({
  workerPath: config.mediasoupWorker === '' ? BUILT_WORKER : config.mediasoupWorker,
  listenAddress: config.host,
  announcedAddresses: listOf(config.rtcAnnouncedAddresses),
})

/**
 * Ports are dealt out in layers: the first worker of each engine, the first of the monitors, the second of each engine… So what runs with one worker
 * each stands on the first ports, whatever the number of cores.
 */
const portOf = ({ rtcPort, engineProcesses }: PortSettings, layer: number, place: number): number => (rtcPort === 0 ? 0 : rtcPort + layer * (engineProcesses + 1) + place)

/** Ports of the workers of an engine. */
export const publisherPorts = (config: PortSettings, engine: number): number[] => Array.from({ length: config.rtcWorkers }, (_, layer) => portOf(config, layer, engine))

/** Port of the monitors' worker of a fan-out that hosts monitors. */
export const monitorPort = (config: PortSettings, fanOut: number): number => portOf(config, fanOut, config.engineProcesses)

/** The fan-out that hosts the monitors who come to this one: each hosts its own, as long as there is a worker for it. */
export const monitorHost = (fanOut: number, { rtcWorkers, fanOutProcesses }: Pick<Config, 'rtcWorkers' | 'fanOutProcesses'>): number => fanOut % Math.min(rtcWorkers, fanOutProcesses)

/** Credentials of TURN that are made from the secret hold for so long: longer than anybody speaks. */
const TURN_HOLDS_S = 24 * 3600

/**
 * `Link` headers of the servers that clients are to use (RFC 9725, 4.6). Those of TURN carry what the client logs in with: what stands in the setting
 * (`turn:user:password@host`), or else what follows from the secret that the TURN server knows too (draft-uberti-behave-turn-rest).
 */
export function iceServerLinks({ iceServers, turnSecret }: Pick<Config, 'iceServers' | 'turnSecret'>, nowMs: number): string[] {
  return listOf(iceServers).map((url) => {
    const [, scheme = '', user, password, rest = ''] = /^(turns?:)(?:([^:@]+):([^@]*)@)?(.+)$/.exec(url) ?? []
    const link = (address: string, more = ''): string => `<${address}>; rel="ice-server"${more}`
    const login = (name: string, credential: string): string => `; username="${name}"; credential="${credential}"; credential-type="password"`
    if (scheme === '') return link(url)
    if (user !== undefined && password !== undefined) return link(scheme + rest, login(decodeURIComponent(user), decodeURIComponent(password)))
    if (turnSecret === '') return link(url)
    const name = `${String(Math.floor(nowMs / 1000) + TURN_HOLDS_S)}:loa`
    return link(url, login(name, createHmac('sha1', turnSecret).update(name).digest('base64')))
  })
}
