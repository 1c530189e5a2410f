import t from 'tap'
import { askedLanguage, localised } from '../../control/language.ts'
import { buildControl, TOKENS } from '../support/build-control.ts'
import { fc } from '../support/seed.ts'

t.test('the language that is asked for', (t) => {
  const CASES: readonly (readonly [string | undefined, 'vi' | 'en'])[] = [
    [undefined, 'vi'], ['', 'vi'], ['*', 'vi'], ['vi', 'vi'], ['en', 'en'], ['EN-us', 'en'], ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'], ['en-US,en;q=0.9,vi;q=0.8', 'en'], ['fr', 'vi'], ['fr-CH, fr;q=0.9', 'vi'], ['fr, en;q=0.1', 'en'],
    ['vi;q=0.2, en;q=0.3', 'en'], ['vi;q=0, *', 'en'], ['en;q=0, *;q=0.1', 'vi'], ['vi;q=0', 'vi'], ['vi;q=0, en;q=0', 'vi'], ['en, vi', 'en'], ['vi, en', 'vi'], ['*;q=0.5, en;q=0.5', 'en'], ['en;q=x', 'vi'], ['en ; q=0.5', 'en'], [',,en', 'en'],
  ]
  for (const [header, language] of CASES) t.equal(askedLanguage({ headers: header === undefined ? {} : { 'accept-language': header } }), language, String(header))
  fc.assert(fc.property(fc.string(), (header) => ['vi', 'en'].includes(askedLanguage({ headers: { 'accept-language': header } }))))
  t.end()
})

t.test('both texts stay, whichever is asked for', (t) => {
  const both = { items: [{ detail: 'e', detailVi: 'v', n: 1, none: null }], title: 'x' }
  t.same(localised(both, 'vi'), { items: [{ detail: 'v', detailVi: 'v', detailEn: 'e', n: 1, none: null }], title: 'x' })
  t.same(localised(both, 'en'), { items: [{ detail: 'e', detailVi: 'v', detailEn: 'e', n: 1, none: null }], title: 'x' })
  t.end()
})

t.test('problems and answers come in the language asked for, and say so', async (t) => {
  const h = await buildControl({ config: { corsOrigins: 'https://console.example.vn' } })
  t.teardown(() => h.close())
  const ask = (url: string, language?: string) => h.app.inject({ method: 'POST', url, payload: {}, headers: { authorization: `Bearer ${TOKENS.admin}`, ...(language === undefined ? {} : { 'accept-language': language }) } })
  const texts = { titleVi: 'Nội dung không hợp lệ', titleEn: 'The body breaks the rules', detailVi: 'code bị thiếu; name bị thiếu', detailEn: 'code is missing; name is missing' }
  const vi = await ask('/v1/units')
  t.match(vi.json(), { ...texts, title: texts.titleVi, detail: texts.detailVi, errors: [{ message: 'bị thiếu', messageVi: 'bị thiếu', messageEn: 'is missing' }, {}] })
  t.match(vi.headers, { 'content-language': 'vi', 'vary': 'Origin, Accept-Language' })
  const en = await ask('/v1/units', 'en-GB, vi;q=0.5')
  t.match(en.json(), { ...texts, title: texts.titleEn, detail: texts.detailEn, errors: [{ message: 'is missing' }, {}] })
  t.equal(en.headers['content-language'], 'en')

  const unit = await h.call('POST', '/v1/units', { code: 'A', name: 'A' })
  const other = await h.call('POST', '/v1/units', { code: 'B', name: 'B' })
  const change = await h.call('POST', '/v1/unit-changes', { at: '2026-06-19T00:00:00Z', steps: [{ kind: 'rename', unitId: unit.body.id, code: 'C' }] })
  await h.call('PATCH', `/v1/units/${other.body.id}`, { code: 'C' })
  h.clock.advance(24 * 3_600_000)
  const shown = (language: string) => h.call('GET', `/v1/unit-changes/${change.body.id}`, undefined, { headers: { 'accept-language': language } })
  t.match(await shown('vi'), { headers: { 'content-language': 'vi' }, body: { state: 'failed', problem: { detail: /^[^]*mã[^]*$/i, detailEn: /code/ } } })
  t.match(await shown('en'), { headers: { 'content-language': 'en' }, body: { problem: { detail: /code/, detailVi: /mã/i } } })

  const sheet = (language: string, query = '') => h.call('GET', `/v1/clusters/export?format=csv${query}`, undefined, { headers: { 'accept-language': language } })
  t.match((await sheet('en')).text, /^\uFEFFcode,/i)
  t.match((await sheet('vi')).text, /^\uFEFFmã/i)
  t.match(await sheet('vi', '&lang=en'), { text: /^\uFEFFcode,/i, headers: { 'content-language': 'en' } })
})
