import type { MyRights } from '../../api/rights.ts'

export const TABS = ['users', 'units', 'policies', 'alertRules', 'templates', 'alarms', 'alarmRules', 'channels', 'audit', 'keys', 'health', 'backups'] as const
export type SystemTab = (typeof TABS)[number]

/** Which tabs somebody sees: those where there is something that he may read there. */
export function tabsOf(rights: Pick<MyRights, 'somewhere' | 'at'>): readonly SystemTab[] {
  const shown: Readonly<Record<SystemTab, boolean>> = {
    users: rights.somewhere('people'),
    units: rights.somewhere('manage'),
    policies: rights.somewhere('manage'),
    alertRules: rights.somewhere('manage'),
    templates: rights.somewhere('manage') || rights.somewhere('emergency'),
    alarms: rights.somewhere('view'),
    alarmRules: rights.somewhere('manage'),
    channels: rights.somewhere('manage'),
    audit: rights.at('audit', null),
    keys: rights.somewhere('people') || rights.at('maintain', null),
    health: (['maintain', 'manage', 'audit'] as const).some((right) => rights.somewhere(right)),
    backups: rights.at('manage', null),
  }
  return TABS.filter((tab) => shown[tab])
}
