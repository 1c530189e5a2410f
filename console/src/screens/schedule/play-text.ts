import { useCallback } from 'react'
import type { UnitTree } from '../../api/unit-tree.ts'
import { useWords } from '../../words/use-words.ts'
import type { Entry } from './entries.ts'
import { words } from './words.ts'

/** Whose it is: the unit in whose name it plays. */
export const ownerOf = ({ shown: { item } }: Entry, units: UnitTree): string => units.name(item.issuer)

/** What has become of a play, in a word. */
export function useStateText(): (entry: Entry) => string {
  const say = useWords(words)
  return useCallback(({ play, shown: { item } }) => say(play.state === 'off' && item.ask !== null ? 'asking' : play.state), [say])
}
