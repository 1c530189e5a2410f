import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TObject } from 'typebox'
import { configKeys, configSchema } from '../config.ts'

const BEGIN = '<!-- settings: written by npm run readme -->'
const END = '<!-- /settings -->'
const README = join(import.meta.dirname, '../../README.md')

/** The settings as a Markdown table, from the schema and from nothing else. */
export function settingsTable(): string {
  const rows = configKeys().map(({ key, environment, default: fallback, description }) => {
    const schema = (configSchema as TObject).properties[key] as { minimum?: number; maximum?: number; type?: string }
    const bounds = schema.minimum === undefined && schema.maximum === undefined ? '' : `${number(schema.minimum)} – ${number(schema.maximum)}`
    return `| \`${environment}\` | ${fallback === '' ? '' : `\`${String(fallback)}\``} | ${bounds} | ${description.replaceAll('|', '\\|')} |`
  })
  return ['| setting | default | bounds | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

const number = (value: number | undefined): string => (value === undefined ? '…' : String(value))

/** @returns `readme` with its table replaced by the current one. */
export function withSettings(readme: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`README.md must hold ${BEGIN} and, after it, ${END}`)
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${settingsTable()}\n\n${readme.slice(end)}`
}

if (import.meta.main) writeFileSync(README, withSettings(readFileSync(README, 'utf8')))
