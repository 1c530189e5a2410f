import { join } from 'node:path'
import { OpusDecoder } from '../../codec/index.ts'
import type { BusFrame } from '../../rooms/frame-bus.ts'
import { connectFrameBus, type FrameBusClient } from '../../server/bus/unix-frame-bus.ts'
import { loadConfig } from '../../server/config.ts'
import { engineSocket } from '../../server/run-paths.ts'
import { Loa, prepareFolder, type Cluster } from './loa.ts'
import { waitUntil } from './processes.ts'

const FORMAT = 'opus-32'
const DURATION_MS = 3_600_000

export interface LiveSource {
  readonly id: string
  readonly key: string
  readonly url: string
  readonly cluster: Cluster
}

/** Clicks that come again and again would be taken for a loop. */
const UNWATCHED = { watch: 'off' }

/** A server with live sources, each played to a cluster of its own, and an ear on the frame bus, where fan-outs get their frames. */
export class LiveServer {
  readonly loa: Loa
  readonly bus: FrameBusClient
  #number = 0

  static async start(folder: string, name: string, settings: Readonly<Record<string, string>> = {}): Promise<LiveServer> {
    const own = join(folder, name)
    prepareFolder(own)
    const loa = await Loa.start(own, { settings: { LOA_RTC_PORT: '0', LOA_ENGINE_PROCESSES: '1', LOA_FAN_OUT_PROCESSES: '1', LOA_ALLOW_PRIVATE_SOURCES: 'true', ...settings } })
    const { runDir } = loadConfig({ LOA_DATA_DIR: join(own, 'loa-data') }, undefined)
    return new LiveServer(loa, connectFrameBus([engineSocket(runDir, 0)]))
  }

  private constructor(loa: Loa, bus: FrameBusClient) {
    this.loa = loa
    this.bus = bus
  }

  /** Makes a source and puts it on the air of a new cluster. */
  async source(body: object): Promise<LiveSource> {
    this.#number += 1
    const code = `L${String(this.#number)}`
    const unit = await this.loa.api<{ id: string }>('POST', '/v1/units', { code, name: code, parentId: null })
    const cluster = await this.loa.api<Cluster>('POST', '/v1/clusters', { unitId: unit.id, code, name: code, tags: [], position: null })
    const { id, key = '', path = '' } = await this.loa.api<{ id: string; key?: string; path?: string }>('POST', '/v1/sources', { name: code, ...UNWATCHED, ...body })
    await this.loa.api('POST', '/v1/orders', { class: 'normal', title: code, sourceId: id, targets: { units: [unit.id], clusters: [], tags: [] }, durationMs: DURATION_MS })
    return { id, key, url: `http://127.0.0.1:${String(this.loa.streamPort)}${path}`, cluster }
  }

  /** Resolves when frames of all of these come. @param onFrame for each, with the time at which its batch was read */
  async listen(sources: readonly LiveSource[], onFrame: (sourceId: string, frame: BusFrame, atMs: number) => void): Promise<void> {
    const bySource = new Map(sources.map(({ id }) => [`src:${id}`, id]))
    const heard = new Set<string>()
    this.bus.onFrames((frames) => {
      const atMs = performance.now()
      for (const frame of frames) {
        const id = bySource.get(frame.room)
        if (id === undefined) continue
        heard.add(id)
        onFrame(id, frame, atMs)
      }
    })
    this.bus.setInterest([...bySource.keys()].map((room) => ({ room, format: FORMAT })))
    await waitUntil('all rooms give frames', () => heard.size === sources.length)
  }

  async live(sources: readonly LiveSource[]): Promise<void> {
    await waitUntil('all sources are live', async () => {
      for (const { id } of sources) {
        const { status } = await this.loa.api<{ status: { state: string } | null }>('GET', `/v1/sources/${id}`)
        if (status?.state !== 'live' && status?.state !== 'silent') return false
      }
      return true
    }, 40_000)
  }

  async close(): Promise<void> {
    await this.bus.close()
    await this.loa.close()
  }
}

/** A decoder for each room, made when its first frame comes. */
export class Decoders {
  readonly #decoders = new Map<string, OpusDecoder>()

  decode(sourceId: string, packet: Buffer): Float32Array {
    let decoder = this.#decoders.get(sourceId)
    if (decoder === undefined) this.#decoders.set(sourceId, (decoder = new OpusDecoder()))
    return decoder.decode(packet)
  }

  close(): void {
    for (const decoder of this.#decoders.values()) decoder.close()
  }
}
