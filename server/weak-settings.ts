import { statSync } from 'node:fs'
import { passwordWeakness } from '../control/password-rules.ts'
import { environmentName, type Config } from './config.ts'
import { listOf } from './list-setting.ts'

const LEAST_DISTINCT = 10
const OTHERS = 0o007
const GROUP_AND_OTHERS = 0o077

/**
 * What makes an installation easy to take over, in words that say which setting it is and what to do. In production none of it is allowed; elsewhere it is told of.
 * @param file of settings, or undefined
 */
export function weakSettings(config: Config, file: string | undefined): string[] {
  const problems: string[] = []
  const say = (key: keyof Config, text: string): void => void problems.push(`${key} (${environmentName(key)}) ${text}`)

  if (config.adminToken !== '' && isGuessable(config.adminToken)) say('adminToken', 'can be guessed; make one with: openssl rand -base64 33')
  if (modeOf(config.dataDir) & GROUP_AND_OTHERS) say('dataDir', `is open to other users of this machine, and holds keys; run: chmod 700 ${config.dataDir}`)
  if ((config.adminToken !== '' || config.smtpPassword !== '') && file !== undefined && modeOf(file) & OTHERS) problems.push(`${file} holds the administrator token or a password and is open to other users of this machine; run: chmod 600 ${file}`)
  if (!isLoopback(config.host) && config.trustedProxies === '') {
    say('host', 'is reached from outside over plain HTTP, where passwords and tokens can be read; let a reverse proxy speak TLS, and name it in trustedProxies (LOA_TRUSTED_PROXIES), or set 127.0.0.1')
  }
  if (config.smtpHost !== '' && config.smtpSecurity === 'none' && !isLoopback(config.smtpHost)) say('smtpSecurity', 'sends mail that anybody on the way can read and change; use starttls or tls')
  if (listOf(config.trustedProxies).some((network) => network.endsWith('/0'))) say('trustedProxies', 'trusts everybody, so anybody can pretend to be anywhere; name the addresses of your proxies')
  if (config.practicePassword !== '' && (config.production || config.trustedProxies !== '' || !isLoopback(config.host))) say('practicePassword', 'lets anybody log in as anybody; leave it empty where real loudspeakers are')
  const plain = listOf(config.corsOrigins).filter((origin) => origin.startsWith('http:') && !isLoopback(new URL(origin).hostname))
  if (plain.length > 0) say('corsOrigins', `lets pages call the API that came over plain HTTP, so that others can change them on their way: ${plain.join(', ')}`)
  return problems
}

/** Not random: few different characters, or made of what people think of. Random ones of this length are neither. */
const isGuessable = (token: string): boolean => new Set(token).size < LEAST_DISTINCT || passwordWeakness(token, ['loa', 'token', 'key']) !== null

const isLoopback = (host: string): boolean => /^(?:127\.|\[?::1\]?$|localhost$)/.test(host)

/** 0 for what is not there: it will be made for the owner alone. */
function modeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mode ?? 0
}
