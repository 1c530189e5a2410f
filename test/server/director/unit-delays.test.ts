import t from 'tap'
import type { UnitRecord } from '../../../control/ports.ts'
import { unitDelays } from '../../../server/director/unit-delays.ts'

const unit = (id: string, parentId: string | null, presentationDelayMs: number | null): UnitRecord => ({ id, code: id, name: id, parentId, level: 0, presentationDelayMs, people: null, contact: null, createdAtMs: 0, endedAtMs: null, successorIds: [] })

t.test('a unit has its own delay, or that of the nearest above it', (t) => {
  const delays = unitDelays([unit('hamlet', 'commune', null), unit('commune', 'district', null), unit('lan', 'district', 120), unit('school', 'lan', null), unit('district', 'province', 600), unit('province', null, null), unit('other', null, null)])
  t.same([...delays].sort(), [['commune', 600], ['district', 600], ['hamlet', 600], ['lan', 120], ['school', 120]])
  t.same([...unitDelays([])], [])
  t.end()
})
