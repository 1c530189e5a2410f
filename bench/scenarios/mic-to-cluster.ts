import { setTimeout as delay } from 'node:timers/promises'
import { Agent } from '../../speaker/agent.ts'
import { wsConnect } from '../../speaker/client/ws-link.ts'
import { systemLocalClock } from '../../speaker/clock/system-local-clock.ts'
import { keyIdentity } from '../../speaker/key-identity.ts'
import { VirtualCard } from '../../speaker/outputs/virtual-card.ts'
import { BrowserMicrophone } from '../lib/browser-microphone.ts'
import { ClickFinder, clickWav } from '../lib/clicks.ts'
import { LiveServer } from '../lib/live-room.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { percentile, round } from '../lib/statistics.ts'
import { Teardowns } from '../lib/teardowns.ts'

const BOUND_MS = 300
/** A native cluster on a LAN. */
const BUFFER_MS = 120
const MOST_MS = 480
const RATE_HZ = 48_000

async function run(bench: Bench): Promise<Outcome> {
  const sessions = bench.quick ? 1 : 3
  const seconds = 20
  const after = new Teardowns()
  try {
    const server = await LiveServer.start(bench.folder, 'mic-to-cluster', { LOA_PRESENTATION_DELAY_MS: String(BUFFER_MS) })
    after.teardown(() => server.close())
    const source = await server.source({ kind: 'whip' })
    const playedMs: number[] = []
    const card = listener(server.loa.streamPort, source.cluster, (atMs) => playedMs.push(atMs), after)
    const microphone = await BrowserMicrophone.open(after, `http://127.0.0.1:${String(server.loa.streamPort)}/talk/${source.id}`, clickWav(8))
    const delaysMs: number[] = []
    let heard = 0
    for (let session = 0; session < sessions; session += 1) {
      bench.say(`session ${String(session + 1)} of ${String(sessions)}`)
      await microphone.publish(source.url, source.key)
      await delay(10_000)
      await microphone.clicks()
      playedMs.length = 0
      await delay(seconds * 1000)
      const clicks = await microphone.clicks()
      await delay(MOST_MS)
      for (const clickMs of clicks) {
        heard += 1
        const played = playedMs.find((atMs) => atMs > clickMs && atMs < clickMs + MOST_MS)
        if (played !== undefined) delaysMs.push(played - clickMs)
      }
      await microphone.hangUp(source.key)
      await delay(1000)
    }
    const problems: string[] = []
    if (heard < sessions * seconds) problems.push(`the microphone heard only ${String(heard)} clicks`)
    if (delaysMs.length < heard - sessions) problems.push(`${String(heard - delaysMs.length)} of ${String(heard)} clicks did not come out within ${String(MOST_MS)} ms`)
    return {
      value: percentile(delaysMs, 0.95),
      problems,
      beside: `p50 ${String(round(percentile(delaysMs, 0.5)))}, max ${String(round(Math.max(...delaysMs)))} ms of ${String(delaysMs.length)} clicks; ${String(BUFFER_MS)} of them are the cluster's buffer`,
      detail: {
        defined: 'from the time stamp of a click’s first sample in a page of Chromium (MediaStreamTrackProcessor) to the moment at which its first decoded sample leaves the card of the speaker’s agent: browser, network, server, buffer of the cluster, card; what the browser takes at least to hand a sound to its page, some ms, is not in it',
        sessions, seconds, clicks: heard, silentSamplesOfCard: card.silentSamples, delaysMs: delaysMs.map((ms) => round(ms, 4)),
      },
      plots: [],
    }
  } finally {
    await after.run()
  }
}

/** The speaker's own agent with a card that keeps true time. @param played when a click has left it */
function listener(port: number, { id, key }: { readonly id: string; readonly key: string }, played: (atMs: number) => void, after: Teardowns): VirtualCard {
  const clock = systemLocalClock()
  const finder = new ClickFinder()
  let samples = 0
  const startedMs = performance.now()
  let first = true
  const card: VirtualCard = new VirtualCard({
    // The card's first block leaves at the time that it asks for first.
    trueMs: () => {
      if (first) {
        first = false
        return startedMs
      }
      return performance.now()
    },
    local: clock,
    queueMs: 20,
    sink: (pcm) => {
      for (const at of finder.find(pcm)) played(startedMs + ((samples + at) * 1000) / RATE_HZ)
      samples += pcm.length
    },
  })
  const agent = new Agent({ clock, output: card, turnMs: 10, connect: wsConnect({ server: `ws://127.0.0.1:${String(port)}` }), identity: keyIdentity(id, key) })
  agent.start()
  after.teardown(() => agent.stop())
  return card
}

export const micToCluster: Scenario = { id: 'mic-to-cluster-p95-ms', title: 'browser microphone to a native cluster with a buffer of 120 ms, p95', unit: 'ms', bound: BOUND_MS, better: 'less', run }
