import { useEffect, useState } from 'react'
import { useWords } from '../../words/use-words.ts'
import { levelOf, shareOf } from './level.ts'
import type { Recorder } from './recorder.ts'
import { words } from './words.ts'

const EVERY_MS = 60
/** Falls no faster than an eye follows. */
const FALL_DB = 1.5

/** How loud one speaks just now, as a bar and in words. */
export function LevelBar({ recorder }: { readonly recorder: Recorder }) {
  const say = useWords(words)
  const [dbfs, setDbfs] = useState(-60)
  const [peakDbfs, setPeakDbfs] = useState(-60)
  useEffect(() => {
    const timer = setInterval(() => {
      const level = recorder.level()
      setDbfs((before) => Math.max(level, before - FALL_DB))
      setPeakDbfs((before) => Math.max(level, before - FALL_DB / 8))
    }, EVERY_MS)
    return () => { clearInterval(timer) }
  }, [recorder])
  const level = levelOf(peakDbfs)
  return (
    <div className="stack tight">
      <div className="level" role="meter" aria-label={say('level')} aria-valuemin={-60} aria-valuemax={0} aria-valuenow={Math.round(dbfs)} aria-valuetext={say(level)}><div className={level === 'tooLoud' ? 'hot' : ''} style={{ width: `${String(shareOf(dbfs) * 100)}%` }} /></div>
      <p className="small">{say(level)}</p>
    </div>
  )
}
