import { createHmac } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import t, { type Test } from 'tap'
import { newWebhookSecret } from '../../../control/alarms/webhook-signature.ts'
import type { ChannelRecord, ChannelTarget, NotificationRecord } from '../../../control/ports.ts'
import { appendLine } from '../../../server/notify/file-sink.ts'
import { mailText } from '../../../server/notify/mail-text.ts'
import { ChannelNotifier, type NotifierOptions } from '../../../server/notify/notifier.ts'
import { addressCheck } from '../../../server/sources/address-check.ts'
import { smallDisk } from '../../support/small-disk.ts'

const NOW_MS = 1_780_000_000_000

const channel = (target: ChannelTarget): ChannelRecord => ({ id: 'h', name: 'h', unitId: null, target, minSeverity: 'info', rules: null, level: 0, enabled: true, createdAtMs: 0 })

const PAYLOAD = JSON.stringify({
  type: 'alarm.raised',
  timestamp: '2026-06-18T03:05:00.000Z',
  data: { id: 'a-1', rule: 'cluster-lost', severity: 'critical', title: 'A cluster is lost', titleVi: 'Cụm loa mất kết nối', detail: 'Đình\r\nBcc: all@example.vn', detailVi: 'Đình\r\nBcc: all@example.vn', subject: { kind: 'cluster', id: 'c' }, unitId: 'u', clusters: null, since: '2026-06-18T03:00:00.000Z', raisedAt: '2026-06-18T03:05:00.000Z', clearedAt: null, level: 0, acknowledged: null, unit: { code: 'HB', name: 'Xã Hòa Bình' } },
})
const notification = (id: string, payload = PAYLOAD): NotificationRecord => ({ id, channelId: 'h', alarmId: 'a-1', kind: 'raised', payload, createdAtMs: NOW_MS, state: 'pending', attempts: 0, nextAtMs: NOW_MS, lastError: null, doneAtMs: null })

function folder(t: Test): string {
  const path = mkdtempSync(join(tmpdir(), 'loa-notify-'))
  t.teardown(() => { rmSync(path, { recursive: true, force: true }) })
  return path
}

const notifier = (t: Test, more: Partial<NotifierOptions> = {}): ChannelNotifier => new ChannelNotifier({ dataDir: folder(t), addresses: addressCheck(true), version: 'test', mail: null, ...more })

async function receiver(t: Test, answer: (request: IncomingMessage, response: ServerResponse, body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => { answer(request, response, Buffer.concat(chunks).toString()) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => {
    server.close(() => { resolve() })
    server.closeAllConnections()
  }))
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/hook?x=1`
}

t.test('a webhook is posted with a signature that its receiver can check', async (t) => {
  const secret = newWebhookSecret()
  let seen: Readonly<Record<string, unknown>> = {}
  const url = await receiver(t, (request, response, body) => {
    const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = request.headers
    const expected = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64')).update(`${String(id)}.${String(timestamp)}.${body}`).digest('base64')
    seen = { id, isSigned: signature === `v1,${expected}`, body, method: request.method, url: request.url, type: request.headers['content-type'] }
    response.writeHead(204).end()
  })
  t.same(await notifier(t).send(channel({ kind: 'webhook', url, keys: [{ secret, endsAtMs: null }] }), [notification('n-1')], NOW_MS), { ok: true })
  t.same(seen, { id: 'n-1', isSigned: true, body: PAYLOAD, method: 'POST', url: '/hook?x=1', type: 'application/json' })
})

t.test('a receiver that fails in any way is told of as it failed', async (t) => {
  const redirected: string[] = []
  const inside = await receiver(t, (request, response) => {
    redirected.push(request.url ?? '')
    response.end()
  })
  const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
    500: (_request, response) => { response.writeHead(500).end('x'.repeat(1_000_000)) },
    302: (_request, response) => { response.writeHead(302, { location: inside }).end() },
    503: (_request, response) => { response.writeHead(503, { 'retry-after': '7' }).end() },
    410: (_request, response) => { response.writeHead(410).end() },
    hangs: () => undefined,
    trickles: (_request, response) => { response.writeHead(200).write('x') },
    closes: (request) => { request.socket.destroy() },
  }
  const result = async (name: string): Promise<unknown> => {
    const url = await receiver(t, answers[name]!)
    return { ...await notifier(t, { timeoutMs: 150 }).send(channel({ kind: 'webhook', url, keys: [] }), [notification('n')], NOW_MS), message: '' }
  }
  t.same(await result('500'), { ok: false, code: 'NOTIFY_ERR_STATUS', message: '' })
  t.same(await result('302'), { ok: false, code: 'NOTIFY_ERR_STATUS', message: '' })
  t.same(redirected, [], 'redirects are not followed')
  t.same(await result('503'), { ok: false, code: 'NOTIFY_ERR_STATUS', message: '', retryAfterMs: 7000 })
  t.same(await result('410'), { ok: false, code: 'NOTIFY_ERR_GONE', message: '', isFinal: true })
  t.same(await result('hangs'), { ok: false, code: 'NOTIFY_ERR_TIMEOUT', message: '' })
  t.same(await result('trickles'), { ok: false, code: 'NOTIFY_ERR_TIMEOUT', message: '' })
  t.same(await result('closes'), { ok: false, code: 'NOTIFY_ERR_CONNECT', message: '' })
})

t.test('no name leads inside, whatever it was when it was typed', async (t) => {
  const seen: string[] = []
  const url = await receiver(t, (request, response) => {
    seen.push(request.url ?? '')
    response.end()
  })
  for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', '0x7f000001']) {
    const result = await notifier(t, { addresses: addressCheck(false) }).send(channel({ kind: 'webhook', url: url.replace('127.0.0.1', host), keys: [] }), [notification('n')], NOW_MS)
    t.match(result, { ok: false, code: 'NOTIFY_ERR_PRIVATE_ADDRESS' }, host)
  }
  t.same(seen, [])
})

t.test('mail goes out as one letter in both languages, and no name breaks out of its header', async (t) => {
  const letters: { readonly from: string; readonly to: readonly string[]; readonly text: string }[] = []
  let refuse = false
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        letters.push({ from: session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address, to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString() })
        done(refuse ? Object.assign(new Error('later'), { responseCode: 451 }) : null)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise<void>((resolve) => { server.close(() => { resolve() }) }))
  const { port } = server.server.address() as AddressInfo
  const mail = { host: '127.0.0.1', port, security: 'none', user: '', password: '', from: 'loa@example.vn' } as const
  const to = channel({ kind: 'email', to: ['a@example.vn', 'b@example.vn'] })
  t.same(await notifier(t, { mail }).send(to, [notification('n-1'), notification('n-2')], NOW_MS), { ok: true })
  t.match(letters, [{ from: 'loa@example.vn', to: ['a@example.vn', 'b@example.vn'] }])
  const [letter] = letters
  t.match(letter!.text, /^Message-ID: <n-1@loa>/m)
  t.notMatch(letter!.text, /^Bcc:/m)

  refuse = true
  t.match(await notifier(t, { mail }).send(to, [notification('n-3')], NOW_MS), { ok: false, code: 'NOTIFY_ERR_MAIL', message: /451/ })
  t.match(await notifier(t, { mail: { ...mail, security: 'starttls' } }).send(to, [notification('n')], NOW_MS), { ok: false, code: 'NOTIFY_ERR_MAIL' }, 'not without the encryption that was asked for')
  t.match(await notifier(t).send(to, [notification('n')], NOW_MS), { ok: false, code: 'NOTIFY_ERR_NO_MAIL' })
  t.same([notifier(t).isReady('email'), notifier(t, { mail }).isReady('email'), notifier(t).isReady('webhook')], [false, true, true])
})

t.test('what stands in a letter', (t) => {
  const one = mailText([notification('n')], 'Asia/Ho_Chi_Minh')
  t.equal(one.subject, '[Loa] CẢNH BÁO: Cụm loa mất kết nối – Đình Bcc: all@example.vn')
  t.match(one.text, 'CẢNH BÁO (nghiêm trọng): Cụm loa mất kết nối')
  t.match(one.text, 'Đơn vị: Xã Hòa Bình (HB)')
  t.match(one.text, 'Bắt đầu: 2026-06-18 10:00:00 (Asia/Ho_Chi_Minh)')
  t.match(one.text, 'ALARM (critical): A cluster is lost')
  t.equal(mailText([notification('n'), notification('m')], 'Asia/Ho_Chi_Minh').subject, '[Loa] 2 thông báo: 2 cảnh báo mới, 0 đã hết')
  t.end()
})

t.test('a file gets whole lines, and is put aside when it has grown', async (t) => {
  const dataDir = folder(t)
  const target = channel({ kind: 'file', name: 'alarms' })
  t.same(await notifier(t, { dataDir }).send(target, [notification('n-1')], NOW_MS), { ok: true })
  const path = join(dataDir, 'notifications/alarms.jsonl')
  t.match(JSON.parse(readFileSync(path, 'utf8')), { id: 'n-1', type: 'alarm.raised', data: { id: 'a-1' } })

  const rotated = join(dataDir, 'rotated/x.jsonl')
  for (let n = 0; n < 10; n++) await appendLine(rotated, `line ${String(n)}`, { maxBytes: 14, keep: 2 })
  t.same(readdirSync(join(dataDir, 'rotated')).sort(), ['x.jsonl', 'x.jsonl.1', 'x.jsonl.2'])
  t.same(['', '.1', '.2'].map((end) => readFileSync(rotated + end, 'utf8')), ['line 8\nline 9\n', 'line 6\nline 7\n', 'line 4\nline 5\n'])

  mkdirSync(join(dataDir, 'notifications/no.jsonl'))
  t.match(await notifier(t, { dataDir }).send(channel({ kind: 'file', name: 'no' }), [notification('n')], NOW_MS), { ok: false, code: 'NOTIFY_ERR_FILE' })
})

t.test('a full disk leaves no half line behind, and takes lines again when there is room', async (t) => {
  const disk = smallDisk(1)
  if (typeof disk === 'string') {
    t.pass(disk)
    return
  }
  t.teardown(() => { disk.unmount() })
  const path = join(disk.folder, 'x.jsonl')
  const line = 'x'.repeat(10_000)
  const options = { maxBytes: 10_000_000, keep: 1 }
  await appendLine(path, line, options)
  const makeRoom = disk.fill()
  await t.rejects(appendLine(path, line, options), { code: 'NOTIFY_ERR_FILE', message: 'the disk is full' })
  makeRoom()
  await appendLine(path, line, options)
  t.equal(readFileSync(path, 'utf8'), `${line}\n${line}\n`)
})
