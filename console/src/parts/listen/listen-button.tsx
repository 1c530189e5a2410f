import { Headphones, Square } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button } from '../../kit/button.tsx'
import { useWords } from '../../words/use-words.ts'
import { LevelMeter } from './level-meter.tsx'
import { listen, stopListening, useHeardLevel, useListening, type Hears } from './listening.ts'
import './listen.css'
import { words } from './words.ts'

/**
 * Hears a source, or what a cluster hears now, in this browser and nowhere else: by WebRTC, or by MP3 where that does not come through. Pressing another
 * one ends the first. It ends with what showed it.
 * @param props.label of what is heard, for screen readers
 */
export function ListenButton({ hears, label }: { readonly hears: Hears; readonly label: string }) {
  const say = useWords(words)
  const listening = useListening(hears)
  const { state } = listening
  const isOn = state === 'connecting' || state === 'reconnecting' || state === 'live'
  const isOnRef = useRef(isOn)
  useEffect(() => { isOnRef.current = isOn }, [isOn])
  useEffect(() => () => { if (isOnRef.current) stopListening() }, [])
  return (
    <span className="listen" data-listening={state} data-by={state === 'live' ? listening.by : undefined} data-start-ms={state === 'live' ? listening.startMs : undefined}>
      <Button aria-label={say(isOn ? 'stopListening' : 'listenTo', { what: label })} onPress={() => { if (isOn) stopListening(); else listen(hears) }}>
        {isOn ? <Square size={18} aria-hidden /> : <Headphones size={18} aria-hidden />}{say(isOn ? 'stop' : 'listen')}
      </Button>
      {state === 'live' && <HeardMeter hears={hears} />}
      <span role="status" className="small quiet">{state === 'connecting' || state === 'reconnecting' ? say(state) : state === 'live' && listening.by === 'mp3' ? say('late') : ''}</span>
      {state === 'failed' && <span className="field-error" role="alert">{listening.reason}</span>}
    </span>
  )
}

/** Of its own, so that a moving level draws nothing else again. */
const HeardMeter = ({ hears }: { readonly hears: Hears }) => <LevelMeter dbfs={useHeardLevel(hears)} label={useWords(words)('level')} />
