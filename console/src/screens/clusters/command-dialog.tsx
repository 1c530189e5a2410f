import { useState } from 'react'
import { done } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { ConfirmDialog, Dialog } from '../../kit/dialogs.tsx'
import { NumberField, RadioGroup, Select } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { useWords } from '../../words/use-words.ts'
import { commandBody, COMMANDS, confirmation, DEFAULT_VALUES, type Command, type CommandType, type CommandValues } from './command-follow.ts'
import { CommandFollow } from './command-progress.tsx'
import { commandWords } from './command-words.ts'

const COMMANDS_READ: ReadonlySet<string> = new Set(['/v1/clusters/{id}/commands', '/v1/commands'])

export interface CommandDialogProps {
  /** One at least. */
  readonly clusters: readonly { readonly id: string; readonly name: string }[]
  readonly first?: CommandType
  readonly onClose: () => void
}

/** Chooses a command, asks where it makes loudspeakers silent, sends it and stays until every device has answered, or as long as one wants to look. */
export function CommandDialog({ clusters, first = 'volume', onClose }: CommandDialogProps) {
  const say = useWords(commandWords)
  const [type, setType] = useState<CommandType>(first)
  const [values, setValues] = useState<CommandValues>(DEFAULT_VALUES)
  const [isAsking, setIsAsking] = useState(false)
  const body = commandBody(type, values)
  const question = confirmation(body, values, clusters.length)
  const [only] = clusters
  const [given, setGiven] = useState<Command | null>(null)
  const giving = useDeed({ reads: COMMANDS_READ, onDone: () => { setIsAsking(false) }, form: [type, values] })
  const give = (): void => {
    void giving.run(async (): Promise<Command> => (clusters.length === 1 && only !== undefined
      ? done(await loa.POST('/v1/clusters/{id}/commands', { params: { path: { id: only.id } }, body }))
      : done(await loa.POST('/v1/commands', { body: { ...body, targets: { clusters: clusters.map(({ id }) => id) } } }))), setGiven)
  }
  const title = clusters.length === 1 && only !== undefined ? say('title', { name: only.name }) : say('titleMany', { count: clusters.length })
  const label = type === 'volume' ? say('setVolume', { percent: values.percent }) : say('send')
  if (given !== null) {
    return (
      <Dialog title={title} isOpen onClose={onClose} foot={<><Button onPress={() => { setGiven(null) }}>{say('another')}</Button><Button look="primary" onPress={onClose}>{say('close')}</Button></>}>
        <p><b>{say(given.type)}</b></p>
        <CommandFollow command={given} names={new Map(clusters.map(({ id, name }) => [id, name]))} />
      </Dialog>
    )
  }
  return (
    <>
      <Dialog title={title} isOpen onClose={onClose} foot={<><Button onPress={onClose}>{say('close')}</Button><Button look="primary" isDisabled={giving.isBusy} onPress={() => { if (question === null) give(); else setIsAsking(true) }}>{label}</Button></>}>
        <Select label={say('choose')} value={type} choices={COMMANDS.map((id) => ({ id, label: say(id) }))} onChange={setType} />
        <Arguments type={type} values={values} onChange={(part) => { setValues({ ...values, ...part }) }} />
        {!isAsking && <Failure text={giving.failure} />}
      </Dialog>
      <ConfirmDialog title={say('confirmTitle')} action={label} isOpen={isAsking && question !== null} onClose={() => { setIsAsking(false) }} onConfirm={give} isBusy={giving.isBusy} error={giving.failure}>
        <p><b>{say(type)}</b>: {title}</p>{question !== null && <p>{say(question, { count: clusters.length })}</p>}
      </ConfirmDialog>
    </>
  )
}

function Arguments({ type, values, onChange }: { readonly type: CommandType; readonly values: CommandValues; readonly onChange: (part: Partial<CommandValues>) => void }) {
  const say = useWords(commandWords)
  switch (type) {
    case 'volume':
      return (
        <div className="stack tight">
          <output className="volume-value number">{say('percent', { percent: values.percent })}</output>
          <input className="volume" type="range" min={0} max={100} step={5} value={values.percent} aria-label={say('volume')} aria-valuetext={say('percent', { percent: values.percent })} onChange={({ target }) => { onChange({ percent: Number(target.value) }) }} />
          <p className="small quiet">{say('volumeNote')}</p>
        </div>
      )
    case 'mute':
      return <RadioGroup label={say('mute')} hint={say('muteNote')} value={values.muted ? 'muted' : 'unmuted'} choices={[{ id: 'muted', label: say('muted') }, { id: 'unmuted', label: say('unmuted') }]} onChange={(id) => { onChange({ muted: id === 'muted' }) }} />
    case 'amplifier':
      return <RadioGroup label={say('amplifier')} value={values.on ? 'on' : 'off'} choices={[{ id: 'on', label: say('on') }, { id: 'off', label: say('off') }]} onChange={(id) => { onChange({ on: id === 'on' }) }} />
    case 'identify':
      return <NumberField label={say('seconds')} hint={say('identifyNote')} value={values.seconds} minValue={1} maxValue={60} onChange={(seconds) => { onChange({ seconds: seconds ?? DEFAULT_VALUES.seconds }) }} />
    case 'set-offset':
      return <NumberField label={say('offsetMs')} value={values.offsetMs} minValue={-2000} maxValue={2000} onChange={(offsetMs) => { onChange({ offsetMs: offsetMs ?? 0 }) }} />
    case 'set-frequency':
      return <NumberField label={say('frequencyKhz')} value={values.frequencyKhz} minValue={50_000} maxValue={110_000} step={50} onChange={(frequencyKhz) => { onChange({ frequencyKhz: frequencyKhz ?? DEFAULT_VALUES.frequencyKhz }) }} />
    default:
      return null
  }
}
