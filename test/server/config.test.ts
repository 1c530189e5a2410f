import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { ConfigError, configKeys, environmentName, loadConfig } from '../../server/config.ts'

function configFile(t: Test, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'loa-config-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'loa.json')
  writeFileSync(file, content)
  return file
}

/** What is wrong with these settings, all of it. */
function problemsOf(environment: Record<string, string>, file?: string): readonly string[] {
  try {
    loadConfig(environment, file)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems
  }
}

t.test('with nothing given, every setting has its default', (t) => {
  const config = loadConfig({})
  const defaults = Object.fromEntries(configKeys().map(({ key, default: fallback }) => [key, fallback]))
  t.match(config, { ...defaults, dataDir: resolve('./loa-data'), recordingsDir: resolve('./loa-data/recordings'), fanOutProcesses: availableParallelism(), rtcWorkers: availableParallelism() })
  t.match(config, { port: 8000, streamPort: 8010, adminToken: '', allowPrivateSources: false })
  t.ok(Object.isFrozen(config))
  t.ok(config.runDir.length < 80, 'short enough for a Unix socket in it')
  t.not(loadConfig({ LOA_DATA_DIR: '/a' }).runDir, loadConfig({ LOA_DATA_DIR: '/b' }).runDir)
  t.end()
})

t.test('every setting has one name in the environment, made of its words', (t) => {
  t.equal(environmentName('streamPort'), 'LOA_STREAM_PORT')
  t.equal(environmentName('mp3Quality'), 'LOA_MP3_QUALITY')
  t.equal(environmentName('clipTruePeakDbtp'), 'LOA_CLIP_TRUE_PEAK_DBTP')
  const names = configKeys().map(({ environment }) => environment)
  t.equal(new Set(names).size, names.length)
  for (const { key, description } of configKeys()) t.ok(description.length > 0, `${key} is described`)
  t.end()
})

t.test('the environment wins over the file, the file over the default', (t) => {
  const file = configFile(t, '{"port": 9000, "streamPort": 9010, "allowPrivateSources": true}')
  t.match(loadConfig({ LOA_PORT: '9001', LOA_HOST: '' }, file), { port: 9001, streamPort: 9010, allowPrivateSources: true, host: '0.0.0.0' })
  t.match(loadConfig({ LOA_CONFIG: file, LOA_ALLOW_PRIVATE_SOURCES: '0' }), { port: 9000, allowPrivateSources: false })
  t.match(loadConfig({ LOA_CLIP_LOUDNESS_LUFS: '-18.5' }).clipLoudnessLufs, -18.5)
  t.end()
})

t.test('each bad value is told with its name, all of them at once', (t) => {
  for (const [environment, expected] of [
    [{ LOA_PORT: 'eight' }, /^port /],
    [{ LOA_PORT: '65536' }, /^port /],
    [{ LOA_PORT: '80.5' }, /^port /],
    [{ LOA_ADMIN_TOKEN: 'x'.repeat(31) }, /LOA_ADMIN_TOKEN.*at least 32/],
    [{ LOA_LOG_LEVEL: 'loud' }, /^logLevel /],
    [{ LOA_MP3_FORMAT: 'mp3-65' }, /^mp3Format: 'mp3-65' is not a format/],
    [{ LOA_MP3_FORMAT: 'opus-32' }, /^mp3Format must name/],
    [{ LOA_OPUS_FORMAT: 'mp3-64' }, /^opusFormat must name/],
    [{ LOA_ATTENTION_TONE_MS: '1000' }, /^attentionToneMs /],
    [{ LOA_ALLOW_PRIVATE_SOURCES: 'maybe' }, /^allowPrivateSources /],
    [{ LOA_PORT: '8010' }, /port and streamPort must differ/],
    [{ LOA_STREAMPORT: '1' }, /LOA_STREAMPORT is not a setting/],
  ] as const) {
    const problems = problemsOf(environment)
    t.ok(problems.some((problem) => expected.test(problem)), `${JSON.stringify(environment)}: ${problems.join('; ')}`)
  }
  t.equal(problemsOf({ LOA_PORT: 'x', LOA_HTTP_FLUSH_MS: '1', LOA_NOTHING: '1' }).length, 3)
  t.same(problemsOf({ LOA_PORT: '0', LOA_STREAM_PORT: '0', LOA_ADMIN_TOKEN: 'x'.repeat(32) }), [])
  t.end()
})

t.test('a bad file is told with its path', (t) => {
  for (const content of ['{', '[]', 'null', '"x"']) t.match(problemsOf({}, configFile(t, content)).join(), /loa\.json (?:cannot be read|must hold one JSON object)/, content)
  t.match(problemsOf({}, '/nowhere/loa.json').join(), /\/nowhere\/loa\.json cannot be read/)
  t.match(problemsOf({}, configFile(t, '{"prot": 1}')).join(), /prot|additional/i)
  t.end()
})
