import { Badge, type Tone } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import type { Condition, WorkingState } from './cluster-filter.ts'
import { words } from './words.ts'

export const STATE_TONES: Readonly<Record<WorkingState, Tone>> = { 'lost': 'off', 'silent': 'warn', 'out-of-step': 'warn', 'muted': 'warn', 'unknown': 'off', 'never-seen': 'off', 'playing': 'air', 'idle': 'good', 'out-of-use': 'off' }

export function StateBadge({ state }: { readonly state: WorkingState }) {
  return <Badge tone={STATE_TONES[state]}>{useWords(words)(state)}</Badge>
}

export function ConditionBadges({ conditions }: { readonly conditions: readonly Condition[] }) {
  const say = useWords(words)
  return conditions.map((condition) => <Badge key={condition} tone="warn">{say(condition)}</Badge>)
}
