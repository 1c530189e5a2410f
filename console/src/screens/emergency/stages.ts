import type { Schemas } from '../../../../control/client/index.ts'
import type { EmergencyWord } from './words.ts'

type Counts = Schemas['ProofBoard']['counts']

export interface Stage {
  readonly word: EmergencyWord
  readonly count: number
  /** Of how many it can be expected: who cannot prove anything is not among them. */
  readonly of: number
}

/** The four stages of proof, from received to heard. */
export function stagesOf({ targeted, notProved, received, verified, played, heard }: Counts): readonly Stage[] {
  const of = Math.max(0, targeted - notProved)
  return [{ word: 'stageReceived', count: received, of }, { word: 'stageVerified', count: verified, of }, { word: 'stagePlayed', count: played, of }, { word: 'stageHeard', count: heard, of }]
}

export const shareOf = ({ count, of }: Stage): number => (of === 0 ? 0 : Math.min(1, count / of))

/** For `tel:`, what can be dialled of a number as people write it. */
export const dialled = (phone: string): string => phone.replaceAll(/[^+0-9]/g, '')
