import t from 'tap'
import { contentOf, MOST_SPOKEN } from '../../../control/cap/cap-alert.ts'
import { info } from '../../support/cap-samples.ts'
import { fc } from '../../support/seed.ts'

const NOW_MS = Date.UTC(2026, 5, 18, 3)
const content = (...infos: ReturnType<typeof info>[]) => contentOf(infos, NOW_MS, MOST_SPOKEN.air)

t.test('what is to be done is heard, however long the description is', (t) => {
  const long = content(info({ headline: 'Lũ', description: 'Nước lên. '.repeat(500), instruction: 'Lên nơi cao!' })).parts[0]!.text
  t.match(long, /^Lũ\. Nước lên\..*Nước lên\. Lên nơi cao!$/)
  t.ok(long.length <= MOST_SPOKEN.air)
  t.match(content(info({ headline: 'x'.repeat(5000), description: null, instruction: 'y'.repeat(5000) })).parts[0]!.text, /^x+ y+$/)
  t.equal(content(info({ headline: 'Lũ\n\tlớn', description: 'Xem https://a.example/x ngay', instruction: null })).parts[0]!.text, 'Lũ lớn. Xem ngay.')
  t.equal(content(info({ headline: null, description: null, instruction: null, event: 'Động đất' })).parts[0]!.text, 'Động đất.')
  const two = content(info({ headline: 'A', description: null, instruction: null }), info({ headline: 'B', description: null, instruction: null }), info({ headline: 'A', description: null, instruction: null }))
  t.equal(two.parts[0]!.text, 'A. B.', 'each once')
  const words = fc.option(fc.string({ unit: 'grapheme', maxLength: 3000 }), { nil: null })
  fc.assert(fc.property(fc.array(fc.record({ headline: words, description: words, instruction: words }), { minLength: 1, maxLength: 4 }), (all) => {
    const { parts: [part], title } = content(...all.map((one) => info(one)))
    t.ok(part!.text.length <= MOST_SPOKEN.air + all.length && title.length <= 200 && title !== '' && part!.text !== '')
    t.notMatch(part!.text, /[\p{Cc}\p{Zl}\p{Zp}]/u)
  }), { numRuns: 60 })
  t.end()
})

t.test('hazard, level and times follow from what the infos say', (t) => {
  const hazards: Readonly<Record<string, string>> = { 'Lũ quét': 'flood', 'Ngập lụt': 'flood', 'Bão số 1': 'storm', 'SEVERE THUNDERSTORM': 'storm', 'Flash Flood Warning': 'flood', 'Xả lũ hồ Hòa Bình': 'dam-release', 'Cháy rừng': 'fire', 'Dịch tả': 'epidemic', 'Trẻ mất tích': 'missing-person', 'Động đất': 'other' }
  for (const [event, hazard] of Object.entries(hazards)) t.equal(content(info({ event })).hazard, hazard, event)
  t.equal(content(info({ responseTypes: ['AllClear'] })).hazard, 'all-clear')
  t.equal(content(info({ event: 'x', categories: ['Fire'] })).hazard, 'fire')
  t.same((['Extreme', 'Severe', 'Moderate', 'Minor', 'Unknown'] as const).map((severity) => content(info({ severity })).level), [4, 3, 2, 1, 1])
  t.equal(content(info({ parameters: [{ valueName: 'cap-do-rui-ro', value: '5' }] })).level, 5)
  t.equal(content(info({ parameters: [{ valueName: 'cap-do-rui-ro', value: '9' }] })).level, 4)
  t.equal(content(info(), info({ severity: 'Minor' })).level, 4)
  t.match(content(info({ effective: '2026-06-18T11:00:00+07:00' })), { startsAtMs: NOW_MS + 3_600_000, expiresAtMs: Date.UTC(2026, 5, 18, 9) })
  t.match(content(info({ effective: '2026-06-18T11:00:00+07:00' }), info()), { startsAtMs: null })
  t.match(content(info({ expires: null }), info()), { expiresAtMs: null })
  t.same(content(info({ language: 'en-US' }), info({ language: 'VI' })).parts.map(({ language }) => language), ['vi', 'en'])
  t.end()
})
