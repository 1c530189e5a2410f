import { useSearchParams } from 'wouter'
import { useRights } from '../../api/me.ts'
import { Page, Tabs } from '../../kit/surfaces.tsx'
import { words as shellWords } from '../../shell/words.ts'
import { useWords } from '../../words/use-words.ts'
import { AlarmRules } from './alarm-rules.tsx'
import { Alarms } from './alarms.tsx'
import { AlertRules } from './alert-rules.tsx'
import { AuditLog } from './audit-log.tsx'
import { Backups } from './backups.tsx'
import { Channels } from './channels.tsx'
import { ServerHealth } from './health.tsx'
import { Keys } from './keys.tsx'
import { Policies } from './policies.tsx'
import './system.css'
import { tabsOf, type SystemTab } from './tabs.ts'
import { Templates } from './templates.tsx'
import { Units } from './units.tsx'
import { Users } from './users.tsx'
import { words } from './words.ts'

const CONTENTS = { users: <Users />, units: <Units />, policies: <Policies />, alertRules: <AlertRules />, templates: <Templates />, alarms: <Alarms />, alarmRules: <AlarmRules />, channels: <Channels />, audit: <AuditLog />, keys: <Keys />, health: <ServerHealth />, backups: <Backups /> } as const satisfies Readonly<Record<SystemTab, React.ReactNode>>

/** The tasks of administrators, each where its right is held. */
export default function System() {
  const say = useWords(words)
  const title = useWords(shellWords)('system')
  const tabs = tabsOf(useRights())
  const [search, setSearch] = useSearchParams()
  const selected = tabs.find((tab) => tab === search.get('tab')) ?? tabs[0] ?? 'alarms'
  return (
    <Page title={title} help={<p>{say('help')}</p>}>
      <Tabs label={say('tabs')} selected={selected} onSelect={(tab) => { setSearch({ tab }) }} items={tabs.map((id) => ({ id, label: say(id), content: <div className="stack">{CONTENTS[id]}</div> }))} />
    </Page>
  )
}
