import type { ClusterFacts } from '../../control/monitoring/cluster-state.ts'
import { CLUSTER_STATES, SPEAKER_SOUNDS, SPEAKER_STAGES, type SpeakerInfo } from '../../control/ports.ts'
import { fc } from './seed.ts'

/** What a device in good order says, with nothing on the air. */
export const speakerInfo = (clusterId: string, atMs: number, said: Partial<SpeakerInfo> = {}): SpeakerInfo => ({
  clusterId, atMs, stage: 'idle', orderId: null, playing: 'silence', syncErrorUs: 100, clockErrorUs: 200, wallErrorMs: 3, driftPpm: 12, roundTripUs: 900, cardPpm: -40, correctionPpm: 40,
  bufferMs: 700, targetMs: 800, lateFrames: 0, lostFrames: 0, concealedFrames: 0, unverifiedFrames: 0, volumePercent: 80, hoursPercent: 100, muted: false, amplifier: true, power: 'mains', temperatureC: 41, signalDbm: -70,
  storageFault: null, version: '1', identity: 'device', ...said,
})

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 4 })
const time = fc.integer({ min: 0, max: 60_000 })

/** Anything that a device may say at some time of a minute. */
export const anySpeaker = (clusterId: string, atMs: fc.Arbitrary<number> = time): fc.Arbitrary<SpeakerInfo> => fc.record({
  atMs,
  stage: maybe(fc.constantFrom(...SPEAKER_STAGES)),
  playing: maybe(fc.constantFrom(...SPEAKER_SOUNDS)),
  syncErrorUs: maybe(fc.integer({ min: -60_000, max: 60_000 })),
  clockErrorUs: maybe(fc.integer({ min: 0, max: 400_000 })),
  wallErrorMs: maybe(fc.integer({ min: -5000, max: 5000 })),
  targetMs: maybe(fc.constantFrom(0, 800)),
  unverifiedFrames: maybe(fc.nat(2)),
  volumePercent: maybe(fc.constantFrom(0, 60)),
  muted: maybe(fc.boolean()),
  amplifier: maybe(fc.boolean()),
  power: maybe(fc.constantFrom('mains', 'battery')),
  temperatureC: maybe(fc.integer({ min: 20, max: 100 })),
  signalDbm: maybe(fc.integer({ min: -130, max: -50 })),
  storageFault: maybe(fc.constant('SPEAKER_ERR_DISK_FULL')),
}).map((said) => speakerInfo(clusterId, said.atMs, said))

/** Any cluster at any time of a minute. */
export const anyFacts: fc.Arbitrary<ClusterFacts> = fc.record({
  cluster: fc.record({ enabled: fc.boolean(), state: fc.constantFrom('active', ...CLUSTER_STATES) }),
  connections: fc.array(fc.record({ protocol: fc.constantFrom('http', 'native'), sinceMs: time }), { maxLength: 2 }),
  rtpReceivers: fc.constantFrom(0, 0, 1),
  speaker: maybe(anySpeaker('c')),
  onAir: maybe(fc.record({ class: fc.constantFrom('emergency', 'normal'), sinceMs: time })),
  past: fc.record({ wasSeen: fc.boolean(), excusedUntilMs: time, quietSinceMs: maybe(time), beyondSinceMs: maybe(time), wasHot: fc.boolean(), wasWeak: fc.boolean() }),
})
