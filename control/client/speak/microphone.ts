/** What the browser does to the sound before it is sent. */
export interface MicrophoneChoice {
  readonly deviceId: string
  readonly echo: boolean
  readonly noise: boolean
  readonly gain: boolean
}

/** 43 ms at 48 kHz. */
const METER_SAMPLES = 2048

/** The microphone, its track for the line, and what it hears now. */
export class Microphone {
  readonly #changed: () => void
  #stream: MediaStream | undefined
  #context: AudioContext | undefined
  #analyser: AnalyserNode | undefined
  #source: MediaStreamAudioSourceNode | undefined
  readonly samples = new Float32Array(METER_SAMPLES)

  /** @param changed the track was taken away, or came back */
  constructor(changed: () => void) {
    this.#changed = changed
  }

  get track(): MediaStreamTrack | undefined {
    return this.#stream?.getAudioTracks()[0]
  }

  /** Whether a call, the system or a pulled plug keeps it from us. */
  get lost(): boolean {
    const { track } = this
    return track !== undefined && (track.readyState === 'ended' || track.muted)
  }

  /** Opens it, or another one in its place. @throws what getUserMedia throws: NotAllowedError, NotFoundError, NotReadableError */
  async open({ deviceId, echo, noise, gain }: MicrophoneChoice): Promise<MediaStreamTrack> {
    const audio: MediaTrackConstraints = { echoCancellation: echo, noiseSuppression: noise, autoGainControl: gain, channelCount: 1, ...(deviceId === '' ? {} : { deviceId: { exact: deviceId } }) }
    const stream = await navigator.mediaDevices.getUserMedia({ audio })
    this.#stop()
    this.#stream = stream
    const track = stream.getAudioTracks()[0]!
    for (const event of ['mute', 'unmute', 'ended'] as const) track.addEventListener(event, this.#changed)
    // A copy is metered, so that the meter shows what is heard while the line is still mute.
    this.#context ??= new AudioContext()
    void this.#context.resume()
    this.#analyser ??= new AnalyserNode(this.#context, { fftSize: METER_SAMPLES })
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track.clone()]))
    this.#source.connect(this.#analyser)
    return track
  }

  /** @returns the newest samples; the same array each time */
  hear(): Float32Array {
    this.#analyser?.getFloatTimeDomainData(this.samples)
    return this.samples
  }

  close(): void {
    this.#stop()
    void this.#context?.suspend()
  }

  #stop(): void {
    for (const track of [...(this.#stream?.getTracks() ?? []), ...(this.#source?.mediaStream.getTracks() ?? [])]) {
      for (const event of ['mute', 'unmute', 'ended'] as const) track.removeEventListener(event, this.#changed)
      track.stop()
    }
    this.#source?.disconnect()
    this.#source = this.#stream = undefined
  }
}
