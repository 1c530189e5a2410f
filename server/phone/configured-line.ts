import { readFileSync, statSync } from 'node:fs'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import type { Config } from '../config.ts'
import { listOf } from '../list-setting.ts'
import { DEFAULT_PHONE_SETTINGS, type PhoneSettings } from './phone-settings.ts'

const Credentials = Type.Object({ user: Type.String({ minLength: 1 }), password: Type.String() }, { additionalProperties: false })

/** The file of accounts: passwords belong neither into the environment nor into a settings file that many read. */
const Accounts = Type.Object({
  accounts: Type.Optional(Type.Array(Type.Object({
    uri: Type.String({ pattern: '^sips?:' }),
    registrar: Type.Optional(Type.String({ pattern: '^sips?:' })),
    outboundProxy: Type.Optional(Type.String({ pattern: '^sips?:' })),
    user: Type.String({ minLength: 1 }),
    password: Type.String(),
    expiresS: Type.Optional(Type.Integer({ minimum: 60, maximum: 86_400 })),
  }, { additionalProperties: false }))),
  callers: Type.Optional(Type.Array(Credentials)),
}, { additionalProperties: false })

const DEFAULT_EXPIRES_S = 600
const FOR_OTHERS = 0o077

type SipConfig = Pick<Config, 'sipListen' | 'sipTlsPort' | 'sipCertificateFile' | 'sipKeyFile' | 'sipTrustedFile' | 'sipPublicAddress' | 'sipAccountsFile' | 'sipAllowedPeers' | 'sipStrangers' | 'sipRtpPorts' | 'sipMaxCalls'>

/**
 * The phone line as the settings want it.
 * @throws Error that says what is wrong with which file
 */
export function phoneSettings(config: SipConfig): PhoneSettings {
  const { accounts = [], callers = [] } = readAccounts(config.sipAccountsFile)
  const [, address, port] = /^(?:(.*):)?(\d+)$/.exec(config.sipListen)!
  const [from = 0, to = 0] = config.sipRtpPorts.split('-').map(Number)
  return {
    ...DEFAULT_PHONE_SETTINGS,
    listen: { address: address?.replace(/^\[|\]$/g, '') ?? DEFAULT_PHONE_SETTINGS.listen.address, port: Number(port) },
    tls: config.sipTlsPort === 0 ? null : { port: config.sipTlsPort, certificate: readFileSync(config.sipCertificateFile, 'utf8'), key: readFileSync(config.sipKeyFile, 'utf8') },
    trustedCertificates: config.sipTrustedFile === '' ? null : readFileSync(config.sipTrustedFile, 'utf8'),
    publicAddress: config.sipPublicAddress === '' ? null : config.sipPublicAddress,
    accounts: accounts.map(({ uri, registrar = null, outboundProxy = null, user, password, expiresS = DEFAULT_EXPIRES_S }) => ({ uri, registrar, outboundProxy, credentials: { user, password }, expiresS })),
    allowedPeers: listOf(config.sipAllowedPeers),
    callers,
    strangers: config.sipStrangers,
    rtpPorts: { from, to },
    maxCalls: config.sipMaxCalls,
  }
}

function readAccounts(path: string): Static<typeof Accounts> {
  if (path === '') return {}
  if ((statSync(path).mode & FOR_OTHERS) !== 0) throw new Error(`sipAccountsFile (LOA_SIP_ACCOUNTS_FILE): ${path} can be read by others than its owner; chmod 600 it`)
  const content = parsed(path)
  if (Value.Check(Accounts, content)) return content
  const [first] = Value.Errors(Accounts, content)
  throw new Error(`sipAccountsFile (LOA_SIP_ACCOUNTS_FILE): ${path}: ${first?.instancePath ?? ''} ${first?.message ?? 'is wrong'}`)
}

/** The runtime's own words quote the text around the fault, which may be a password, and end in the log. */
function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw error instanceof SyntaxError ? new Error(`sipAccountsFile (LOA_SIP_ACCOUNTS_FILE): ${path} is no JSON`) : error
  }
}
