import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { ControlQuestions } from '../../../server/sinks/control-questions.ts'
import { Credentials, hashSecret } from '../../../server/sinks/credentials.ts'
import { TalkEndpoint, type TalkQuestions } from '../../../server/sinks/talk-endpoint.ts'

t.test('the page and the status of a source', async (t) => {
  const credentials = new Credentials()
  credentials.replace({ type: 'fan-out-state', clusters: [], studioSources: [{ id: 's1', mount: '/whip/s1', keyHash: hashSecret('right'), takeover: 'refuse', engine: 0 }, { id: 's2', mount: '/studio', keyHash: hashSecret('right'), takeover: 'refuse', engine: 0 }], monitorTokenHashes: [], monitorRooms: {}, monitorLimits: [], monitorPassKey: '', assignments: [], atSamples: 0 })
  const said = { asked: 0, nowMs: 0, control: true }
  const questions: TalkQuestions = new ControlQuestions(({ requestId }) => {
    said.asked += 1
    queueMicrotask(() => { questions.answered({ type: 'talk-answer', requestId, status: { name: `<b>${String(said.asked)}` } as never }) })
    return said.control
  })
  const endpoint = new TalkEndpoint({ credentials, questions, monotonicMs: () => said.nowMs, nowSamples: () => 0 })
  const server = createServer((request, response) => { if (!endpoint.handle(request, response)) response.writeHead(418).end() })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const ask = async (path: string, key?: string, method = 'GET'): Promise<{ status: number; headers: Headers; text: string }> => {
    const response = await fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}${path}`, { method, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  const [page, other] = [await ask('/talk/s1'), await ask('/talk/nobody')]
  t.same([page.status, page.text], [200, other.text], 'the page says nothing of what there is')
  t.match(page.headers.get('content-security-policy'), /default-src 'none'; script-src 'self'/)
  t.notMatch(page.text, /<script(?![^>]*src=)|\son\w+=|\sstyle=/i)
  const files = await Promise.all(['/talk/s1', '/talk/talk.js', '/talk/talk.css'].map((path) => ask(path)))
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  t.ok(bytes <= 40 * 1024, `${String(bytes)} bytes in all`)
  t.match(files.map(({ headers }) => headers.get('content-type')), [/html/, /javascript/, /css/])
  for (const { text } of files) t.notMatch(text, /https?:\/\/(?!www\.w3\.org)[a-z]/, 'asks nobody else for anything')
  t.same([(await ask('/talk/other.js')).status, (await ask('/talk/s1/status/x')).status, (await ask('/talk/s1', undefined, 'POST')).status], [418, 418, 405])

  const refusals = await Promise.all([ask('/talk/s1/status', 'wrong'), ask('/talk/nobody/status', 'right'), ask('/talk/s2/status', 'right'), ask('/talk/s1/status?key=right', 'wrong')])
  for (const { status, text } of refusals) t.same([status, text], [401, refusals[0].text], 'a wrong key and what does not exist look the same')
  t.equal((await ask('/talk/s1/status?key=right')).status, 401, 'no key in the address')
  t.equal(said.asked, 0, 'control is not asked for strangers')

  t.same(JSON.parse((await ask('/talk/s1/status', 'right')).text), { name: '<b>1' })
  t.same(JSON.parse((await ask('/talk/s1/status', 'right')).text), { name: '<b>1' }, 'for those who come at once control is asked once')
  said.nowMs += 950
  t.same(JSON.parse((await ask('/talk/s1/status', 'right')).text), { name: '<b>2' })
  for (let again = 0; again < 7; again += 1) await ask('/talk/s1/status', 'right')
  t.equal((await ask('/talk/s1/status', 'right')).status, 429)
  t.equal(said.asked, 2)
  said.nowMs += 1100
  said.control = false
  t.match(await ask('/talk/s1/status', 'right'), { status: 503 }, 'control is away')
})
