import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { CodecError } from '../codec-error.ts'
import { FLOOR_DBFS, gainToDb } from './decibels.ts'

export interface Loudness {
  /** Integrated loudness in LUFS (EBU R128, gated); −Infinity for silence, or sound shorter than 400 ms. */
  readonly integratedLufs: number
  /** Highest true peak in dBTP (four times oversampled). */
  readonly truePeakDbtp: number
}

/** What is used of the global of that name; Node's type definitions leave it to the browser's. */
declare const WebAssembly: {
  readonly Module: {
    new (bytes: Uint8Array): WasmModule
    imports(module: WasmModule): { readonly name: string }[]
  }
  readonly Instance: new (module: WasmModule, imports: Record<string, Record<string, () => never>>) => { readonly exports: unknown }
}
interface WasmModule {
  readonly [wasmModule]: true
}
declare const wasmModule: unique symbol

/** The functions of libebur128's port that are used; both take over the memory of their samples. */
interface EburExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly __wbindgen_malloc: (bytes: number) => number
  readonly ebur128_integrated_mono: (rateHz: number, pointer: number, length: number) => number
  readonly ebur128_true_peak_mono: (rateHz: number, pointer: number, length: number) => number
}

/**
 * The package's own entry imports its WebAssembly as a module, which Node announces as experimental at every start, and keeps one memory for ever, which
 * a long clip leaves large. So the module file is instantiated here, once for each measurement.
 */
const MODULE_FILE = 'ebur128-wasm/ebur128_wasm_bg.wasm'
const IMPORTS_NAME = './ebur128_wasm_bg.js'

/** Longer sound must be measured in another way: it stands in memory as a whole, twice. */
export const LOUDNESS_MAX_SAMPLES = 48_000 * 60 * 60

let module: WasmModule | undefined

/**
 * Measures a whole mono clip.
 * @throws CodecError `CODEC_ERR_OPTION` when it is longer than an hour at 48 kHz, `CODEC_ERR_DECODE` when the library fails.
 */
export function measureLoudness(pcm: Float32Array, rateHz: number): Loudness {
  if (pcm.length > LOUDNESS_MAX_SAMPLES) throw new CodecError('CODEC_ERR_OPTION', `Loudness is measured on at most ${String(LOUDNESS_MAX_SAMPLES)} samples, not ${String(pcm.length)}`)
  if (pcm.length === 0) return { integratedLufs: -Infinity, truePeakDbtp: FLOOR_DBFS }
  const library = instantiate()
  try {
    const integratedLufs = library.ebur128_integrated_mono(rateHz, give(library, pcm), pcm.length)
    const truePeakDbtp = library.ebur128_true_peak_mono(rateHz, give(library, pcm), pcm.length)
    return { integratedLufs, truePeakDbtp: Number.isFinite(truePeakDbtp) ? truePeakDbtp : gainToDb(0) }
  } catch (cause) {
    throw new CodecError('CODEC_ERR_DECODE', `Loudness cannot be measured: ${String(cause)}`, { cause })
  }
}

function give(library: EburExports, pcm: Float32Array): number {
  const pointer = library.__wbindgen_malloc(pcm.byteLength)
  new Float32Array(library.memory.buffer, pointer, pcm.length).set(pcm)
  return pointer
}

function instantiate(): EburExports {
  module ??= new WebAssembly.Module(readFileSync(createRequire(import.meta.url).resolve(MODULE_FILE)))
  const fail = (): never => { throw new Error('the library panicked') }
  // Only its panic handler calls out.
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, fail]))
  return new WebAssembly.Instance(module, { [IMPORTS_NAME]: imports }).exports as EburExports
}
