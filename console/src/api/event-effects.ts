/** Types of /v1/events. */
export const EVENT_TYPES = ['on-air', 'join', 'leave', 'fault', 'source', 'order', 'alert', 'state', 'proof', 'command', 'alarm', 'switch', 'phone', 'gap'] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Which paths of the API may answer differently after an event of a type. `gap`: events were missed, so everything may. */
const EFFECTS: Readonly<Record<Exclude<EventType, 'gap'>, readonly string[]>> = {
  'on-air': ['/v1/clusters/{id}/on-air', '/v1/clusters/{id}/state', '/v1/clusters/{id}/play-log'],
  'join': ['/v1/targets/preview', '/v1/status', '/v1/clusters/{id}', '/v1/clusters/{id}/state'],
  'leave': ['/v1/targets/preview', '/v1/status', '/v1/clusters/{id}', '/v1/clusters/{id}/state'],
  'fault': ['/v1/clusters/{id}/state'],
  'source': ['/v1/sources', '/v1/sources/{id}', '/v1/sources/{id}/attempts'],
  'order': ['/v1/orders', '/v1/orders/{id}', '/v1/status', '/v1/schedule-items/{id}/plays', '/v1/schedule-plays', '/v1/clusters/{id}/schedule'],
  'alert': ['/v1/alerts', '/v1/alerts/{id}', '/v1/alerts/{id}/clusters', '/v1/alerts/{id}/proof'],
  'state': ['/v1/cluster-states/counts', '/v1/units/{id}/state', '/v1/clusters/{id}/state'],
  'proof': ['/v1/orders/{id}/proof', '/v1/alerts/{id}/proof'],
  'command': ['/v1/commands', '/v1/commands/{id}', '/v1/commands/{id}/clusters', '/v1/clusters/{id}/commands'],
  'alarm': ['/v1/alarms', '/v1/alarms/counts', '/v1/alarms/{id}', '/v1/tickets', '/v1/tickets/{id}'],
  'switch': ['/v1/sources/{id}', '/v1/sources/{id}/switches'],
  'phone': ['/v1/phone/lines', '/v1/phone/calls', '/v1/phone/calls/{id}'],
}

/** @returns paths as the API's description has them; 'everything' when nobody can say */
export function effectsOf(types: ReadonlySet<EventType>): ReadonlySet<string> | 'everything' {
  const paths = new Set<string>()
  for (const type of types) {
    if (type === 'gap') return 'everything'
    for (const path of EFFECTS[type]) paths.add(path)
  }
  return paths
}
