import { AlertTriangle, CircleDashed, LoaderCircle, Volume2 } from 'lucide-react'
import { Badge } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { toneOf, type Source } from './sources.ts'
import { words } from './words.ts'

const ICONS = { good: Volume2, warn: AlertTriangle, accent: LoaderCircle, off: CircleDashed } as const

/** How a source is, and what is wrong with its sound. */
export function StateBadge({ status }: { readonly status: Source['status'] }) {
  const say = useWords(words)
  const tone = toneOf(status)
  const Icon = ICONS[tone]
  const fault = status?.fault ?? null
  return (
    <span className="row tight">
      <Badge tone={tone} icon={<Icon size={14} aria-hidden />}>{say(`state_${status?.state ?? 'unknown'}`)}</Badge>
      {fault !== null && <Badge tone="warn">{say(`fault_${fault.code}`)}</Badge>}
    </span>
  )
}
