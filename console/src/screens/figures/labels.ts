import type { UnitTree } from '../../api/unit-tree.ts'
import type { Say } from '../../words/use-words.ts'
import type { FigureWord } from './words.ts'

/** Words for values of the API, `dam-release` for `damRelease`. */
export const wordOf = (value: string): string => value.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

const CLASSES = ['emergency', 'priority', 'normal'] as const

/** How a key of figures is called. */
export function keyName(by: string, { key, name }: { readonly key: string; readonly name: string | null }, say: Say<FigureWord>, sayCommon: Say<(typeof CLASSES)[number]>, units: UnitTree, dayText: (key: string) => string): string {
  if (by === 'unit') return name ?? units.name(key)
  if (by === 'source') return key === 'clips' ? say('clips') : name ?? key
  if (by === 'class') return CLASSES.includes(key as (typeof CLASSES)[number]) ? sayCommon(key as (typeof CLASSES)[number]) : key
  if (by === 'field') return key === 'none' ? say('noField') : say(wordOf(key) as FigureWord)
  return dayText(key)
}
