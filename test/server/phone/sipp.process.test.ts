import { createSocket } from 'node:dgram'
import t from 'tap'
import { DEFAULT_PHONE_SETTINGS } from '../../../server/phone/phone-settings.ts'
import { openTestLine } from '../../support/phone-line.ts'
import { runSipp } from '../../support/sipp.ts'
import { waitUntil } from '../../support/wait-until.ts'

t.setTimeout(200_000)

t.test('calls, by UDP and TCP', { jobs: 2 }, async (t) => {
  for (const transport of ['u1', 't1']) {
    t.test(transport, async (t) => {
      const { line, calls } = await openTestLine(t)
      const run = await runSipp(t, 'call', [`127.0.0.1:${String(line.port)}`, '-t', transport, '-m', '30', '-r', '30'])
      t.equal(run.code, 0, run.words)
      t.same(calls.map(({ answered, ended, endedTimes }) => [answered, ended, endedTimes]), Array.from({ length: 30 }, () => ['', 'the caller hung up', 1]))
      t.match(calls[0]!.call, { remoteAddress: '127.0.0.1', callerId: /^Trưởng thôn <sip:caller@127\.0\.0\.1:\d+>$/ })
      t.match(line.report(), { calls: 0, refusedTotal: 0 })
      t.match(line.figures(), { answeredTotal: 30, malformedTotal: 0, droppedTotal: 0 })
    })
  }
})

t.test('hold and back, the new ways and the old one', async (t) => {
  const { line, calls } = await openTestLine(t)
  const run = await runSipp(t, 'hold', [`127.0.0.1:${String(line.port)}`, '-m', '3', '-r', '30'])
  t.equal(run.code, 0, run.words)
  t.same(calls.map(({ holds }) => holds), Array.from({ length: 3 }, () => [true, false, true, false, true, false]))
})

t.test('given up while it rings', async (t) => {
  const { line, calls } = await openTestLine(t, {}, { onCall: () => true })
  const run = await runSipp(t, 'cancel', [`127.0.0.1:${String(line.port)}`, '-m', '5', '-r', '50'])
  t.equal(run.code, 0, run.words)
  t.same(calls.map(({ ended, endedTimes }) => [ended, endedTimes]), Array.from({ length: 5 }, () => ['the caller hung up before the answer', 1]))
  await t.rejects(calls[0]!.call.answer(), { code: 'PHONE_ERR_GONE' })
  t.equal(line.report().calls, 0)
})

t.test('registers with a registrar that asks who it is and wants a longer time, and says goodbye', async (t) => {
  const probe = createSocket('udp4')
  await new Promise<void>((resolve) => { probe.bind(0, '127.0.0.1', resolve) })
  const { port } = probe.address()
  await new Promise<void>((resolve) => { probe.close(resolve) })
  const run = runSipp(t, 'registrar', ['-p', String(port), '-m', '1'])
  const { line } = await openTestLine(t, {
    accounts: [{ uri: 'sip:tram@loa.test', registrar: `sip:127.0.0.1:${String(port)}`, outboundProxy: null, credentials: { user: 'tram', password: 'mat-khau-7' }, expiresS: 120 }],
    codecs: DEFAULT_PHONE_SETTINGS.codecs,
  })
  await waitUntil('it is registered', () => line.report().accounts[0]?.state === 'registered', 30_000)
  await line.close()
  const { code, words } = await run
  t.equal(code, 0, words)
})
