import { useLocation } from 'wouter'
import schema from 'api-schema:POST /v1/tickets'
import { done, type PostBody } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { readAgain } from '../../api/query-client.ts'
import { useApiForm } from '../../forms/use-api-form.ts'
import { Button } from '../../kit/button.tsx'
import { Dialog } from '../../kit/dialogs.tsx'
import { FormSelect, FormText } from '../../kit/fields.tsx'
import { Failure } from '../../kit/surfaces.tsx'
import { common } from '../../words/common.ts'
import { useWords } from '../../words/use-words.ts'
import { ticketWords } from './ticket-words.ts'

export interface NewTicketAbout {
  readonly clusterId: string
  readonly name: string
  readonly unitId: string
  readonly alarmId?: string
  readonly title?: string
}

interface Values {
  readonly title: string
  readonly assignee: string
  readonly note: string
  readonly severity: 'info' | 'warning' | 'critical'
}

/** Opens a ticket for a cluster, of an alarm where there is one. */
export function NewTicketDialog({ about: { clusterId, alarmId, name, title = '' }, onClose }: { readonly about: NewTicketAbout; readonly onClose: () => void }) {
  const say = useWords(ticketWords)
  const sayCommon = useWords(common)
  const [, navigate] = useLocation()
  const toBody = ({ title: wanted, assignee, note, severity }: Values): PostBody<'/v1/tickets'> => ({
    clusterId, title: wanted, severity, ...(alarmId === undefined ? {} : { alarmId }), ...(assignee.trim() === '' ? {} : { assignee: assignee.trim() }), ...(note.trim() === '' ? {} : { note: note.trim() }),
  })
  const form = useApiForm<Values>({
    schema, defaultValues: { title, assignee: '', note: '', severity: 'warning' }, toBody,
    send: async (values) => {
      const { id } = done(await loa.POST('/v1/tickets', { body: toBody(values) }))
      readAgain(new Set(['/v1/tickets']))
      onClose()
      navigate(`/clusters/tickets/${id}`)
    },
  })
  return (
    <Dialog title={say('newTitle', { name })} isOpen onClose={onClose} isDismissable={false}>
      <form className="stack" onSubmit={form.onSubmit} noValidate>
        <FormText control={form.control} name="title" label={say('title')} hint={say('titleHint')} autoFocus />
        <FormSelect control={form.control} name="severity" label={say('severity')} choices={(['critical', 'warning', 'info'] as const).map((id) => ({ id, label: say(id) }))} />
        <FormText control={form.control} name="assignee" label={say('assignee')} hint={say('assigneeHint')} />
        <FormText control={form.control} name="note" label={say('note')} lines={3} />
        <Failure text={form.failure} />
        <div className="row end"><Button onPress={onClose}>{sayCommon('cancel')}</Button><Button type="submit" look="primary" isDisabled={form.formState.isSubmitting}>{say('newTicket')}</Button></div>
      </form>
    </Dialog>
  )
}
