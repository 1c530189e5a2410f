import { Button } from 'react-aria-components'
import type { Schemas } from '../../../../control/client/index.ts'
import { useUnits } from '../../api/me.ts'
import { Badge, type Tone } from '../../kit/surfaces.tsx'
import { clipAudioUrl, PlayButton } from '../../parts/sound/player.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { loudnessOf, type Loudness } from './loudness.ts'
import { words } from './words.ts'

export const LOUDNESS_TONES: Readonly<Record<Loudness, Tone>> = { silent: 'warn', faint: 'warn', quiet: 'off', good: 'good', loud: 'warn' }

export function ClipRow({ clip: { id, name, unitId, durationMs, loudnessLufs, createdAt }, onOpen }: { readonly clip: Schemas['Clip']; readonly onOpen: () => void }) {
  const say = useWords(words)
  const { units } = useUnits()
  const { duration, dayTime } = useFormats()
  const loudness = loudnessOf(loudnessLufs)
  return (
    <li className="library-row">
      <PlayButton url={clipAudioUrl(id)} name={name} />
      <div><Button className="library-open" onPress={onOpen}>{name}</Button><div className="small quiet library-name">{unitId === null ? say('wholeTree') : units.name(unitId)}</div></div>
      <div className="library-facts"><span className="number">{duration(durationMs)}</span><Badge tone={LOUDNESS_TONES[loudness]}>{say(loudness)}</Badge><span className="small quiet number">{dayTime(createdAt)}</span></div>
    </li>
  )
}
