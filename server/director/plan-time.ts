import type { HouseClock } from '../../rooms/house-clock.ts'
import type { WallClock } from '../../rooms/wall-clock.ts'

/**
 * Time for everything that is planned and recorded: the house's, which does not follow a wall clock that steps until that has proved true.
 * Its functions may be handed on by themselves.
 */
export class PlanTime {
  readonly #house: HouseClock
  readonly #wall: WallClock

  constructor(house: HouseClock, wall: WallClock) {
    this.#house = house
    this.#wall = wall
  }

  /** The house sample that plays now, an integer. */
  readonly nowSamples = (): number => Math.floor(this.#house.nowSamples())

  /** Wall time now, whole ms since 1970. */
  readonly wallMs = (): number => Math.floor(this.wallMsAt(this.nowSamples()))

  /** Wall time of a house sample, ms since 1970 with a fraction. */
  readonly wallMsAt = (samples: number): number => this.#wall.wallMsAt(samples)

  /** House sample of a wall time. */
  readonly samplesAtWall = (wallMs: number): number => this.#wall.samplesAtWall(wallMs)

  /** Wall time minus house time as it is followed now, ms. */
  get offsetMs(): number {
    return this.#wall.offsetMs
  }
}
