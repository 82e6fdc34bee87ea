/** Weights as JSON, as a process writes them that has others to answer too. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { toJson } from '../../../../src/features/weights/formats/json.ts'
import { toBytes, type WeightTensor } from '../../../../src/features/weights/weight-tensor.ts'

const size = 1_000_000
const tensor: WeightTensor = {
  name: 'layers.0.weight',
  shape: [size],
  dtype: 'F32',
  norm: 0,
  read: async () => toBytes(new Float32Array(size)),
}

it('a large tensor is written in pieces, between which others have their turn', async () => {
  let turns = 0
  const count = (): NodeJS.Immediate =>
    setImmediate(() => {
      turns += 1
      next = count()
    })
  let next = count()
  const pieces: string[] = []
  for await (const piece of toJson([tensor], { jobId: 'job_1', epoch: 1 })) pieces.push(piece)
  clearImmediate(next)
  assert.equal(JSON.parse(pieces.join('')).parameters[0].values.length, size)
  assert.ok(pieces.length > 10)
  assert.ok(turns >= pieces.length - 5, `${turns} turns in ${pieces.length} pieces`)
})
