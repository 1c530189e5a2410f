import t from 'tap'
import { LoaServer } from '../support/loa-server.ts'
import { HttpRadio } from '../support/radio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

t.test('relays to private addresses are refused, and no credential is logged', async (t) => {
  const strict = await LoaServer.start(t, { LOA_ALLOW_PRIVATE_SOURCES: 'false', LOA_FAN_OUT_PROCESSES: '1', LOA_LOG_LEVEL: 'trace' })
  for (const url of ['http://127.0.0.1:8000/a', 'http://localhost/a', 'http://10.1.2.3/a', 'http://[::1]/a', 'http://169.254.169.254/latest', 'http://192.168.1.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://[::ffff:10.0.0.1]/', 'file:///etc/passwd', 'concat:/etc/passwd', 'http://']) {
    const { status, body } = await strict.request('POST', '/v1/sources', { kind: 'relay', name: 'R', urls: [url] })
    t.equal(status, 422, `${url}: ${String(body['code'])}`)
  }
  const secretUrl = 'http://listener:s3cr3t-pass@radio.invalid/live?token=s3cr3t-token'
  const relay = await strict.post('/v1/sources', { kind: 'relay', name: 'R', urls: [secretUrl] })
  t.notOk(JSON.stringify(relay).includes('s3cr3t'))
  const unit = await strict.unit('X1')
  const cluster = await strict.cluster(unit, 'C1')
  await strict.order('normal', relay['id'] as string, [unit])
  const radio = await HttpRadio.open(strict, cluster)
  await waitUntil('the relay is seen to be down', async () => {
    const { status } = (await strict.get(`/v1/sources/${relay['id'] as string}`)) as { status: { state: string } | null }
    return status?.state === 'down'
  }, 15_000)
  const shown = JSON.stringify(await strict.get(`/v1/sources/${relay['id'] as string}`))
  t.notOk(shown.includes('s3cr3t'), 'the state tells no credential')
  t.notOk(strict.log.includes('s3cr3t'), 'the log tells no credential')
  t.notOk(strict.log.includes(cluster.key), 'nor a key')
  radio.close()
})
