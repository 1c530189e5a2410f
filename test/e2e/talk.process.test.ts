import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { wavHeader } from '../../server/clips/wav-file.ts'
import { Browser } from '../support/browser-page.ts'
import { LoaServer } from '../support/loa-server.ts'
import { decodeMp3, HttpRadio, MP3_64_BYTES_PER_SECOND } from '../support/radio.ts'
import { shortToneRatioDb } from '../support/tone-ratio.ts'
import { waitUntil } from '../support/wait-until.ts'

t.setTimeout(200_000)

const MICROPHONE_HZ = 700
const HOSTILE = '<img src=x onerror=document.title="owned">"\'&{seconds}'

/** Ten seconds: whole turns of the tone, so that it goes on without a click when the file begins again. */
function microphone(): Buffer {
  const samples = 480_000
  const pcm = Buffer.alloc(samples * 2)
  for (let index = 0; index < samples; index += 1) pcm.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * MICROPHONE_HZ * index) / 48_000)), index * 2)
  return Buffer.concat([wavHeader(samples), pcm])
}

/** Of this process's children, those that run mediasoup's worker. */
function workersOf(pid: number): number[] {
  const children = readdirSync(`/proc/${String(pid)}/task`).flatMap((thread) => readFileSync(`/proc/${String(pid)}/task/${thread}/children`, 'utf8').trim().split(' ').filter((child) => child !== '').map(Number))
  return children.filter((child) => readFileSync(`/proc/${String(child)}/cmdline`, 'utf8').includes('mediasoup-worker'))
}

t.test('a person speaks from the page, knows what is heard, and comes back after the worker has died', async (t) => {
  const [server, browser] = await Promise.all([LoaServer.start(t, { LOA_FAN_OUT_PROCESSES: '1', LOA_RTC_PORT: '0' }), Browser.open(t, microphone())])
  const unit = String((await server.post('/v1/units', { code: 'X1', name: HOSTILE, parentId: null }))['id'])
  const cluster = await server.cluster(unit, 'C1')
  await server.cluster(unit, 'C2')
  const source = await server.post('/v1/sources', { kind: 'whip', name: HOSTILE }) as { id: string; key: string; talkPath: string }
  const address = server.stream + source.talkPath
  const radio = await HttpRadio.open(server, cluster)
  t.teardown(() => { radio.close() })
  const hears = async (what: string): Promise<void> => {
    await waitUntil(`${what}: a second of the tone`, async () => {
      await radio.hear(MP3_64_BYTES_PER_SECOND / 2)
      return shortToneRatioDb(decodeMp3(radio.body).subarray(-48_000), MICROPHONE_HZ) > 20
    }, 15_000)
    t.pass(what)
  }

  const page = await browser.page(`${address}#${source.key}`)
  await page.waitForText('headline', /^Sẵn sàng$/)
  t.equal(await page.value('location.href'), address, 'the key is in the address no more')
  t.equal(await page.text('name'), HOSTILE, 'names are text')
  // The browser knows the echo of a room, and takes a steady tone for noise.
  await page.value(`for (const id of ['echo', 'noise', 'gain']) { const box = document.getElementById(id); box.checked = false; box.dispatchEvent(new Event('change')) }`)
  await page.press('talk')
  t.match(await page.text('question'), /^Chưa ai lên lịch/)
  await page.press('yes')
  await page.waitForText('headline', /^Bạn sẽ lên sóng sau 3$/)
  t.ok(await page.value('document.getElementById("verdict").getAttribute("aria-live") === "polite"'))
  await page.waitForText('headline', /^Đã kết nối, nhưng chưa lên sóng$/)
  await server.order('normal', source.id, [unit])
  await page.waitForText('headline', /^BẠN ĐANG LÊN SÓNG$/)
  t.match(await page.text('hears'), /^1 trên 2 cụm loa đang nghe$/)
  t.match([await page.text('units'), await page.value('document.title')], [HOSTILE, 'Nói trực tiếp ra loa'])
  await page.waitForText('verdict', /^Vừa$/)
  const level = await page.value<number>('Number(document.getElementById("bar").getAttribute("aria-valuenow"))')
  t.ok(level > -25 && level < -5, `the meter shows ${String(level)} dBFS of the tone at -15`)
  await hears('the loudspeaker plays the microphone')
  await page.waitForText('clock', /^\d+:(?!00)\d\d$/)

  await page.press('pause')
  t.equal(await page.text('headline'), 'TẠM DỪNG')
  await page.press('resume')
  await page.waitForText('headline', /^BẠN ĐANG LÊN SÓNG$/)
  t.ok(await page.value('(() => { const e = new Event("beforeunload", { cancelable: true }); dispatchEvent(e); return e.defaultPrevented })()'), 'leaving is asked about')

  const engine = (await server.pids())['engine-0']!
  for (const worker of workersOf(engine)) process.kill(worker, 'SIGKILL')
  await page.waitForText('headline', /^Mất kết nối/)
  await page.waitForText('headline', /^BẠN ĐANG LÊN SÓNG$/)
  await hears('after the worker was killed, with nothing pressed')

  await t.test('others at the same time', async (t) => {
    const second = await browser.page(`${address}#${source.key}`)
    await second.waitForText('headline', /^Sẵn sàng$/)
    await second.press('language')
    await second.press('talk')
    await second.press('yes')
    await second.waitForText('headline', /^Somebody else speaks on this source$/)
    const denied = await browser.page(`${address}#${source.key}`, { microphone: 'denied' })
    await denied.press('talk')
    await denied.press('yes')
    await denied.waitForText('headline', /^Trình duyệt đã chặn micrô$/)
    const wrong = await browser.page(`${address}#wrong`)
    await wrong.waitForText('headline', /^Khoá không đúng hoặc đã bị đổi$/)
    t.ok(await wrong.text('key'), 'another can be typed')
    t.match([second.complaints, denied.complaints, wrong.complaints], [[], [], []])
  })

  await page.press('hangUp')
  await page.waitForText('headline', /^Đã kết thúc$/)
  t.match(await page.text('help'), /^Bạn đã lên sóng 0:\d\d\.$/)
  await waitUntil('the line is free', async () => ((await server.get(`/v1/sources/${source.id}`))['status'] as { reason: string }).reason === 'the client has hung up')
  t.same(page.complaints, [], 'no error, nothing against the security policy')
  t.same(page.requests.filter((url) => !url.startsWith(server.stream) && !url.startsWith('data:')), [], 'nobody else was asked for anything')
  t.same(page.requests.filter((url) => url.includes(source.key) && !url.includes('#')), [], 'the key is in no address')
  t.notOk(radio.ended, 'the loudspeaker has had one stream')
})
