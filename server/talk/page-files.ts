import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Where scripts/build-talk.mjs puts them. */
const FOLDER = join(import.meta.dirname, '../../build/talk')

const CONTENT_TYPES = { 'talk.html': 'text/html; charset=utf-8', 'talk.css': 'text/css; charset=utf-8', 'talk.js': 'text/javascript; charset=utf-8' } as const

export interface PageFile {
  readonly contentType: string
  readonly body: Buffer
}

export type PageFileName = keyof typeof CONTENT_TYPES

/** The files of the page for speakers, read when they are first asked for. */
export class PageFiles {
  readonly #files = new Map<PageFileName, PageFile>()

  /** @throws what reading throws, which the next call tries again */
  async file(name: PageFileName): Promise<PageFile> {
    let file = this.#files.get(name)
    if (file === undefined) this.#files.set(name, file = { contentType: CONTENT_TYPES[name], body: await readFile(join(FOLDER, name)) })
    return file
  }
}
