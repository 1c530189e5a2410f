import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../server/system-clock.ts'
import { openRtpSender } from './paced-packets.ts'
import { WhipSender } from './whip-sender.ts'

/** Where a sender sends to, and at which place of the 20 ms. */
export type SenderLine = ({ readonly url: string; readonly key: string } | { readonly port: number }) & { readonly phaseMs?: number }

export interface ToSenders {
  readonly open?: SenderLine
  readonly start?: true
  readonly close?: true
}

export interface FromSenders {
  readonly failure?: string
  /** When packets went, on CLOCK_MONOTONIC, by sender. */
  readonly sentMs?: readonly (readonly number[])[]
}

/** Needs root; elsewhere they take their turn. */
const NICE = -18

interface Sender {
  start(): void
  close(): Promise<void>
}

// In Linux this is the thread's own.
try {
  setPriority(0, NICE)
} catch { /* as it is */ }

const packets = (workerData as Uint8Array[]).map((packet) => Buffer.from(packet))
const senders: Sender[] = []
const sentMs: number[][] = []

async function handle({ open, start, close }: ToSenders): Promise<FromSenders | undefined> {
  if (open !== undefined) {
    const times: number[] = []
    const sending = { packets, onSend: (): void => { times.push(systemClock.monotonicMs()) }, ...(open.phaseMs === undefined ? {} : { phaseMs: open.phaseMs }) }
    senders.push('port' in open ? openRtpSender(open.port, sending) : await WhipSender.open({ url: open.url, key: open.key, ...sending }))
    sentMs.push(times)
    return {}
  }
  if (start === true) for (const sender of senders) sender.start()
  if (close !== true) return undefined
  for (const sender of senders) await sender.close()
  return { sentMs }
}

parentPort!.on('message', (message: ToSenders) => {
  void handle(message).catch((error: unknown) => ({ failure: error instanceof Error ? error.message : String(error) })).then((answer) => {
    if (answer !== undefined) parentPort!.postMessage(answer)
  })
})
