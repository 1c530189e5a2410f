import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { KNOWN, PUBLIC } from '../access.ts'
import type { Context, ControlApp } from '../context.ts'
import { named, problems } from '../schemas/common.ts'
import { ConsoleSettings, type ConsoleSettingsView } from '../schemas/console.ts'

export interface ConsoleFiles {
  /** What `npm run setup` made of console/. */
  readonly folder: string
  /** Port of streams, which pages may connect to on the host they came from: monitors and microphones are there. */
  readonly streamPort: number
}

/** Screens of the console that have addresses of their own: they all are one page. */
const SCREENS = ['emergency', 'schedule', 'library', 'sources', 'clusters', 'figures', 'system', 'start', 'practice', 'account'] as const
const YEAR_SECONDS = 31_536_000

/**
 * The operators' web application, where it has been built. Its pages run no script but their own files', and are shown in no other page.
 * @param mapTiles pages may show pictures from where these are; empty: from nowhere else
 * @returns whether there is one
 */
export async function consoleRoutes(app: ControlApp, { folder, streamPort }: ConsoleFiles, mapTiles: string): Promise<boolean> {
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => null)
  if (page === null) return false
  await app.register(fastifyStatic, { root: folder, serve: false, preCompressed: true, decorateReply: true, cacheControl: false })
  const config = { access: PUBLIC }
  const tiles = mapTiles === '' ? '' : ` ${new URL(mapTiles.replaceAll(/[{}]/g, '')).origin}`
  const schema = { hide: true }
  const [beforeNonce = '', ...afterNonce] = page.split('<head>')
  const sendPage = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    // For the few lines of style that the component library puts in by itself.
    const nonce = randomBytes(16).toString('base64')
    return reply
      .headers({ 'Content-Security-Policy': pagePolicy(request, streamPort, tiles, nonce), 'Referrer-Policy': 'no-referrer', 'Permissions-Policy': 'microphone=(self), camera=(), geolocation=(self)', 'Cache-Control': 'no-cache' })
      .type('text/html; charset=utf-8')
      .send(`${beforeNonce}<head><meta property="csp-nonce" nonce="${nonce}"><meta name="loa-stream-port" content="${String(streamPort)}">${afterNonce.join('<head>')}`)
  }
  app.get('/', { config, schema }, sendPage)
  for (const screen of SCREENS) {
    app.get(`/${screen}`, { config, schema }, sendPage)
    app.get(`/${screen}/*`, { config, schema }, sendPage)
  }
  // Their names change with what is in them, so they are asked for once.
  app.get('/assets/*', { config, schema }, (request, reply) => reply.header('Cache-Control', `public, max-age=${String(YEAR_SECONDS)}, immutable`).sendFile(`assets/${(request.params as { readonly '*': string })['*']}`))
  for (const file of ['icon.svg', 'manifest.webmanifest', 'sw.js']) app.get(`/${file}`, { config, schema }, (_request, reply) => reply.header('Cache-Control', 'no-cache').sendFile(file))
  return true
}

/** What the console must know of how the server is set, whether or not there is one here: others may serve it. */
export function consoleSettingsRoutes(app: ControlApp, { config: { mapTiles, mapTilesCredit, rtmpPort } }: Context): void {
  app.get('/v1/console', {
    config: { access: KNOWN },
    schema: { tags: ['status'], summary: 'Settings of the console', response: { 200: named(ConsoleSettings), ...problems(401) } },
  }, (): ConsoleSettingsView => ({ tiles: mapTiles === '' ? null : { url: mapTiles, credit: mapTilesCredit }, rtmpPort: rtmpPort === 0 ? null : rtmpPort }))
}

/** Content Security Policy level 3. Styles set by scripts one by one (CSSOM) need no permission; texts of styles and scripts in the page have none. */
function pagePolicy(request: FastifyRequest, streamPort: number, tiles: string, nonce: string): string {
  const host = request.hostname.includes(':') && !request.hostname.startsWith('[') ? `[${request.hostname}]` : request.hostname
  const streams = /^[\w.\-[\]:]+$/.test(host) ? ` ${request.protocol}://${host}:${String(streamPort)}` : ''
  return [
    "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, `img-src 'self' data: blob:${tiles}`, "font-src 'self'", `connect-src 'self'${streams}`, `media-src 'self' blob:${streams}`,
    "worker-src 'self' blob:", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'", "object-src 'none'",
  ].join('; ')
}
