import { frameAtOrAfter } from './grid.ts'
import type { Plan, PlanSegment } from './plan.ts'

/**
 * A plan as the fan-out uses it: one object for all clusters that have the same plan, so that they can share bytes.
 * Made by TimelineRegistry only.
 */
export class Timeline {
  readonly key: string
  readonly plan: Plan
  /** Lines and clusters that hold it. */
  references = 0

  constructor(key: string, plan: Plan) {
    this.key = key
    this.plan = plan
  }

  /** What plays in this frame; null is silence. A segment holds the frames that begin at or after its start and before its end. */
  segmentAt(frameIndex: number, frameSamples: number): PlanSegment | null {
    for (const segment of this.plan) {
      if (frameIndex < frameAtOrAfter(segment.fromSamples, frameSamples)) return null
      if (frameIndex < frameAtOrAfter(segment.untilSamples, frameSamples)) return segment
    }
    return null
  }
}

/** Gives equal plans one Timeline. */
export class TimelineRegistry {
  readonly #byKey = new Map<string, Timeline>()

  /** Takes a reference; give it back with release(). */
  acquire(plan: Plan): Timeline {
    const key = JSON.stringify(plan)
    let timeline = this.#byKey.get(key)
    if (timeline === undefined) {
      timeline = new Timeline(key, plan)
      this.#byKey.set(key, timeline)
    }
    timeline.references += 1
    return timeline
  }

  retain(timeline: Timeline): Timeline {
    timeline.references += 1
    return timeline
  }

  release(timeline: Timeline): void {
    timeline.references -= 1
    if (timeline.references === 0) this.#byKey.delete(timeline.key)
  }

  get size(): number {
    return this.#byKey.size
  }

  all(): Iterable<Timeline> {
    return this.#byKey.values()
  }
}
