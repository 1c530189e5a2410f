import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { monotonicMs } from '../../test/support/link-emulator-relay.ts'
import { Loa, type Cluster } from '../lib/loa.ts'

const DAY_MS = 24 * 3600 * 1000
const CREATE_CONCURRENCY = 16
/** The quickest of so many exchanges, without any emulated network, ties the house clock to CLOCK_MONOTONIC. */
const EXCHANGES = 100

/** A server with a tone on air at every cluster of one unit. */
export interface Station {
  readonly loa: Loa
  readonly unitId: string
  readonly clusters: readonly Cluster[]
  readonly programmeOrderId: string
  readonly alarmSourceId: string
  /** House ms less CLOCK_MONOTONIC ms. */
  readonly houseLeadMs: number
  /** How well that is known: half the round trip, ms. */
  readonly houseErrorMs: number
}

export async function openStation(folder: string, clusters: number, settings: Readonly<Record<string, string>>): Promise<Station> {
  const own = join(folder, `fleet-${String(Math.round(monotonicMs()))}`)
  mkdirSync(own)
  const loa = await Loa.start(own, { settings })
  try {
    const unit = await loa.api<{ id: string }>('POST', '/v1/units', { code: 'FLEET', name: 'Fleet', parentId: null })
    const tone = await loa.api<{ id: string }>('POST', '/v1/sources', { kind: 'tone', name: 'Programme', frequencyHz: 440 })
    const alarm = await loa.api<{ id: string }>('POST', '/v1/sources', { kind: 'tone', name: 'Alarm', frequencyHz: 1500 })
    const made: Cluster[] = []
    let begun = 0
    const worker = async (): Promise<void> => {
      while (begun < clusters + 1) {
        const code = `F${String(begun++)}`
        const { id, key } = await loa.api<Cluster>('POST', '/v1/clusters', { unitId: unit.id, code, name: code, tags: [], position: null })
        made.push({ id, key })
      }
    }
    await Promise.all(Array.from({ length: CREATE_CONCURRENCY }, worker))
    const order = await loa.api<{ id: string }>('POST', '/v1/orders', { class: 'normal', title: 'Programme', sourceId: tone.id, targets: { units: [unit.id], clusters: [], tags: [] }, durationMs: DAY_MS })
    const house = await askHouse(loa.streamPort, made.pop()!)
    return { loa, unitId: unit.id, clusters: made, programmeOrderId: order.id, alarmSourceId: alarm.id, houseLeadMs: house.leadMs, houseErrorMs: house.errorMs }
  } catch (error) {
    await loa.close()
    throw error
  }
}

/** Asks for house time as a speaker does (server/protocol.md, `clock`), straight over loopback. */
async function askHouse(port: number, { id, key }: Cluster): Promise<{ leadMs: number; errorMs: number }> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}/v1/speaker`)
  await once(socket, 'open')
  let best = { leadMs: NaN, errorMs: Infinity }
  let answered = 0
  try {
    await new Promise<void>((resolve, reject) => {
      const ask = (): void => {
        socket.send(JSON.stringify({ type: 'clock', t1: monotonicMs() }))
      }
      socket.on('close', (code) => {
        reject(new Error(`the server closed the clock's connection: ${String(code)}`))
      })
      socket.on('message', (data, isBinary) => {
        const t4 = monotonicMs()
        if (isBinary) return
        const message = JSON.parse((data as Buffer).toString('utf8')) as { type: string; t1: number; t2: number; t3: number }
        if (message.type === 'welcome') ask()
        if (message.type !== 'clock') return
        const { t1, t2, t3 } = message
        const errorMs = (t4 - t1 - (t3 - t2) / 1000) / 2
        if (errorMs < best.errorMs) best = { leadMs: (t2 + t3) / 2000 - (t1 + t4) / 2, errorMs }
        if (++answered === EXCHANGES) resolve()
        // At most 50 messages a second.
        else setTimeout(ask, 25)
      })
      socket.send(JSON.stringify({ type: 'hello', protocol: 1, clusterId: id, key }))
    })
  } finally {
    socket.terminate()
  }
  return best
}
