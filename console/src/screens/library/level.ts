const FLOOR_DBFS = -60

/** Of the loudest of the last seconds. @param peakDbfs peak */
export function levelOf(peakDbfs: number): 'tooQuiet' | 'levelGood' | 'tooLoud' {
  return peakDbfs < -30 ? 'tooQuiet' : peakDbfs > -1 ? 'tooLoud' : 'levelGood'
}

/** Length of a level bar, 0 to 1. */
export const shareOf = (dbfs: number): number => Math.max(0, Math.min(1, 1 - dbfs / FLOOR_DBFS))
