/**
 * Where a programme takes its sound from: 48 kHz mono, full scale ±1, already on the house grid. Left out on purpose:
 * waiting. A source that has nothing says so, and the grid goes on.
 */
export interface PcmSource {
  /**
   * Fills `block` with what sounds at house samples [fromSamples, fromSamples + block.length). Blocks are asked for in
   * order, each once; being asked is also how a source knows that it is needed.
   * @returns how many samples from the start of `block` are sound; fewer than `block.length`: the source has starved
   */
  read(block: Float32Array, fromSamples: number): number
}
