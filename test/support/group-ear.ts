import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { monotonicMs } from './link-emulator-relay.ts'
import { joinGroup } from './rtp-receivers.ts'

interface Place {
  readonly group: string
  readonly port: number
}

type EarMessage = { readonly bytes: Uint8Array; readonly atMs: number } | 'listening'

/**
 * Hears a group on the loopback interface in a thread of its own: while a test decodes, which may take a second, the kernel's buffer
 * would run over with L16.
 * @param onDatagram atMs: when it came, `monotonicMs()`
 * @returns leaves the group
 */
export async function hearGroup(group: string, port: number, onDatagram: (datagram: Buffer, atMs: number) => void): Promise<() => Promise<number>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { group, port } satisfies Place })
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject)
    worker.on('message', (message: EarMessage) => {
      if (message === 'listening') resolve()
      else onDatagram(Buffer.from(message.bytes.buffer, message.bytes.byteOffset, message.bytes.byteLength), message.atMs)
    })
  })
  return () => worker.terminate()
}

if (!isMainThread && parentPort !== null) {
  const main = parentPort
  const { group, port } = workerData as Place
  const send = (message: EarMessage): void => { main.postMessage(message) }
  await joinGroup(group, port, (bytes) => { send({ bytes, atMs: monotonicMs() }) })
  send('listening')
}
