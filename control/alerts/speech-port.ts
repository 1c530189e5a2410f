/** How Vietnamese is said: in the north, the centre or the south. */
export const SPEECH_VOICES = ['north', 'central', 'south'] as const
export type SpeechVoice = (typeof SPEECH_VOICES)[number]

/** Speaks Vietnamese text. Errors carry a `code`: SPEECH_ERR_MISSING (there is no program for it), SPEECH_ERR_TOO_LONG, SPEECH_ERR_FAILED. */
export interface SpeechMaker {
  /** @returns path of a sound file, which the caller removes */
  speak(text: string, voice: SpeechVoice): Promise<string>
}
