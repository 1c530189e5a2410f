import { listen, type Stretch } from './listening.ts'
import type { VirtualCluster } from './virtual-cluster.ts'

/** What is judged of a cluster. */
export type Heard = Pick<VirtualCluster, 'name' | 'protocol' | 'connections' | 'kept'>

const STATION_MIN_SECONDS = 2
const EMERGENCY_MIN_SECONDS = 3
/** How much sound of each stretch is looked for in the other clusters' streams. */
const SAMPLE_SECONDS = 1
/** Native frames of 20 ms that must be found in a sample of an HTTP stream; those at its edges may be cut. */
const NATIVE_FRAMES_MIN = Math.floor(SAMPLE_SECONDS * 50 * 0.8)

/**
 * Whether all clusters heard the station, the emergency, and the station again, without a break: one MP3 and one Opus stream
 * are decoded, and the bytes of each stretch are then looked for in what all others of that format got.
 * @returns what is wrong, a line each; empty when all is well
 */
export async function judge(clusters: readonly Heard[], say: (text: string) => void): Promise<string[]> {
  const problems = clusters.filter(({ connections }) => connections !== 1).map(({ name, connections }) => `${name} connected ${String(connections)} times`)
  for (const protocol of ['mp3', 'opus'] as const) {
    const heard = clusters.filter((cluster) => cluster.protocol === protocol).map((cluster) => ({ cluster, stream: Buffer.concat(cluster.kept()) }))
    const [first, ...others] = heard
    if (first === undefined) continue
    const stretches = await listen(first.stream)
    say(`${first.cluster.name} (${protocol}): ${describe(stretches)}`)
    const wrong = judgeStretches(stretches)
    if (wrong !== null) {
      problems.push(`${first.cluster.name} (${protocol}): ${wrong}: ${describe(stretches)}`)
      continue
    }
    const secondsTotal = stretches.at(-1)!.untilSeconds
    for (const stretch of longEnough(stretches)) {
      const sample = cutOut(first.stream, secondsTotal, stretch)
      for (const { cluster, stream } of others) if (!stream.includes(sample)) problems.push(`${cluster.name} did not get the ${stretch.sound} sound that ${first.cluster.name} got`)
      if (protocol !== 'opus') continue
      for (const cluster of clusters.filter((one) => one.protocol === 'native')) {
        const found = cluster.kept().filter((frame) => sample.includes(frame)).length
        if (found < NATIVE_FRAMES_MIN) problems.push(`${cluster.name} got only ${String(found)} of the frames of the ${stretch.sound} sound that ${first.cluster.name} got`)
      }
    }
  }
  return problems
}

/** Station, emergency, station, and never silence. */
function judgeStretches(stretches: readonly Stretch[]): string | null {
  if (stretches.some(({ sound }) => sound === 'silence')) return 'there was silence'
  const order = longEnough(stretches).map(({ sound }) => sound).join(', ')
  return order === 'station, other, station' ? null : `heard ${order === '' ? 'nothing' : order}`
}

/** Leaves out stretches too short to tell anything, where one sound gives way to another, and joins what they parted. */
function longEnough(stretches: readonly Stretch[]): Stretch[] {
  const joined: Stretch[] = []
  for (const stretch of stretches) {
    if (stretch.untilSeconds - stretch.fromSeconds < (stretch.sound === 'station' ? STATION_MIN_SECONDS : EMERGENCY_MIN_SECONDS)) continue
    const last = joined.at(-1)
    if (last?.sound === stretch.sound) joined[joined.length - 1] = { ...last, untilSeconds: stretch.untilSeconds }
    else joined.push(stretch)
  }
  return joined
}

/** Bytes from the middle of a stretch; the streams have a constant rate, or nearly. */
function cutOut(stream: Buffer, secondsTotal: number, { fromSeconds, untilSeconds }: Stretch): Buffer {
  const bytesPerSecond = stream.length / secondsTotal
  const from = Math.round(((fromSeconds + untilSeconds - SAMPLE_SECONDS) / 2) * bytesPerSecond)
  return stream.subarray(from, from + Math.round(SAMPLE_SECONDS * bytesPerSecond))
}

const describe = (stretches: readonly Stretch[]): string => stretches.map(({ sound, fromSeconds, untilSeconds }) => `${sound} ${fromSeconds.toFixed(2)}–${untilSeconds.toFixed(2)} s`).join(', ')
