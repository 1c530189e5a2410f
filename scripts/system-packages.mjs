import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'

const COMPILE = [
  { debian: 'gcc', program: 'cc' },
  { debian: 'g++', program: 'g++' },
  { debian: 'libc6-dev', file: '/usr/include/stdlib.h' },
  { debian: 'make', program: 'make' },
  { debian: 'python3', program: 'python3' },
  { debian: 'libmp3lame-dev', file: '/usr/include/lame/lame.h' },
  { debian: 'libopus-dev', file: '/usr/include/opus/opus.h' },
]
/** What mediasoup's worker is compiled and linked against. */
const WEBRTC = [
  { debian: 'pkg-config', program: 'pkg-config' },
  { debian: 'libuv1-dev', file: '/usr/include/uv.h' },
  { debian: 'libssl-dev', file: '/usr/include/openssl/ssl.h' },
  { debian: 'libsrtp2-dev', file: '/usr/include/srtp2/srtp.h' },
  { debian: 'flatbuffers-compiler', program: 'flatc' },
  { debian: 'libflatbuffers-dev', file: '/usr/include/flatbuffers/flatbuffers.h' },
]
const RUN = [...COMPILE, { debian: 'ffmpeg', program: 'ffmpeg' }, { debian: 'espeak-ng', program: 'espeak-ng' }]

/** What the machine must have for each purpose: the Debian package, and the program or file by which one sees that it is there. */
export const PROFILES = {
  build: COMPILE,
  image: [...COMPILE, ...WEBRTC],
  run: RUN,
  demo: RUN,
  webrtc: [...RUN, ...WEBRTC],
  test: [
    ...RUN,
    ...WEBRTC,
    { debian: 'alsa-utils', program: 'aplay' },
    { debian: 'baresip-core', program: 'baresip' },
    { debian: 'chromium', program: 'chromium' },
    { debian: 'curl', program: 'curl' },
    { debian: 'git', program: 'git' },
    { debian: 'gir1.2-gst-plugins-bad-1.0', file: '/usr/share/doc/gir1.2-gst-plugins-bad-1.0/copyright' },
    { debian: 'gstreamer1.0-nice', file: '/usr/share/doc/gstreamer1.0-nice/copyright' },
    { debian: 'gstreamer1.0-plugins-bad', file: '/usr/share/doc/gstreamer1.0-plugins-bad/copyright' },
    { debian: 'gstreamer1.0-plugins-base', file: '/usr/share/doc/gstreamer1.0-plugins-base/copyright' },
    { debian: 'gstreamer1.0-plugins-good', file: '/usr/share/doc/gstreamer1.0-plugins-good/copyright' },
    { debian: 'openssl', program: 'openssl' },
    { debian: 'python3-gi', file: '/usr/lib/python3/dist-packages/gi/__init__.py' },
    { debian: 'redis-server', program: 'redis-server' },
    { debian: 'sip-tester', program: 'sipp' },
  ],
}

/**
 * Installs what a profile lacks, when this process may.
 * @returns undefined when all is there, else the words for the user, naming the packages.
 */
export function ensureSystemPackages(profile, say) {
  let missing = missingOf(profile)
  if (missing.length === 0) return undefined
  const packages = missing.map(({ debian }) => debian)
  if (!isOnPath('apt-get')) return `missing on this machine: ${missing.map(({ program, file }) => program ?? file).join(', ')} (in Debian's packages ${packages.join(' ')})`
  const byHand = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0) return `missing on this machine; run: sudo ${byHand}`

  say(`installing ${packages.join(' ')}`)
  let result = apt(['install', '-y', '--no-install-recommends', ...packages])
  if (result.status !== 0) {
    // On a fresh machine the package lists are empty or stale.
    say('reading the package lists')
    apt(['update'])
    result = apt(['install', '-y', '--no-install-recommends', ...packages])
  }
  missing = missingOf(profile)
  if (result.status === 0 && missing.length === 0) return undefined
  return `apt could not install ${packages.join(' ')}: ${(result.stderr ?? '').trimEnd().split('\n').slice(-3).join(' ')}; try: ${byHand}`
}

function missingOf(profile) {
  return PROFILES[profile].filter(({ program, file }) => (program !== undefined ? !isOnPath(program) : !existsSync(file)))
}

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)))
}

function apt(args) {
  return spawnSync('apt-get', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
  })
}
