import { api } from '../../api/client.ts'
import { ConflictBoard } from '../../parts/conflict/conflict-board.tsx'
import { useNamed } from '../../parts/targets/use-choices.ts'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { useClips } from './content-fields.tsx'
import { todayHere } from './days.ts'
import { formWords } from './form-words.ts'
import { conflictsOf, timingOf, type ItemForm, type ItemPart } from './item-form.ts'
import { itemSentence } from './sentence.ts'
import { sentenceWords } from './sentence-words.ts'

interface ItemConflictProps {
  /** As it was when the form was opened. */
  readonly base: ItemForm
  readonly mine: ItemForm
  readonly theirs: ItemForm
  readonly onMine: () => void
  readonly onTheirs: () => void
}

/** What two people have changed of one item, in the words of the calendar. */
export function ItemConflict({ base, mine, theirs, onMine, onTheirs }: ItemConflictProps) {
  const say = useWords(formWords)
  const sayCommon = useWords(common)
  const [own, other] = [useTexts(mine), useTexts(theirs)]
  const names: Readonly<Record<ItemPart, string>> = { title: say('title'), class: sayCommon('class'), what: say('what'), where: say('where'), when: say('when'), missed: say('missed'), enabled: say('enabled'), ask: say('askReason') }
  const conflicts = conflictsOf(base, mine, theirs).map((part) => ({ field: names[part], mine: own[part], theirs: other[part] }))
  return <ConflictBoard conflicts={conflicts} onMine={onMine} onTheirs={onTheirs} />
}

const MISSED = { join: 'missedJoin', skip: 'missedSkip', late: 'missedLate' } as const

function useTexts(form: ItemForm): Readonly<Record<ItemPart, string>> {
  const say = useWords(formWords)
  const sayCommon = useWords(common)
  const sayParts = useWords(sentenceWords)
  const isClips = form.content === 'clips'
  const { nameOf, longMs } = useClips(isClips ? form.clipIds : [])
  const sources = api.useQuery('get', '/v1/sources', { params: { query: { limit: 1000 } } }, { enabled: !isClips })
  const named = useNamed(form.targets)
  return {
    title: form.title,
    class: (form.rank ?? 0) === 0 ? sayCommon(form.class) : `${sayCommon(form.class)} (${String(form.rank)})`,
    what: isClips ? form.clipIds.map(nameOf).join(', ') : (sources.data?.items.find(({ id }) => id === form.sourceId)?.name ?? form.sourceId),
    where: named.map(({ name }) => name).join(', '),
    when: itemSentence(timingOf(form, longMs), todayHere(), sayParts),
    missed: say(MISSED[form.missed]) + (form.missed === 'late' ? ` (${String(form.lateMinutes ?? '')})` : ''),
    ask: form.ask.trim(),
    enabled: sayCommon(form.enabled ? 'yes' : 'no'),
  }
}
