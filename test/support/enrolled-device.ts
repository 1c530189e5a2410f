import type { Test } from 'tap'
import { floatToS16le } from '../../codec/index.ts'
import { wavHeader } from '../../server/clips/wav-file.ts'
import { Agent, type AgentEvent } from '../../speaker/agent.ts'
import { openAlone, type OpenedAlone } from '../../speaker/alone/open-alone.ts'
import { wsConnect } from '../../speaker/client/ws-link.ts'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { VirtualCard } from '../../speaker/outputs/virtual-card.ts'
import type { PlayedStretch, SignedMessage } from '../../speaker/ports.ts'
import { deviceIdentity } from '../../speaker/trust/device-identity.ts'
import { enrol } from '../../speaker/trust/enrol.ts'
import { TrustFiles } from '../../speaker/trust/trust-files.ts'
import { TrustGate } from '../../speaker/trust/trust-gate.ts'
import { ADMIN_TOKEN, type LoaServer } from './loa-server.ts'

/** Samples of a second. */
const S = 48_000

/** Makes a clip of a sound. @returns its id */
export async function uploadClip(server: LoaServer, pcm: Float32Array): Promise<string> {
  const bytes = Buffer.alloc(pcm.length * 2)
  floatToS16le(pcm, bytes)
  const form = new FormData()
  form.set('file', new Blob([wavHeader(pcm.length), bytes], { type: 'audio/wav' }), 'clip.wav')
  const response = await fetch(`${server.api}/v1/clips`, { method: 'POST', headers: { authorization: `Bearer ${ADMIN_TOKEN}` }, body: form })
  if (response.status >= 300) throw new Error(await response.text())
  return ((await response.json()) as { id: string }).id
}

/** What the server is set to. */
const DELAY_MS = 800

export interface EnrolledDevice {
  readonly agent: Agent
  readonly alone: OpenedAlone
  readonly played: PlayedStretch[]
  readonly events: AgentEvent[]
  stop(): Promise<void>
}

/** Makes the folder of a device that is enrolled for the cluster. */
export async function enrolDevice(server: LoaServer, clusterId: string, stateDir: string): Promise<void> {
  const { code } = await server.post(`/v1/clusters/${clusterId}/enrolment-codes`)
  await enrol(wsConnect({ server: server.stream.replace('http', 'ws') }), new TrustFiles(stateDir), code as string)
}

/** An enrolled device with a sound card that is not there; all else is as on a board. */
export async function startDevice(t: Test, server: LoaServer, stateDir: string): Promise<EnrolledDevice> {
  const clock = systemLocalClock()
  const files = new TrustFiles(stateDir)
  const stored = await files.identity()
  if (stored === null) throw new Error('not enrolled')
  const identity = deviceIdentity(stored)
  const address = server.stream.replace('http', 'ws')
  const houseUs = (): number | null => {
    const us = agent.house.usAt(clock.monotonicMs())
    return Number.isNaN(us) ? null : us
  }
  const gate = await TrustGate.open({ files, onBundle: (message, body) => alone.onBundle(message, body) })
  if (gate === null) throw new Error('no gate')
  const alone = await openAlone({
    stateDir, clock, wallMs: Date.now, server: address, identity, verifies: true,
    verifyStored: (envelope: SignedMessage, us) => gate.verifyStored(envelope, us),
    houseUs,
    presentationDelayMs: () => DELAY_MS,
    send: (message) => { agent.connection.send(message) },
  })
  const played: PlayedStretch[] = []
  const events: AgentEvent[] = []
  const agent = new Agent({
    clock, connect: wsConnect({ server: address }), identity, gate, alone: alone.source, playLog: alone.playLog,
    output: new VirtualCard({ trueMs: () => clock.monotonicMs(), local: clock }),
    wallMs: Date.now,
    refreshBundle: alone.refreshBundle,
    onEvent: (event) => {
      if (event.event === 'played') played.push(event.stretch)
      else events.push(event)
    },
  })
  agent.start()
  let stopped = false
  const stop = async (): Promise<void> => {
    if (stopped) return
    stopped = true
    await agent.stop()
    await alone.close()
  }
  t.teardown(stop)
  return { agent, alone, played, events, stop }
}

/** Stretches of one kind joined. */
export function runsOf(played: readonly PlayedStretch[]): { readonly playing: string; readonly orderId: string | null; fromSamples: number; untilSamples: number }[] {
  const joined: { playing: string; orderId: string | null; fromSamples: number; untilSamples: number }[] = []
  for (const { playing, orderId, fromSamples, untilSamples } of played) {
    const last = joined.at(-1)
    if (last?.playing === playing && last.orderId === orderId && fromSamples - last.untilSamples < S / 10) last.untilSamples = untilSamples
    else joined.push({ playing, orderId, fromSamples, untilSamples })
  }
  return joined
}
