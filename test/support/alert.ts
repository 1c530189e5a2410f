import type { AlertMark, AlertRecord } from '../../control/ports.ts'

export const mark = (actorId: string, atMs: number): AlertMark => ({ kind: 'person', actorId, credentialId: actorId, name: actorId, atMs })

/** An alert that waits to be confirmed, prepared at `atMs`, for tests that change what they are about. */
export const alertRecord = (id: string, atMs: number, more: Partial<AlertRecord> = {}): AlertRecord => ({
  id, purpose: 'alert', kind: 'real', hazard: 'flood', level: 3, title: 'Lũ',
  parts: [{ language: 'vi', text: 'Nước lên.', clipId: 'k1' }], sourceId: null, frameClipId: null, cancelClipId: null,
  targets: { units: ['u1'], clusters: [], tags: [] }, selection: null, targeted: 1, online: 0, people: { known: null, units: 1, unknownUnits: 1 }, issuerUnitId: 'u1',
  prepared: mark('t1', atMs), confirmed: null, approved: null, persons: null, breakGlass: null,
  startsAtMs: null, onAirFromMs: null, lifeMs: 3_600_000, expiresAtMs: atMs + 3_600_000, confirmByMs: atMs + 1_800_000, approveByMs: null,
  repeat: { times: 3, everyHours: null }, replaces: null, replacedBy: null, closed: null, origin: { kind: 'person' },
  ...more,
})
