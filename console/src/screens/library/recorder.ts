/** Records what the microphone hears; one at a time. */
export interface Recorder {
  /** Largest sample since it was asked last, dBFS. */
  level(): number
  /** What was recorded, and nothing more is. */
  stop(): Promise<Blob>
  /** Idempotent: the light at the microphone goes out. */
  close(): void
}

/** Of what browsers can: the first that the server reads and that is small. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus']
const BITS_PER_SECOND = 128_000

/** @throws DOMException when the microphone is not allowed or not there */
export async function startRecorder(): Promise<Recorder> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false, noiseSuppression: true, autoGainControl: true } })
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 4096
  context.createMediaStreamSource(stream).connect(analyser)
  const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: BITS_PER_SECOND, ...(mimeType === undefined ? {} : { mimeType }) })
  const pieces: Blob[] = []
  recorder.addEventListener('dataavailable', ({ data }) => { pieces.push(data) })
  recorder.start(1000)
  const samples = new Float32Array(analyser.fftSize)
  const close = (): void => {
    for (const track of stream.getTracks()) track.stop()
    if (context.state !== 'closed') void context.close()
  }
  return {
    level() {
      analyser.getFloatTimeDomainData(samples)
      return 20 * Math.log10(Math.max(1e-5, ...samples.map(Math.abs)))
    },
    stop: () => new Promise((resolve) => {
      const end = (): void => {
        close()
        resolve(new Blob(pieces, { type: recorder.mimeType }))
      }
      if (recorder.state === 'inactive') end()
      else {
        recorder.addEventListener('stop', end, { once: true })
        recorder.stop()
      }
    }),
    close,
  }
}

/** A sound as the browser understands it, mixed to one channel. @throws when it is none */
export async function decodeSound(file: Blob): Promise<{ readonly samples: Float32Array; readonly sampleRateHz: number }> {
  const context = new AudioContext()
  try {
    const buffer = await context.decodeAudioData(await file.arrayBuffer())
    const samples = new Float32Array(buffer.length)
    for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
      const of = buffer.getChannelData(channel)
      for (let index = 0; index < samples.length; index++) samples[index] = samples[index]! + of[index]! / buffer.numberOfChannels
    }
    return { samples, sampleRateHz: buffer.sampleRate }
  } finally {
    await context.close()
  }
}
