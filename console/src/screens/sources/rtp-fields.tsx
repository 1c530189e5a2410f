import { Controller, type UseFormReturn } from 'react-hook-form'
import { api } from '../../api/client.ts'
import { FormSelect, FormText, RadioGroup, Select } from '../../kit/fields.tsx'
import { Loaded, Notice } from '../../kit/surfaces.tsx'
import { useLanguage } from '../../words/language.ts'
import { useWords } from '../../words/use-words.ts'
import { FormLines, FormNumber } from './form-fields.tsx'
import type { Values } from './source-form.ts'
import { formWords } from './words-form.ts'

/** What an RTP stream is: as a device announces it, as its description says, or typed in. */
export function RtpFields({ form, isNew }: { readonly form: UseFormReturn<Values>; readonly isNew: boolean }) {
  const say = useWords(formWords)
  const { control } = form
  const by = form.watch('rtpBy')
  return (
    <>
      {isNew && <Controller control={control} name="rtpBy" render={({ field }) => <RadioGroup label={say('rtpFrom')} value={field.value} onChange={field.onChange} choices={[{ id: 'announced', label: say('rtpAnnounced') }, { id: 'sdp', label: say('rtpSdp') }, { id: 'fields', label: say('rtpFields') }]} />} />}
      {by === 'announced' && <Announcements form={form} />}
      {by === 'sdp' && <FormText control={control} name="sdp" label={say('sdp')} lines={8} />}
      {by === 'fields' && (
        <div className="columns">
          <FormText control={control} name="stream.group" label={say('group')} hint={say('groupHint')} />
          <FormNumber control={control} name="stream.port" label={say('port')} />
          <FormSelect control={control} name="stream.codec" label={say('codec')} choices={[{ id: 'opus', label: 'Opus' }, { id: 'l16', label: 'L16' }, { id: 'l24', label: 'L24' }]} />
          <FormNumber control={control} name="stream.payloadType" label={say('payloadType')} />
          <FormNumber control={control} name="stream.sampleRateHz" label={say('sampleRate')} />
          <FormNumber control={control} name="stream.channels" label={say('channels')} />
        </div>
      )}
      <FormLines control={control} name="senders" label={say('senders')} hint={say('sendersHint')} lines={2} />
      <FormText control={control} name="interface" label={say('interface')} hint={say('interfaceHint')} />
    </>
  )
}

function Announcements({ form }: { readonly form: UseFormReturn<Values> }) {
  const say = useWords(formWords)
  const language = useLanguage()
  const announced = api.useQuery('get', '/v1/rtp-announcements', {}, { refetchInterval: 5000 })
  const sdp = form.watch('sdp')
  return (
    <Loaded query={announced}>{({ listening, items }) => {
      if (!listening) return <Notice tone="warn">{say('notListening')}</Notice>
      if (items.length === 0) return <Notice>{say('noAnnouncements')}</Notice>
      const chosen = items.find((item) => item.sdp === sdp)
      return (
        <>
          <Select label={say('announcement')} value={chosen?.session ?? null} choices={items.map(({ session, name, senders }) => ({ id: session, label: name, ...(senders === null ? {} : { detail: senders.join(', ') }) }))}
            onChange={(session: string) => {
              const item = items.find((one) => one.session === session)
              if (item === undefined) return
              form.setValue('sdp', item.sdp, { shouldValidate: true })
              form.setValue('senders', item.senders ?? [])
              if (form.getValues('name') === '') form.setValue('name', item.name)
            }} />
          {chosen !== undefined && chosen.fault !== '' && <Notice tone="warn">{language === 'vi' ? chosen.faultVi : chosen.fault}</Notice>}
        </>
      )
    }}</Loaded>
  )
}
