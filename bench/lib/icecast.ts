import { mkdirSync, chownSync, writeFileSync, rmSync } from 'node:fs'
import { spawnSync, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { end, freePort, hasProgram, start, waitUntil } from './processes.ts'
import { feed } from './sound.ts'

export const ICECAST_MISSING = 'icecast2 is not installed, so nothing stands beside Loa: apt-get install icecast2 (Debian, Ubuntu), answer «no» to its configuration'

export const hasIcecast = (): boolean => hasProgram('icecast2')

/** An Icecast of our own: own configuration, own port, own folder; nothing of the distribution's configuration is used. */
export class Icecast {
  readonly port: number
  readonly #child: ChildProcess
  readonly #feed: ChildProcess
  readonly #folder: string

  private constructor(port: number, child: ChildProcess, feeder: ChildProcess, folder: string) {
    this.port = port
    this.#child = child
    this.#feed = feeder
    this.#folder = folder
  }

  /** Starts the server, then a source that sends `file` in real time to `/bench.mp3`. */
  static async start(parent: string, file: string, cores?: string, feedCores?: string): Promise<Icecast> {
    const port = await freePort()
    const password = randomBytes(12).toString('hex')
    const folder = join(parent, `icecast-${String(port)}`)
    mkdirSync(folder)
    const asRoot = process.getuid?.() === 0
    if (asRoot) {
      // It refuses to stay root, so its folder belongs to the package's user.
      const id = (flag: string): number => Number(spawnSync('id', [flag, 'icecast2'], { encoding: 'utf8' }).stdout)
      chownSync(folder, id('-u'), id('-g'))
    }
    const owner = asRoot ? '<changeowner><user>icecast2</user><group>icecast</group></changeowner>' : ''
    writeFileSync(join(folder, 'icecast.xml'), `<icecast>
  <limits><clients>12000</clients><sources>4</sources><queue-size>524288</queue-size><client-timeout>30</client-timeout>
    <header-timeout>15</header-timeout><source-timeout>10</source-timeout><burst-on-connect>1</burst-on-connect><burst-size>8192</burst-size></limits>
  <authentication><source-password>${password}</source-password><admin-user>admin</admin-user><admin-password>${password}</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>${String(port)}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>/usr/share/icecast2</basedir><logdir>${folder}</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>2</loglevel></logging>
  <security><chroot>0</chroot>${owner}</security>
</icecast>`)
    const child = start('icecast2', ['-c', join(folder, 'icecast.xml')], { cores, stdio: 'ignore' })
    await waitUntil('icecast answers', async () => (await fetch(`http://127.0.0.1:${String(port)}/status-json.xsl`).catch(() => undefined))?.ok)
    const feeder = feed(file, `icecast://source:${password}@127.0.0.1:${String(port)}/bench.mp3`, feedCores)
    await waitUntil('the source is on air', async () => {
      // Looked for as text: without a source Icecast 2.4 answers with broken JSON.
      const answer = await fetch(`http://127.0.0.1:${String(port)}/status-json.xsl`)
      return (await answer.text()).includes('"listenurl"')
    })
    return new Icecast(port, child, feeder, folder)
  }

  /** taskset becomes the program it starts, so this is Icecast's own. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  async close(): Promise<void> {
    await end(this.#feed)
    await end(this.#child)
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
