import { createSocket } from 'node:dgram'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Config } from '../config.ts'
import { monitorPort, publisherPorts, rtcOptions } from './rtc-settings.ts'

/** A server that has just ended may hold them for a moment. */
const TRIES = 6
const AGAIN_MS = 500

/**
 * Looks whether the ports of WebRTC media are free, before the first worker needs one.
 * @returns what is wrong, in words that say what to do; empty: nothing, or there is no WebRTC here
 */
export async function rtcPortProblems(config: Config, { tries = TRIES, againMs = AGAIN_MS } = {}): Promise<string[]> {
  if (config.rtcPort === 0 || !existsSync(rtcOptions(config).workerPath)) return []
  const ports = [...Array.from({ length: config.engineProcesses }, (_, engine) => publisherPorts(config, engine)).flat(), ...Array.from({ length: config.rtcWorkers }, (_, host) => monitorPort(config, host))].sort((a, b) => a - b)
  const address = config.host === '' || config.host === '::' ? '0.0.0.0' : config.host
  const problems: string[] = []
  for (const port of ports) {
    for (const protocol of ['UDP', 'TCP'] as const) {
      let error = await bindError(protocol, port, address)
      for (let attempt = 1; error !== null && attempt < tries; attempt += 1) {
        await new Promise((resolve) => setTimeout(resolve, againMs))
        error = await bindError(protocol, port, address)
      }
      if (error === null) continue
      problems.push(`WebRTC needs ${protocol} port ${String(port)} and cannot have it (${error}): end what uses it (ss -lpn 'sport = :${String(port)}'), or set LOA_RTC_PORT to the first of ${String(ports.length)} free ports in a row, or LOA_RTC_WORKERS=1 to need only ${String(config.engineProcesses + 1)}. All else works without it.`)
    }
  }
  return problems
}

/** @returns its code; null when the port is free */
const bindError = (protocol: 'UDP' | 'TCP', port: number, address: string): Promise<string | null> => new Promise((resolve) => {
  const refused = (error: NodeJS.ErrnoException): void => { resolve(error.code ?? error.message) }
  if (protocol === 'UDP') {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.once('error', (error) => {
      socket.close()
      refused(error)
    })
    socket.bind(port, address, () => { socket.close(() => { resolve(null) }) })
    return
  }
  const server = createServer()
  server.once('error', refused)
  server.listen(port, address, () => { server.close(() => { resolve(null) }) })
})
