import { setTimeout as delay } from 'node:timers/promises'
import { FRAME_FLAG } from '../../rooms/frame-bus.ts'
import { BrowserMicrophone } from '../lib/browser-microphone.ts'
import { clickWav } from '../lib/clicks.ts'
import { LiveServer } from '../lib/live-room.ts'
import { waitUntil } from '../lib/processes.ts'
import type { Bench, Outcome, Scenario } from '../lib/scenario.ts'
import { median, round } from '../lib/statistics.ts'
import { Teardowns } from '../lib/teardowns.ts'

const BOUND_MS = 700

async function run(bench: Bench): Promise<Outcome> {
  const rounds = bench.quick ? 4 : 15
  const after = new Teardowns()
  try {
    const server = await LiveServer.start(bench.folder, 'whip-to-room')
    after.teardown(() => server.close())
    const source = await server.source({ kind: 'whip' })
    let firstMs = Infinity
    let waiting = false
    await server.listen([source], (_id, { flags }, atMs) => {
      // Frames without any source say so.
      if (waiting && firstMs === Infinity && (flags & FRAME_FLAG.BRIDGED) === 0) firstMs = atMs
    })
    const microphone = await BrowserMicrophone.open(after, `http://127.0.0.1:${String(server.loa.streamPort)}/talk/${source.id}`, clickWav(8))
    const timesMs: number[] = []
    const answersMs: number[] = []
    for (let round_ = 0; round_ < rounds; round_ += 1) {
      bench.say(`round ${String(round_ + 1)} of ${String(rounds)}`)
      await delay(1000)
      firstMs = Infinity
      waiting = true
      const { postMs, answeredMs } = await microphone.publish(source.url, source.key)
      await waitUntil('the room has a frame of the browser', () => firstMs < Infinity)
      waiting = false
      timesMs.push(firstMs - postMs)
      answersMs.push(answeredMs - postMs)
      await microphone.hangUp(source.key)
    }
    const [cold = NaN, ...warm] = timesMs
    return {
      value: Math.max(...timesMs),
      problems: [],
      beside: `the first, which starts the worker, ${String(round(cold))} ms; then median ${String(round(median(warm)))}, max ${String(round(Math.max(...warm)))}; answer median ${String(round(median(answersMs)))}`,
      detail: { defined: 'from just before the POST in a page in Chromium, its microphone open, to the reading on the frame bus of the first frame that is not bridged; the slowest of all rounds', timesMs: timesMs.map((ms) => round(ms, 4)), answersMs: answersMs.map((ms) => round(ms, 4)) },
      plots: [],
    }
  } finally {
    await after.run()
  }
}

export const whipToRoom: Scenario = { id: 'whip-to-room-ms', title: 'WHIP offer of a browser to the first frame in the room, slowest', unit: 'ms', bound: BOUND_MS, better: 'less', run }
