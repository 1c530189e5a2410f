import { Mic, RotateCcw, Save, Square } from 'lucide-react'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { TextField } from '../../kit/fields.tsx'
import { Notice, Waiting } from '../../kit/surfaces.tsx'
import type { Span } from '../../parts/sound/marks.ts'
import { pause, PlayButton, seek, usePlaying } from '../../parts/sound/player.tsx'
import { Waveform } from '../../parts/sound/waveform.tsx'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { LevelBar } from './level-bar.tsx'
import { decodeSound, startRecorder, type Recorder } from './recorder.ts'
import { SpanFields } from './span-fields.tsx'
import { encodeWav, peaksOf } from './wav.ts'
import { words } from './words.ts'

/** More than anybody speaks without a pause; what is recorded stays in memory until it is kept. */
const MOST_MS = 60 * 60_000
const PEAKS = 600

interface Take { readonly file: Blob; readonly url: string; readonly samples: Float32Array; readonly sampleRateHz: number; readonly durationMs: number }

/** Speak, listen, cut, name, keep. */
export function RecordDialog({ onClose, onKeep }: { readonly onClose: () => void; readonly onKeep: (file: Blob, name: string) => void }) {
  const say = useWords(words)
  const sayCommon = useWords(common)
  const [recorder, setRecorder] = useState<Recorder | null>(null)
  const [take, setTake] = useState<Take | null>(null)
  const [isPreparing, setIsPreparing] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  const [isLeaving, setIsLeaving] = useState(false)
  const held = useRef<Recorder | null>(null)
  useEffect(() => () => {
    held.current?.close()
    pause()
  }, [])
  useEffect(() => () => { if (take !== null) URL.revokeObjectURL(take.url) }, [take])

  const start = async (): Promise<void> => {
    setFailure(null)
    setTake(null)
    if (!('mediaDevices' in navigator)) {
      setFailure(say('insecure'))
      return
    }
    try {
      held.current = await startRecorder()
      setRecorder(held.current)
    } catch {
      setFailure(say('noMicrophone'))
    }
  }
  const stop = async (): Promise<void> => {
    if (held.current === null) return
    setIsPreparing(true)
    setRecorder(null)
    const file = await held.current.stop()
    try {
      const { samples, sampleRateHz } = await decodeSound(file)
      setTake({ file, url: URL.createObjectURL(file), samples, sampleRateHz, durationMs: (samples.length / sampleRateHz) * 1000 })
    } catch {
      setFailure(say('noMicrophone'))
    }
    setIsPreparing(false)
  }
  const leave = (): void => { if (recorder !== null || take !== null) setIsLeaving(true); else onClose() }
  return (
    <Dialog title={say('recordTitle')} isOpen onClose={leave} isDismissable={recorder === null && take === null}>
      {failure !== null && <Notice tone="bad">{failure}</Notice>}
      {isPreparing && <Waiting />}
      {recorder !== null && <Running recorder={recorder} onStop={() => { void stop() }} />}
      {recorder === null && take === null && !isPreparing && <Button look="primary" large onPress={() => { void start() }}><Mic size={22} aria-hidden />{say('startRecording')}</Button>}
      {take !== null && <Review take={take} onAgain={() => { void start() }} onKeep={(file, name) => { onKeep(file, name); onClose() }} />}
      <ConfirmDialog title={say('discardTitle')} action={sayCommon('discard')} isOpen={isLeaving} onClose={() => { setIsLeaving(false) }} onConfirm={onClose}>{sayCommon('unsavedText')}</ConfirmDialog>
    </Dialog>
  )
}

function Running({ recorder, onStop }: { readonly recorder: Recorder; readonly onStop: () => void }) {
  const say = useWords(words)
  const { duration } = useFormats()
  const [ms, setMs] = useState(0)
  const stop = useEffectEvent(onStop)
  useEffect(() => {
    const sinceMs = performance.now()
    const timer = setInterval(() => {
      const lastedMs = performance.now() - sinceMs
      setMs(lastedMs)
      if (lastedMs >= MOST_MS) stop()
    }, 250)
    return () => { clearInterval(timer) }
  }, [recorder])
  return <div className="stack"><p className="library-clock" role="timer">{say('recording', { time: duration(ms) })}</p><LevelBar recorder={recorder} /><Button look="primary" large onPress={onStop}><Square size={20} aria-hidden />{say('stopRecording')}</Button></div>
}

function Review({ take: { file, url, samples, sampleRateHz, durationMs }, onAgain, onKeep }: { readonly take: Take; readonly onAgain: () => void; readonly onKeep: (file: Blob, name: string) => void }) {
  const say = useWords(words)
  const { dayTime } = useFormats()
  const [peaks] = useState(() => peaksOf(samples, PEAKS))
  const [span, setSpan] = useState<Span>({ fromMs: 0, toMs: durationMs })
  const [name, setName] = useState(() => say('recordName', { time: dayTime(Date.now()) }))
  const playing = usePlaying(url)
  const isPart = span.fromMs > 0 || span.toMs < durationMs
  const at = (ms: number): number => Math.round((ms * sampleRateHz) / 1000)
  const keep = (): void => {
    pause()
    onKeep(isPart ? new Blob([encodeWav(samples.subarray(at(span.fromMs), at(span.toMs)), sampleRateHz)], { type: 'audio/wav' }) : file, name.trim())
  }
  return (
    <div className="stack">
      <p className="small quiet">{say('recordHint')}</p>
      <div className="row tight"><PlayButton url={url} name={name} {...(isPart ? { part: span } : {})} /><Button onPress={onAgain}><RotateCcw size={18} aria-hidden />{say('recordAgain')}</Button></div>
      <Waveform label={say('waveform', { name })} peaks={peaks} durationMs={durationMs} positionMs={playing?.positionMs ?? 0} onSeek={(ms) => { seek(url, ms) }} span={span} onSpan={setSpan} />
      <SpanFields span={span} durationMs={durationMs} onSpan={setSpan} />
      <TextField label={say('name')} value={name} onChange={setName} maxLength={200} />
      <div className="dialog-foot"><Button look="primary" isDisabled={name.trim() === ''} onPress={keep}><Save size={18} aria-hidden />{say('keepRecording')}</Button></div>
    </div>
  )
}
