import { Mic, MicOff } from 'lucide-react'
import { useEffect, useState } from 'react'
import { meterLength } from '../../../../control/client/speak/loudness.ts'
import { Button } from '../../kit/button.tsx'
import { Badge, Notice } from '../../kit/surfaces.tsx'
import { useWords } from '../../words/use-words.ts'
import { speaker, useSpeaking } from './microphone.ts'
import { speakState } from './speak-state.ts'
import { words } from './words.ts'

const TICK_MS = 100
const VERDICTS = { quiet: 'tooQuiet', good: 'levelGood', loud: 'tooLoud' } as const

/** The microphone: open or not, what it hears, whether loudspeakers play it. @param props.onAirInMs null: nothing plays it; 0 or less: it is heard */
export function SpeakPanel({ unitId, onAirInMs = null, canClose = true }: { readonly unitId: string | null; readonly onAirInMs?: number | null; readonly canClose?: boolean }) {
  const say = useWords(words)
  const speaking = useSpeaking()
  const { phase, fault, why, isMuted, isLost } = speaking
  const state = speakState(speaking, onAirInMs)
  const isHeard = state[0] === 'micOnAir'
  return (
    <div className="speak stack tight" data-heard={isHeard}>
      <div className="row">
        {phase === 'off' && <Button large look="primary" onPress={() => { void speaker.open(unitId) }}><Mic size={22} aria-hidden />{say('micOpen')}</Button>}
        {phase === 'open' && isLost && <Button large look="primary" onPress={() => { void speaker.reopen() }}><Mic size={22} aria-hidden />{say('micReopen')}</Button>}
        {phase === 'open' && <Button large onPress={() => { speaker.mute(!isMuted) }}>{isMuted ? <Mic size={22} aria-hidden /> : <MicOff size={22} aria-hidden />}{say(isMuted ? 'micUnmute' : 'micMute')}</Button>}
        {phase === 'open' && canClose && <Button look="plain" onPress={() => { speaker.close() }}>{say('micClose')}</Button>}
      </div>
      {phase === 'open' && <Meter />}
      <p role="status" className={isHeard ? 'speak-heard' : 'speak-state'}>{isLost && phase === 'open' ? <Notice tone="bad">{say('micGone')}</Notice> : say(...state)}</p>
      {fault !== null && <Notice tone="bad">{say(fault, { why })}</Notice>}
    </div>
  )
}

function Meter() {
  const say = useWords(words)
  const [{ dbfs, verdict }, setHeard] = useState(() => speaker.hear())
  useEffect(() => {
    const timer = setInterval(() => { setHeard(speaker.hear()) }, TICK_MS)
    return () => { clearInterval(timer) }
  }, [])
  const percent = Math.round(meterLength(dbfs) * 100)
  return (
    <div className="row tight">
      <div className="speak-meter grow" role="meter" aria-label={say('micLevel')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}><div data-verdict={verdict ?? 'none'} style={{ width: `${String(percent)}%` }} /></div>
      {verdict !== null && <Badge tone={verdict === 'good' ? 'good' : 'warn'}>{say(VERDICTS[verdict])}</Badge>}
    </div>
  )
}
