import { createSocket } from 'node:dgram'
import { rtpPacket } from '../../codec/rtp/index.ts'

const PACKET_MS = 20
const PACKET_SAMPLES = 960
export const PAYLOAD_TYPE = 111

export interface Packets {
  /** Opus, sent in turn, one in 20 ms, over and over. */
  readonly packets: readonly Buffer[]
  /** A packet is about to go. @param index of `packets` */
  readonly onSend?: (index: number, atMs: number) => void
  /** Place in the 20 ms at which it sends; anywhere when it is not said. */
  readonly phaseMs?: number
  /** By how much its clock is fast. */
  readonly ppm?: number
}

/** Sends packets as RTP at their pace. @returns ends it */
export function sendPaced({ packets, onSend, phaseMs = Math.random() * PACKET_MS, ppm = 0 }: Packets, write: (rtp: Buffer) => void): () => void {
  // Each somewhere else in the grid's tick, as senders are.
  const startedMs = Math.ceil(performance.now() / PACKET_MS) * PACKET_MS + phaseMs
  const everyMs = PACKET_MS / (1 + ppm / 1e6)
  const ssrc = Math.floor(Math.random() * 2 ** 32)
  let count = 0
  let timer: NodeJS.Timeout
  const send = (): void => {
    const index = count % packets.length
    const rtp = rtpPacket({ payloadType: PAYLOAD_TYPE, marker: count === 0, sequence: count & 0xffff, timestamp: (count * PACKET_SAMPLES) >>> 0, ssrc }, packets[index]!)
    onSend?.(index, performance.now())
    write(rtp)
    count += 1
    // By absolute times: a timer that is late makes the next ones no later.
    timer = setTimeout(send, Math.max(0, startedMs + count * everyMs - performance.now()))
  }
  timer = setTimeout(send, startedMs - performance.now())
  return () => { clearTimeout(timer) }
}

/** A studio's encoder: plain RTP to a port of this machine. */
export function openRtpSender(port: number, packets: Packets): { start(): void; close(): Promise<void> } {
  const socket = createSocket('udp4')
  let stop = (): void => undefined
  return {
    start: () => { stop = sendPaced(packets, (rtp) => { socket.send(rtp, port, '127.0.0.1') }) },
    close: () => new Promise((resolve) => {
      stop()
      socket.close(() => { resolve() })
    }),
  }
}
