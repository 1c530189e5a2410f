import t from 'tap'
import * as format from '../../codec/audio-format.ts'
import * as grid from '../../rooms/grid.ts'

t.test('the grid of rooms/ is the grid of codec/', (t) => {
  t.equal(grid.SAMPLE_RATE_HZ, format.SAMPLE_RATE_HZ)
  t.equal(grid.GRID_SAMPLES, format.GRID_SAMPLES)
  t.end()
})

t.test('frame edges of both codecs meet on the grid, and nowhere before', (t) => {
  const meets = (samples: number): boolean => samples % format.OPUS_FRAME_SAMPLES === 0 && samples % format.MP3_FRAME_SAMPLES === 0
  const first = Array.from({ length: grid.GRID_SAMPLES / 192 }, (_, index) => (index + 1) * 192).find(meets)
  t.equal(first, grid.GRID_SAMPLES)
  t.equal(grid.samplesToMs(grid.GRID_SAMPLES), 120)
  t.end()
})
