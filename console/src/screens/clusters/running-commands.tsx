import { useState } from 'react'
import { api } from '../../api/client.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { isOver } from './command-follow.ts'
import { CommandFollow } from './command-progress.tsx'
import { commandWords } from './command-words.ts'

/** Of the newest; those before have long been answered or have ended. */
const LOOKED_AT = 20

/** Commands that not every device has answered yet, whoever gave them and wherever: who comes back to the page finds them again. @param props.clusterId only those to this one */
export function RunningCommands({ names, clusterId }: { readonly names: ReadonlyMap<string, string>; readonly clusterId?: string }) {
  const say = useWords(commandWords)
  const { time } = useFormats()
  const [openId, setOpenId] = useState<string | null>(null)
  const toOne = api.useQuery('get', '/v1/clusters/{id}/commands', { params: { path: { id: clusterId ?? '' }, query: { limit: LOOKED_AT } } }, { enabled: clusterId !== undefined })
  const all = api.useQuery('get', '/v1/commands', { params: { query: { limit: LOOKED_AT } } })
  const here = clusterId === undefined ? null : new Set(toOne.data?.items.filter(({ state }) => state === 'waiting' || state === 'delivered').map(({ id }) => id))
  const commands = all.data?.items ?? []
  const running = commands.filter(({ id, clusters }) => !isOver(clusters) && (here?.has(id) ?? true))
  const open = commands.find(({ id }) => id === openId)
  return (
    <>
      {running.length > 0 && (
        <ul className="row tight" aria-label={say('running')}>
          <li className="small quiet">{say('running')}</li>
          {running.map(({ id, type, createdAt, clusters: { targeted, waiting } }) => <li key={id}><Button onPress={() => { setOpenId(id) }}>{say(type)} · {time(createdAt)} · {say('ofAll', { count: targeted - waiting, all: targeted })}</Button></li>)}
        </ul>
      )}
      {open !== undefined && <Dialog title={say(open.type)} isOpen onClose={() => { setOpenId(null) }}><CommandFollow command={open} names={names} /></Dialog>}
    </>
  )
}
