import { ArrowLeft, Printer } from 'lucide-react'
import { useState } from 'react'
import { done, type Schemas } from '../../../../control/client/index.ts'
import { loa } from '../../api/client.ts'
import { useRights } from '../../api/me.ts'
import { Button, ButtonLink } from '../../kit/button.tsx'
import { Checkbox, NumberField } from '../../kit/fields.tsx'
import { Failure, Notice, Page } from '../../kit/surfaces.tsx'
import { UnitPicker } from '../../kit/unit-picker.tsx'
import { QrCode } from '../../kit/qr-code.tsx'
import { useDeed } from '../../kit/use-deed.ts'
import { common } from '../../words/common.ts'
import { useFormats } from '../../words/formats.ts'
import { useWords } from '../../words/use-words.ts'
import { clusterWords } from './cluster-words.ts'
import { words } from './words.ts'

const DAY_MS = 86_400_000
const MOST_DAYS = 30
type Codes = Schemas['EnrolmentCodes']

/** Codes for all clusters of a unit, on paper, for those who put them up. */
export default function CodesPage() {
  const say = useWords(clusterWords)
  const sayList = useWords(words)
  const sayCommon = useWords(common)
  const rights = useRights()
  const { dayTime } = useFormats()
  const [unit, setUnit] = useState<string | null>(null)
  const [days, setDays] = useState(7)
  const [withDevices, setWithDevices] = useState(false)
  const [codes, setCodes] = useState<Codes | null>(null)
  const making = useDeed({ form: [unit, days, withDevices] })
  const make = (unitId: string): void => {
    setCodes(null)
    void making.run(async () => done(await loa.POST('/v1/enrolment-codes', { body: { targets: { units: [unitId] }, expiresInMs: days * DAY_MS, withDevices } })) as Codes, setCodes)
  }
  return (
    <Page title={say('codesTitle')} help={<p>{say('codesHelp')}</p>} actions={<ButtonLink href="/clusters" look="plain"><ArrowLeft size={18} aria-hidden />{sayList('toRegister')}</ButtonLink>}>
      <section className="card stack no-print">
        <p>{say('codesHelp')}</p>
        <div className="columns"><UnitPicker label={sayCommon('unit')} value={unit} onChange={setUnit} filter={(id) => rights.at('maintain', id)} /><NumberField label={say('validDays')} value={days} minValue={1} maxValue={MOST_DAYS} onChange={(value) => { setDays(value ?? 7) }} /></div>
        <Checkbox isSelected={withDevices} onChange={setWithDevices}>{say('withDevices')}</Checkbox>
        <Failure text={making.failure} />
        <div className="row"><Button look="primary" isDisabled={unit === null || making.isBusy} onPress={() => { if (unit !== null) make(unit) }}>{say('makeCodes')}</Button>{codes !== null && <Button onPress={() => { globalThis.print() }}><Printer size={18} aria-hidden />{sayCommon('print')}</Button>}</div>
        {codes !== null && <Notice tone="warn">{say('codesShown')}</Notice>}
      </section>
      {codes !== null && (
        <ul className="code-sheet">{codes.items.map(({ clusterId, clusterCode, name, code }) => (
          <li key={clusterId} className="code-card"><b>{name}</b><span className="quiet">{clusterCode}</span><QrCode text={code} label={say('qr', { code })} size={128} /><code>{code}</code><span className="small">{say('expires', { time: dayTime(codes.expiresAt) })}</span></li>
        ))}</ul>
      )}
    </Page>
  )
}
