import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const FOLDER = join(import.meta.dirname, 'page')

export interface PageFile {
  readonly contentType: string
  readonly body: Buffer
}

export type PageFileName = 'talk.html' | 'talk.css' | 'talk.js'

/** The files of the page for speakers. Its script is made of its modules when somebody first asks for the page, once a process. */
export class PageFiles {
  #files: Promise<ReadonlyMap<PageFileName, PageFile>> | undefined

  /** @throws what reading or bundling throws, which the next call tries again */
  async file(name: PageFileName): Promise<PageFile> {
    this.#files ??= makeFiles().catch((error: unknown) => {
      this.#files = undefined
      throw error
    })
    return (await this.#files).get(name)!
  }
}

async function makeFiles(): Promise<ReadonlyMap<PageFileName, PageFile>> {
  const [html, css, script] = await Promise.all([readFile(join(FOLDER, 'talk.html')), readFile(join(FOLDER, 'talk.css')), bundle()])
  return new Map<PageFileName, PageFile>([
    ['talk.html', { contentType: 'text/html; charset=utf-8', body: html }],
    ['talk.css', { contentType: 'text/css; charset=utf-8', body: css }],
    ['talk.js', { contentType: 'text/javascript; charset=utf-8', body: script }],
  ])
}

async function bundle(): Promise<Buffer> {
  const { build, stop } = await import('esbuild')
  try {
    // Browsers as old as those of phones bought three years ago, whatever their makers have updated since.
    const { outputFiles } = await build({ entryPoints: [join(FOLDER, 'main.ts')], bundle: true, minify: true, write: false, format: 'esm', target: ['chrome103', 'firefox102', 'safari16'], charset: 'utf8', legalComments: 'none', logLevel: 'silent' })
    return Buffer.from(outputFiles[0]!.contents)
  } finally {
    await stop()
  }
}
