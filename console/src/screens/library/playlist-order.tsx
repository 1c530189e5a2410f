import { ArrowDown, ArrowUp, GripVertical, X } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { DropIndicator, GridList, GridListItem, useDragAndDrop } from 'react-aria-components'
import { Button } from '../../kit/button.tsx'
import { clipAudioUrl, PlayButton } from '../../parts/sound/player.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { dropped, shifted, type Place } from './playlist-draft.ts'
import { words } from './words.ts'

type Way = 'up' | 'down'
const buttonId = (key: string, way: Way): string => `playlist-${way}-${key}`

/** Clips in their order; with `onChange` they are dragged, also by touch and keyboard, moved by buttons, and taken out. */
export function PlaylistOrder({ places, onChange }: { readonly places: readonly Place[]; readonly onChange?: (places: readonly Place[]) => void }) {
  const say = useWords(words)
  const { duration } = useFormats()
  const pressed = useRef<{ readonly key: string; readonly way: Way } | null>(null)
  // A button that moved with its row keeps the focus; at the end of the list its neighbour takes it.
  useEffect(() => {
    if (pressed.current === null) return
    const { key, way } = pressed.current
    pressed.current = null
    // The collection renders its rows after this.
    requestAnimationFrame(() => {
      const [first, second] = [way, way === 'up' ? 'down' as const : 'up' as const].map((one) => document.getElementById(buttonId(key, one)) as HTMLButtonElement | null)
      const button = first?.disabled === true ? second : first
      button?.focus()
    })
  }, [places])
  const { dragAndDropHooks } = useDragAndDrop({
    isDisabled: onChange === undefined,
    getItems: (keys) => [...keys].map((key) => ({ 'text/plain': places.find((place) => place.key === key)?.name ?? '' })),
    onReorder: ({ keys, target }) => { if (target.dropPosition !== 'on') onChange?.(dropped(places, keys, target.key, target.dropPosition)) },
    renderDropIndicator: (target) => <DropIndicator target={target} className="playlist-drop" />,
  })
  const move = (key: string, way: Way): void => {
    pressed.current = { key, way }
    onChange?.(shifted(places, key, way === 'up' ? -1 : 1))
  }
  return (
    <div className="stack tight">
      {onChange !== undefined && places.length > 1 && <p className="small quiet">{say('orderHint')}</p>}
      <GridList aria-label={say('playlists')} className="playlist-order" items={places.map((place, index) => ({ ...place, index }))} dependencies={[onChange]} dragAndDropHooks={dragAndDropHooks} keyboardNavigationBehavior="tab" renderEmptyState={() => <p className="quiet">{say('emptyPlaylist')}</p>}>
        {({ key, id, name, durationMs, index }) => (
          <GridListItem id={key} textValue={name} className="playlist-place">
            {onChange !== undefined && <Button slot="drag" look="plain" icon aria-label={say('drag', { name })}><GripVertical size={18} aria-hidden /></Button>}
            <PlayButton url={clipAudioUrl(id)} name={name} />
            <span className="library-name">{index + 1}. {name} <span className="small quiet number">{duration(durationMs)}</span></span>
            {/* A list that is come to by one of its buttons would give the keyboard to its first row, and the key would be lost. */}
            {onChange !== undefined && <div className="playlist-moves" onFocus={(event) => { event.stopPropagation() }}>
              <Button id={buttonId(key, 'up')} look="plain" icon aria-label={say('moveUp', { name })} isDisabled={index === 0} onPress={() => { move(key, 'up') }}><ArrowUp size={18} aria-hidden /></Button>
              <Button id={buttonId(key, 'down')} look="plain" icon aria-label={say('moveDown', { name })} isDisabled={index === places.length - 1} onPress={() => { move(key, 'down') }}><ArrowDown size={18} aria-hidden /></Button>
              <Button look="plain" icon aria-label={say('takeOut', { name })} onPress={() => { onChange(places.filter((place) => place.key !== key)) }}><X size={18} aria-hidden /></Button>
            </div>}
          </GridListItem>
        )}
      </GridList>
    </div>
  )
}
