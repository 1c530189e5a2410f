import type { Tone } from '../../kit/surfaces.tsx'
import type { PointLook } from '../../parts/map/types.ts'

/** In the order in which they are counted on the screen. */
export const SHOWN_LOOKS: readonly PointLook[] = ['emergency', 'exercise', 'priority', 'normal', 'quiet', 'fault', 'offline']

export const LOOK_TONES: Readonly<Record<PointLook, Tone>> = { quiet: 'good', offline: 'off', normal: 'air', priority: 'accent', exercise: 'exercise', fault: 'warn', emergency: 'emergency' }

/** The same shape and colour as on the map; the word stands beside it. */
export const LookMark = ({ look }: { readonly look: PointLook }) => <span className={`now-mark ${look}`} aria-hidden />
