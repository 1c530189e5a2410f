import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export type Language = 'vi' | 'en'

const MOST_RANGES = 30

/**
 * The language that a request asks for in `Accept-Language` (RFC 9110, 12.5.4): the one of higher weight, of equal ones the first named;
 * Vietnamese where nothing is asked for, or nothing that there is.
 */
export function askedLanguage({ headers: { 'accept-language': header } }: Pick<FastifyRequest, 'headers'>): Language {
  const weights = new Map<string, number>()
  for (const range of (header ?? '').split(',', MOST_RANGES)) {
    const match = /^\s*([a-z]{1,8}|\*)(?:-[a-z0-9]+)*\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?$/i.exec(range)
    const language = match?.[1]?.toLowerCase()
    if (language !== undefined && !weights.has(language)) weights.set(language, Math.min(1, Number(match![2] ?? 1)))
  }
  const order = [...weights.keys()]
  const weightOf = (language: Language): number => weights.get(language) ?? weights.get('*') ?? 0
  const placeOf = (language: Language): number => (order.indexOf(language) + order.length + 1) % (order.length + 1)
  const [vi, en] = [weightOf('vi'), weightOf('en')]
  if (vi === en) return vi > 0 && placeOf('en') < placeOf('vi') ? 'en' : 'vi'
  return en > vi ? 'en' : 'vi'
}

/** Says in which language an answer is, and that it could have been another: caches must know. */
export function sendLanguage(reply: FastifyReply, language: Language): void {
  const vary = reply.getHeader('Vary')
  void reply.header('Content-Language', language).header('Vary', vary === undefined ? 'Accept-Language' : `${String(vary)}, Accept-Language`)
}

/**
 * Wherever a text `x` stands beside its Vietnamese `xVi`, makes `x` that of the language and puts the English beside it as `xEn`, so that a
 * program may still show both.
 */
export function localised<T>(value: T, language: Language): T {
  if (Array.isArray(value)) return value.map((item: unknown) => localised(item, language)) as T
  if (typeof value !== 'object' || value === null) return value
  const object = value as Readonly<Record<string, unknown>>
  const made: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(object)) {
    const vi = object[`${name}Vi`]
    if (typeof part !== 'string' || typeof vi !== 'string') made[name] = localised(part, language)
    else {
      made[name] = language === 'vi' ? vi : part
      made[`${name}En`] = part
    }
  }
  return made as T
}

/** Answers whose schema has texts in both languages come in the one that is asked for. */
export function installLanguages(app: FastifyInstance, schemas: readonly { readonly $id: string }[]): void {
  const named = new Map(schemas.map((schema) => [`${schema.$id}#`, schema]))
  const speaksTwo = (schema: unknown): boolean => {
    if (typeof schema !== 'object' || schema === null) return false
    const { $ref } = schema as { readonly $ref?: string }
    if ($ref !== undefined) return speaksTwo(named.get($ref))
    return Object.entries(schema).some(([name, part]: [string, unknown]) => /^[a-z]+Vi$/i.test(name) || speaksTwo(part))
  }
  app.addHook('onRoute', (route) => {
    const good = Object.entries((route.schema?.response ?? {}) as Readonly<Record<string, unknown>>).filter(([status]) => status.startsWith('2'))
    if (!good.some(([, schema]) => speaksTwo(schema))) return
    route.preSerialization = [route.preSerialization ?? []].flat().concat((request, reply, payload, done) => {
      const language = askedLanguage(request)
      sendLanguage(reply, language)
      done(null, localised(payload, language))
    })
  })
}
