import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { resolve, join } from 'node:path'
import { createHash } from 'node:crypto'
import { Type, type Static, type TObject } from 'typebox'
import { Value } from 'typebox/value'
import { parseFormat } from '../codec/audio-format.ts'
import { listOf } from './list-setting.ts'

/**
 * The one schema of the configuration: names, units, defaults, bounds, words for `--help`. Types are derived from it.
 * Each key can stand in the JSON file named by LOA_CONFIG or `--config`, and in the environment as LOA_ and the key in
 * capitals (`streamPort` → LOA_STREAM_PORT); the environment wins. Only this file reads the environment.
 */
export const configSchema = Type.Object({
  dataDir: Type.String({ default: './loa-data', description: 'folder for the database, clips and keys; made when missing' }),
  host: Type.String({ default: '0.0.0.0', description: 'address to listen on, both ports' }),
  port: Type.Integer({ default: 8000, minimum: 0, maximum: 65535, description: 'HTTP port of the API and the console' }),
  streamPort: Type.Integer({ default: 8010, minimum: 0, maximum: 65535, description: 'port of listeners and sources' }),
  adminToken: Type.String({ default: '', description: 'administrator token for automation, at least 32 characters; empty: one is made at first start and printed once' }),
  production: Type.Boolean({ default: false, description: 'refuse to start with weak settings; without it they are only told of' }),
  logLevel: Type.Union(['trace', 'debug', 'info', 'warn', 'error', 'silent'].map((level) => Type.Literal(level)), { default: 'info', description: 'trace, debug, info, warn, error or silent' }),
  fanOutProcesses: Type.Integer({ default: 0, minimum: 0, maximum: 256, description: 'number of fan-out processes; 0: one for each core' }),
  engineProcesses: Type.Integer({ default: 1, minimum: 1, maximum: 64, description: 'number of engine processes' }),
  mp3Format: Type.String({ default: 'mp3-64', description: 'format of .mp3 when the listener names none' }),
  opusFormat: Type.String({ default: 'opus-32', description: 'format of .opus and of native clients when they name none' }),
  opusComplexity: Type.Integer({ default: 5, minimum: 0, maximum: 10, description: 'Opus encoder complexity' }),
  opusExpectedLossPercent: Type.Integer({ default: 0, minimum: 0, maximum: 100, description: 'expected packet loss that in-band FEC is made for; above 0 packets are predicted from earlier ones, so cuts smear' }),
  mp3Quality: Type.Integer({ default: 7, minimum: 0, maximum: 9, description: 'LAME quality, 0 best and slowest, 9 fastest' }),
  httpFlushMs: Type.Integer({ default: 288, minimum: 100, maximum: 2000, description: 'how often HTTP listeners are written to, ms' }),
  nativeFlushMs: Type.Integer({ default: 100, minimum: 20, maximum: 1000, description: 'how often native listeners are written to, ms; more often those that are to sound so soon that a third of their presentation delay is less' }),
  httpBurstMs: Type.Integer({ default: 1000, minimum: 0, maximum: 3000, description: 'sound sent at once to a joining HTTP listener, ms' }),
  maxLagMs: Type.Integer({ default: 2000, minimum: 500, maximum: 3500, description: 'a listener further behind than this is moved to the live edge, ms' }),
  frozenTimeoutMs: Type.Integer({ default: 10000, minimum: 1000, maximum: 120000, description: 'a listener that takes no byte for this long is cut, ms' }),
  rtpPort: Type.Integer({ default: 8020, minimum: 1024, maximum: 65534, description: 'UDP port that unicast RTP outputs are sent from, and where receivers prove their address; RTCP is one above it; open only while there are such outputs' }),
  sapInterface: Type.String({ default: '', maxLength: 45, description: 'name or address of the interface at which announcements of RTP streams (SAP) are listened to, for the list of those that can be sources; `any`: as the system routes; empty: nobody listens' }),
  rtmpPort: Type.Integer({ default: 0, minimum: 0, maximum: 65535, description: 'TCP port that encoders push to by RTMP, mostly 1935; 0: RTMP is off. Keys and sound go over it unencrypted' }),
  rtcPort: Type.Integer({ default: 8030, minimum: 0, maximum: 65535, description: 'first UDP and TCP port of WebRTC media, see server/README.md: with one engine it is that of publishers, the next one that of monitors, and then one of each in turn for each further worker; 0: any that are free' }),
  rtcWorkers: Type.Integer({ default: 0, minimum: 0, maximum: 64, description: 'most WebRTC workers of each engine, and of all monitors together; each is started when it is needed and takes a port of its own; 0: one for each core' }),
  rtcAnnouncedAddresses: Type.String({ default: '', description: 'comma-separated addresses that browsers send WebRTC media to, where they are not those of this machine (NAT); one IPv4 and one IPv6 at most' }),
  iceServers: Type.String({ default: '', pattern: '^[^"<>\\\\]*$', description: 'comma-separated STUN and TURN servers told to WebRTC clients, such as stun:stun.example.net:3478, turn:user:password@turn.example.net:3478 or, with turnSecret, turns:turn.example.net:5349?transport=tcp' }),
  turnSecret: Type.String({ default: '', description: "secret shared with the TURN servers (coturn: use-auth-secret, static-auth-secret), from which each client is given credentials for a day; empty: those in iceServers, or none" }),
  monitors: Type.Integer({ default: 200, minimum: 0, maximum: 10000, description: 'people who may monitor by WebRTC (WHEP) at once' }),
  monitorsPerPerson: Type.Integer({ default: 8, minimum: 1, maximum: 1000, description: 'WebRTC monitors that one person or token may have at once' }),
  mediasoupWorker: Type.String({ default: '', description: "mediasoup's worker program; empty: the one that `npm run build:mediasoup` makes; where there is none, WebRTC is off" }),
  presentationDelayMs: Type.Integer({ default: 800, minimum: 0, maximum: 10000, description: 'native clients play a frame this long after its place on the house clock, where no unit says otherwise, ms' }),
  emergencyDelayMs: Type.Integer({ default: 0, minimum: 0, maximum: 10000, description: 'the same for frames of an emergency, where it is shorter than what else applies, ms; 0: no difference. RTP outputs keep to presentationDelayMs' }),
  syncBoundMs: Type.Number({ default: 30, minimum: 1, maximum: 1000, description: 'a native client that plays this far from its moment for 10 s is told of as out of step, ms' }),
  ringMs: Type.Integer({ default: 4000, minimum: 2000, maximum: 30000, description: 'how much of each room and format is kept, ms' }),
  attentionToneMs: Type.Integer({ default: 3000, minimum: 480, maximum: 10080, multipleOf: 120, description: 'length of the attention tone before an emergency, ms' }),
  attentionToneFile: Type.String({ default: '', description: 'sound file to use instead of the built-in attention tone; empty: built-in' }),
  maxClipBytes: Type.Integer({ default: 200 * 1024 * 1024, minimum: 1024, description: 'largest clip that may be uploaded, bytes' }),
  maxClipMs: Type.Integer({ default: 2 * 3600 * 1000, minimum: 1000, description: 'longest clip that may be uploaded, ms' }),
  minFreeDiskBytes: Type.Integer({ default: 256 * 1024 * 1024, minimum: 0, description: 'uploads are refused when less than this would be left on the disk, bytes' }),
  clipLoudnessLufs: Type.Number({ default: -16, minimum: -31, maximum: -9, description: 'clips and live sources are brought to this integrated loudness, LUFS' }),
  clipTruePeakDbtp: Type.Number({ default: -1, minimum: -9, maximum: 0, description: 'true-peak ceiling of clips and live sources, dBTP' }),
  allowPrivateSources: Type.Boolean({ default: false, description: 'relays may fetch from private, loopback and link-local addresses' }),
  relayStallMs: Type.Integer({ default: 2500, minimum: 500, maximum: 60000, description: 'a relay that brings no sound for this long is dead, ms' }),
  relaySilenceMs: Type.Integer({ default: 20000, minimum: 0, maximum: 600000, description: 'a relay that is digitally silent for this long is dead, ms; 0: never' }),
  studioSilenceMs: Type.Integer({ default: 5000, minimum: 0, maximum: 600000, description: 'a studio that is digitally silent for this long is as good as absent, ms; 0: never' }),
  noiseFloorMs: Type.Integer({ default: 90000, minimum: 0, maximum: 3600000, description: 'so is a live source that brings nothing but steady noise, hiss or hum for this long, ms; 0: never' }),
  brokenSoundMs: Type.Integer({ default: 10000, minimum: 0, maximum: 600000, description: 'so is one that brings what nobody can have meant for this long: a constant, loud white noise, samples in a wrong format, ms; 0: never' }),
  stuckSoundMs: Type.Integer({ default: 20000, minimum: 0, maximum: 600000, description: 'so is one that repeats the same 0.1 to 4 s for this long, ms; 0: never' }),
  relayRetryMs: Type.Integer({ default: 30000, minimum: 1000, maximum: 3600000, description: 'how often a better URL of a relay is tried again, ms' }),
  clipResumeSlackMs: Type.Integer({ default: 900000, minimum: 0, maximum: 86400000, description: 'how long after its planned end a clip order may still play what an emergency cut away, ms' }),
  fillerClips: Type.String({ default: '', description: 'comma-separated ids of clips that a device without network plays in place of a live programme; empty: silence' }),
  maxOrderMs: Type.Integer({ default: 24 * 3600 * 1000, minimum: 60000, description: 'longest order, ms' }),
  practicePassword: Type.String({ default: '', description: 'makes this a server to practise on: whoever opens its console is shown its people and logs in as any of them with this password; empty: no practice' }),
  practiceUrl: Type.String({ default: '', pattern: '^(https?://\\S+)?$', description: 'address of a server to practise on, which the console of this one leads to; empty: none' }),
  corsOrigins: Type.String({ default: '', description: 'comma-separated origins that may call the API and listen from a browser page; empty: none' }),
  mapTiles: Type.String({ default: '', pattern: '^(https?://[\\w.:\\[\\]-]+/[^\\s;,\'"]*\\{z\\}[^\\s;,\'"]*)?$', description: 'pictures that lie under the maps of the console, of a tile server of yours, such as https://tiles.example.vn/{z}/{x}/{y}.png; empty: outlines of provinces only' }),
  mapTilesCredit: Type.String({ default: '', maxLength: 200, description: 'whose pictures those are, as maps name it' }),
  trustedProxies: Type.String({ default: '', description: 'comma-separated addresses or networks of reverse proxies, such as 127.0.0.1 or 10.0.0.0/8: what they say of the caller (X-Forwarded-For, X-Forwarded-Proto) is believed; empty: nobody' }),
  capSender: Type.String({ default: '', maxLength: 500, pattern: '^[^\\s,<&]*$', description: 'who our own CAP messages are from, as an e-mail address or a domain of yours; empty: `loa@` and the name of the machine' }),
  sessionMs: Type.Integer({ default: 12 * 3600 * 1000, minimum: 60000, maximum: 30 * 24 * 3600 * 1000, description: 'how long a user stays logged in, ms' }),
  apiReadsPerSecond: Type.Integer({ default: 300, minimum: 0, maximum: 100000, description: 'how often a token or user may read from the API, calls a second over ten seconds; 0: no limit' }),
  apiCommandsPerSecond: Type.Integer({ default: 100, minimum: 0, maximum: 100000, description: 'how often a token or user may change something by the API; orders and stops are counted apart, 100 a second; 0: no limit' }),
  auditLogKeepDays: Type.Integer({ default: 0, minimum: 0, maximum: 36500, description: 'entries of the audit log are removed after so many days; 0: never' }),
  airLogKeepDays: Type.Integer({ default: 0, minimum: 0, maximum: 36500, description: 'entries of the air log are removed after so many days; 0: never' }),
  timeZone: Type.String({ default: 'Asia/Ho_Chi_Minh', description: 'zone of the days, months and years of reports' }),
  hotC: Type.Number({ default: 75, minimum: 0, maximum: 150, description: 'a device at this temperature is too hot, °C' }),
  weakSignalDbm: Type.Number({ default: -105, minimum: -150, maximum: 0, description: 'the signal of a device is weak from here down, dBm' }),
  stateLogKeepDays: Type.Integer({ default: 400, minimum: 0, maximum: 36500, description: 'for so many days each change of a cluster\'s state is kept, so that days can be reckoned again; 0: for ever' }),
  availabilityKeepDays: Type.Integer({ default: 0, minimum: 0, maximum: 36500, description: 'for so many days the availability of each cluster and day is kept; 0: for ever' }),
  measurementKeepDays: Type.Integer({ default: 31, minimum: 1, maximum: 400, description: 'for so many days what devices measure (signal, step, volume, temperature) is kept by five minutes' }),
  measurementHoursKeepDays: Type.Integer({ default: 400, minimum: 0, maximum: 36500, description: 'for so many days it is kept by the hour; 0: for ever' }),
  allowPrivateWebhooks: Type.Boolean({ default: false, description: 'webhooks may go to private, loopback and link-local addresses, and by plain http' }),
  smtpHost: Type.String({ default: '', description: 'mail server for notifications; empty: no mail is sent' }),
  smtpPort: Type.Integer({ default: 587, minimum: 1, maximum: 65535, description: 'its port' }),
  smtpSecurity: Type.Union(['tls', 'starttls', 'none'].map((security) => Type.Literal(security)), { default: 'starttls', description: 'tls (from the first byte, mostly port 465), starttls (and nothing without it) or none' }),
  smtpUser: Type.String({ default: '', description: 'user at the mail server; empty: without logging in' }),
  smtpPassword: Type.String({ default: '', description: 'password at the mail server' }),
  smtpFrom: Type.String({ default: '', description: 'sender of mail, such as loa@example.vn' }),
  certificateFiles: Type.String({ default: '', description: 'comma-separated PEM files of certificates, such as those of a TLS proxy in front, whose end is watched; empty: none' }),
  integrityCheckHours: Type.Integer({ default: 24, minimum: 0, maximum: 8760, description: 'how often the whole database and the chains of the logs are checked, h; 0: never' }),
  recording: Type.Boolean({ default: true, description: 'what is on air is recorded as it went out' }),
  recordingsDir: Type.String({ default: '', description: 'folder of recordings, best on a disk of its own; empty: `recordings` in the data folder' }),
  recordRelays: Type.Union(['off', 'low', 'full'].map((choice) => Type.Literal(choice)), { default: 'low', description: 'relays are recorded not at all, as a proof at a low bit rate, or like everything else; emergencies always like everything else' }),
  recordLowFormat: Type.String({ default: 'opus-16', description: 'Opus format of the proof recordings of relays; everything else is recorded in opusFormat' }),
  recordingKeepDays: Type.Integer({ default: 90, minimum: 0, maximum: 36500, description: 'recordings are removed after so many days, where no unit says otherwise; 0: never' }),
  recordingQuotaBytes: Type.Integer({ default: 20 * 1024 * 1024 * 1024, minimum: 0, description: 'when recordings take more than this, the oldest go first, those of emergencies last; 0: no quota' }),
  recordingMinFreeBytes: Type.Integer({ default: 1024 * 1024 * 1024, minimum: 0, description: 'with less than this free on their disk nothing is recorded, bytes' }),
  sipListen: Type.String({ default: '', pattern: '^$|^(?:[0-9A-Fa-f.:\\[\\]]+:)?\\d{1,5}$', description: 'address and port of the telephone (SIP, UDP and TCP), such as 0.0.0.0:5060; empty: no calls are taken' }),
  sipTlsPort: Type.Integer({ default: 0, minimum: 0, maximum: 65535, description: 'port for SIP over TLS; 0: none' }),
  sipCertificateFile: Type.String({ default: '', description: 'PEM file with the certificate for sipTlsPort' }),
  sipKeyFile: Type.String({ default: '', description: 'PEM file with its key' }),
  sipTrustedFile: Type.String({ default: '', description: 'PEM file of authorities for certificates of SIP providers; empty: those of the system' }),
  sipPublicAddress: Type.String({ default: '', description: 'our address as telephones and providers reach it, behind NAT; empty: found out' }),
  sipAccountsFile: Type.String({ default: '', description: 'JSON file with accounts at providers and PBXs and direct callers (server/README.md); it holds passwords, so only its owner may read it' }),
  sipAllowedPeers: Type.String({ default: '', description: 'comma-separated addresses and networks that may call directly, such as 10.1.0.0/16' }),
  sipStrangers: Type.Union(['ignore', 'refuse'].map((what) => Type.Literal(what)), { default: 'ignore', description: 'whether others are refused or hear nothing' }),
  sipRtpPorts: Type.String({ default: '20000-20199', pattern: '^\\d{4,5}-\\d{4,5}$', description: 'UDP ports for the sound of calls; two for each' }),
  sipMaxCalls: Type.Integer({ default: 50, minimum: 1, maximum: 500, description: 'calls at once' }),
  sipMediaLostMs: Type.Integer({ default: 900, minimum: 300, maximum: 30000, description: 'a caller whose sound stays away for so long has gone, and what is on the air through him ends, ms; more for telephones that send nothing while nobody speaks' }),
  phoneLanguage: Type.Union(['vi', 'en'].map((language) => Type.Literal(language)), { default: 'vi', description: 'language in which callers are greeted; who has proved who he is hears his own' }),
  phoneRecordingKeepDays: Type.Integer({ default: 90, minimum: 0, maximum: 36500, description: 'recordings of calls are removed after so many days; 0: never for that' }),
  phoneRecordingMaxBytes: Type.Integer({ default: 2 * 1024 ** 3, minimum: 0, description: 'recordings of calls take no more than this, bytes; the oldest go first' }),
  ffmpegPath: Type.String({ default: 'ffmpeg', description: 'the ffmpeg program' }),
}, { additionalProperties: false })

export type Config = Readonly<Static<typeof configSchema>> & {
  /** Folder of the roles' Unix sockets; short, because a socket path has at most 107 bytes. */
  readonly runDir: string
}

/** Bad configuration, in words that say what to change. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_ERR_INVALID'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`configuration: ${problems.join('; ')}`)
    this.problems = problems
  }
}

type Environment = Readonly<Record<string, string | undefined>>

/** LOA_ name of a key: `streamPort` → `LOA_STREAM_PORT`. */
export const environmentName = (key: string): string => `LOA_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`

/** Keys of the schema in order, with what `--help` prints of them. */
export function configKeys(): readonly { key: string; environment: string; default: unknown; description: string }[] {
  return Object.entries((configSchema as TObject).properties).map(([key, schema]) => {
    const { default: fallback, description } = schema as { default?: unknown; description?: string }
    return { key, environment: environmentName(key), default: fallback, description: description ?? '' }
  })
}

/** Path of the settings file that the environment names, or undefined. */
export const configFile = (environment: Environment = process.env): string | undefined => environment['LOA_CONFIG']

/**
 * Reads file and environment, fills in defaults, checks everything at once.
 * @param file path of a JSON file, or undefined
 * @throws ConfigError with every problem found, each naming its key.
 */
export function loadConfig(environment: Environment = process.env, file: string | undefined = configFile(environment)): Config {
  const problems: string[] = []
  const given: Record<string, unknown> = {}
  const keys = configKeys()

  if (file !== undefined && file !== '') {
    try {
      const content: unknown = JSON.parse(readFileSync(file, 'utf8'))
      if (typeof content !== 'object' || content === null || Array.isArray(content)) problems.push(`${file} must hold one JSON object`)
      else Object.assign(given, content)
    } catch (error) {
      problems.push(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  const known = new Set(keys.map(({ environment: name }) => name))
  for (const { key, environment: name } of keys) {
    const text = environment[name]
    if (text !== undefined && text !== '') given[key] = readEnvironmentValue(key, text)
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('LOA_') && !known.has(name) && name !== 'LOA_CONFIG' && !name.startsWith('LOA_INTERNAL_') && !name.startsWith('LOA_TEST_')) problems.push(`${name} is not a setting (see --help)`)
  }

  const config = Value.Default(configSchema, given) as Static<typeof configSchema>
  for (const error of Value.Errors(configSchema, config)) {
    const path = error.instancePath.replace(/^\//, '') || 'configuration'
    problems.push(`${path} ${error.message}`)
  }
  if (problems.length === 0) problems.push(...checkMeaning(config))
  if (problems.length > 0) throw new ConfigError(problems)

  const dataDir = resolve(config.dataDir)
  const recordingsDir = config.recordingsDir === '' ? join(dataDir, 'recordings') : resolve(config.recordingsDir)
  return Object.freeze({
    ...config,
    dataDir,
    recordingsDir,
    fanOutProcesses: config.fanOutProcesses === 0 ? availableParallelism() : config.fanOutProcesses,
    rtcWorkers: config.rtcWorkers === 0 ? availableParallelism() : config.rtcWorkers,
    runDir: join(tmpdir(), `loa-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`),
  })
}

function readEnvironmentValue(key: string, text: string): unknown {
  const schema = (configSchema as TObject).properties[key] as { type?: string }
  if (schema.type === 'integer' || schema.type === 'number') return Number.isNaN(Number(text)) ? text : Number(text)
  if (schema.type === 'boolean') return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : text
  return text
}

/** Whether calls are taken. */
export const isPhoneConfigured = ({ sipListen }: Pick<Config, 'sipListen'>): boolean => sipListen !== ''

function isNetwork(text: string): boolean {
  const [address = '', prefix = '0', ...rest] = text.split('/')
  return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(address) === 4 ? 32 : 128)
}

function checkMeaning(config: Static<typeof configSchema>): string[] {
  const problems: string[] = []
  if (config.adminToken !== '' && config.adminToken.length < 32) problems.push('adminToken (LOA_ADMIN_TOKEN) must have at least 32 characters; make one with: openssl rand -base64 33')
  for (const [key, codec] of [['mp3Format', 'mp3'], ['opusFormat', 'opus'], ['recordLowFormat', 'opus']] as const) {
    try {
      if (parseFormat(config[key]).codec !== codec) problems.push(`${key} must name an ${codec} format`)
    } catch (error) {
      problems.push(`${key}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  for (const network of config.trustedProxies.split(',').map((item) => item.trim())) if (network !== '' && !isNetwork(network)) problems.push(`trustedProxies (LOA_TRUSTED_PROXIES) must hold IP addresses or networks such as 10.0.0.0/8, not '${network}'`)
  if (config.smtpHost !== '' && config.smtpFrom === '') problems.push('smtpFrom (LOA_SMTP_FROM) is needed with smtpHost: mail has a sender')
  if (config.smtpUser !== '' && config.smtpSecurity === 'none') problems.push('smtpSecurity (LOA_SMTP_SECURITY) must not be none with smtpUser: anybody on the way could read the password')
  for (const network of listOf(config.sipAllowedPeers)) if (!isNetwork(network)) problems.push(`sipAllowedPeers (LOA_SIP_ALLOWED_PEERS) must hold IP addresses or networks such as 10.0.0.0/8, not '${network}'`)
  if (config.sipTlsPort !== 0 && (config.sipCertificateFile === '' || config.sipKeyFile === '')) problems.push('sipCertificateFile and sipKeyFile are needed with sipTlsPort')
  const [fromPort = 0, toPort = 0] = config.sipRtpPorts.split('-').map(Number)
  if (fromPort < 1024 || toPort > 65535 || toPort < fromPort + 1) problems.push('sipRtpPorts (LOA_SIP_RTP_PORTS) must be a range from 1024 to 65535, such as 20000-20199')
  if (config.port !== 0 && config.port === config.streamPort) problems.push('port and streamPort must differ')
  const rtcPorts = (config.rtcWorkers === 0 ? availableParallelism() : config.rtcWorkers) * (config.engineProcesses + 1)
  if (config.rtcPort + rtcPorts > 65_536) problems.push(`rtcPort (LOA_RTC_PORT) leaves no room: ${String(rtcPorts)} ports from there on are needed`)
  return problems
}
