import type { ApiDocument } from './document.ts'

const MOST = 60

/** The last word of a path that stands for a collection: `/v1/clusters/{id}/devices` → `devices`. */
const staticParts = (path: string): string[] => path.split('/').filter((part) => part !== '' && !part.startsWith('{'))

/**
 * What has been seen in answers, so that requests can name things that exist: ids by their collection, and any other text by the name of its
 * field (a code, a cursor, a file that was exported).
 */
export class KnownThings {
  readonly #ids = new Map<string, string[]>()
  readonly #texts = new Map<string, string[]>()
  readonly #files: Buffer[] = []
  readonly #collections: readonly string[]
  readonly #apart = new Set<string>()

  constructor(document: ApiDocument) {
    this.#collections = [...new Set(document.operations.flatMap(({ path }) => [.../\/([\w-]+)\/\{/g[Symbol.matchAll](path)].map(([, name]) => name!)))]
  }

  /** Of the collections that a name or a description speaks of; of all when it speaks of none. */
  idsFor(name: string, description = ''): readonly string[] {
    const words = `${name.replaceAll(/([A-Z])/g, ' $1')} ${description}`.toLowerCase()
    const byName = this.#collections.filter((collection) => name.toLowerCase().startsWith(singular(collection).replaceAll('-', '')))
    const meant = byName.length > 0 ? byName : this.#collections.filter((collection) => words.includes(singular(collection).replaceAll('-', ' ')))
    return (meant.length > 0 ? meant : this.#collections).flatMap((collection) => this.#ids.get(collection) ?? [])
  }

  /** These are never named: the callers themselves live by them. */
  keepApart(ids: readonly string[]): void {
    for (const id of ids) this.#apart.add(id)
  }

  idsOf(collection: string): readonly string[] {
    return this.#ids.get(collection) ?? []
  }

  textsOf(field: string): readonly string[] {
    return this.#texts.get(field) ?? []
  }

  get files(): readonly Buffer[] {
    return this.#files
  }

  noteFile(file: Buffer): void {
    remember(this.#files, file)
  }

  noteText(field: string, text: string): void {
    remember(entry(this.#texts, field), text)
  }

  /** Looks through an answer to a request of that path. */
  note(path: string, body: unknown): void {
    const collection = staticParts(path).reverse().find((part) => this.#collections.includes(part))
    this.#look(body, collection)
  }

  forget(collection: string, id: string): void {
    const ids = this.#ids.get(collection)
    const at = ids?.indexOf(id) ?? -1
    if (at >= 0) ids!.splice(at, 1)
  }

  #look(value: unknown, collection: string | undefined): void {
    if (Array.isArray(value)) for (const item of value.slice(0, 20) as unknown[]) this.#look(item, collection)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const [name, part] of Object.entries(value as Readonly<Record<string, unknown>>)) {
      if (name === 'nextCursor' && typeof part === 'string') remember(entry(this.#texts, 'cursor'), part)
      if (typeof part !== 'string') this.#look(part, name === 'items' ? collection : undefined)
      else if (this.#apart.has(part)) continue
      else if (name === 'id' && collection !== undefined) remember(entry(this.#ids, collection), part)
      else remember(entry(this.#texts, name), part)
    }
  }
}

const singular = (word: string): string => word.replace(/ies$/, 'y').replace(/s$/, '')

function entry(lists: Map<string, string[]>, name: string): string[] {
  const list = lists.get(name) ?? []
  lists.set(name, list)
  return list
}

function remember<T>(list: T[], item: T): void {
  if (list.includes(item)) return
  list.push(item)
  // The oldest stay: what everything else hangs on was made first.
  if (list.length > MOST) list.splice(MOST >> 1, 1)
}
