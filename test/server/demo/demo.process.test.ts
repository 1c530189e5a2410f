import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'

const MAIN = join(import.meta.dirname, '../../../server/demo/main.ts')
const demoFolders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('loa-demo-') && !name.startsWith('loa-demo-test-'))

async function demo(...args: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const [output, complaints, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close') as Promise<[number]>])
  return { code, output: output + complaints }
}

t.test('24 clusters hear the station, the emergency, and the station again', { timeout: 60_000 }, async (t) => {
  const before = demoFolders()
  const { code, output } = await demo('--port', '0', '--stream-port', '0', '--no-keys', '--seconds', '18')
  t.equal(code, 0, output)
  t.match(output, /passed: 24 of 24 clusters heard the station, the emergency, and the station again/)
  t.match(output, /listen \(Cụm nghe thử\) +http:\/\/127\.0\.0\.1:\d+\/listen\/[^/]+\.mp3\?key=\S+/)
  t.match(output, /on air: KHẨN CẤP.* hearing 24\/24 of 24 listeners/)
  t.same(demoFolders(), before, 'nothing is left behind')
})

t.test('a rehearsal too short to tell anything is refused', async (t) => {
  const { code, output } = await demo('--no-keys', '--seconds', '3')
  t.equal(code, 2)
  t.match(output, /--seconds, 15 or more/)
})
