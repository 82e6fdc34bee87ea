import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeState, encodeState } from '../../../../src/features/jobs/checkpoint-encoding.ts'
import { type ClaimedRow, decodeClaim } from '../../../../src/features/jobs/claim-encoding.ts'
import { stateAfter } from '../../../support/batches.ts'

const synthetic = { kind: 'linear', weights: [1], bias: 0, examples: 10, noiseStd: 0, seed: 1 }
const { values, ...saved } = encodeState(stateAfter(2))

/** A row as the database gives it. */
const row = (parts: Partial<ClaimedRow> = {}): ClaimedRow => ({
  ...JSON.parse(JSON.stringify(saved)),
  id: 'job_1',
  tenant: 'default',
  token: '00000000-0000-0000-0000-000000000000',
  config: {
    dataset: { id: 'ds_1' },
    model: { layers: [{ type: 'dense' }] },
    loss: { type: 'mse' },
    optimizer: { type: 'sgd' },
    training: { epochs: 3, batchSize: 10, seed: 1 },
    record: {},
  },
  dataset: { id: 'ds_1', kind: 'synthetic', spec: synthetic, columns: [{ name: 'x1', role: 'feature' }], rows: 10, inputShape: [] },
  validationDataset: null,
  rowCounts: null,
  engine: { name: 'eager', backend: 'cpu', device: 'cpu', version: '4' },
  epochs: 3,
  seconds: 0,
  values,
  bytes: values.byteLength,
  blobId: null,
  ...parts,
})

const message = (parts: Partial<ClaimedRow>): string => {
  try {
    decodeClaim(row(parts))
  } catch (error) {
    return String(error)
  }
  return 'it was read'
}

describe('a stored job', () => {
  test('a stored job is read as it was written', () => {
    const { checkpoint, dataset, engine } = decodeClaim(row())
    assert.deepEqual(checkpoint, stateAfter(2))
    assert.deepEqual([dataset.spec, engine?.name], [synthetic, 'eager'])
    assert.equal(decodeClaim(row({ epoch: null, step: null, training: null, layout: null, values: null })).checkpoint, null)
  })

  test('a stored job of another version is read: what its checkpoint remembers may be less, or more', () => {
    for (const training of [{}, { lossTotal: 'Infinity', later: { any: 1 } }, { earlyStopping: { best: null, bestEpoch: 0, waited: 0 } }])
      assert.deepEqual(decodeClaim(row({ training })).checkpoint?.training, training)
  })

  test('on columns of which the upload did not say what they are for is read', () => {
    const columns = [{ name: 'x1', role: null, type: 'number', min: 0, max: 1, mean: 0.5, std: 0.1 }]
    const upload = { id: 'ds_1', kind: 'upload', spec: null, columns, rows: 10, inputShape: [1] }
    assert.deepEqual(decodeClaim(row({ dataset: upload })).dataset, upload)
  })

  const damages: [string, Partial<ClaimedRow>, RegExp][] = [
    ['a schedule without numbers', { training: { schedule: { rate: 'fast' } } }, /state of training .*: \/schedule\/rate must be number/],
    [
      'statistics without deviations',
      { training: { preprocessing: { means: [[1]] } } },
      /\/preprocessing must have required property 'stds'/,
    ],
    [
      'early stopping without its epoch',
      { training: { earlyStopping: { best: 1, waited: 0 } } },
      /\/earlyStopping must have .*'bestEpoch'/,
    ],
    ['a loss that is no number', { training: { lossTotal: 'many' } }, /\/lossTotal /],
    ['no memory at all', { training: null }, /state of training .* must be object/],
    ['a tensor without a shape', { layout: [{ name: 'layers.0.weight' }] }, /layout of the checkpoint .*: \/0 must have .*'shape'/],
    ['a tensor of an impossible shape', { layout: [{ name: 'layers.0.weight', shape: [-1] }] }, /layout .*: \/0\/shape\/0 must be >= 0/],
    ['fewer values than the layout says', { values: values.subarray(0, 8) }, /values of the checkpoint .*: there are 2 of 3/],
    ['a config without layers', { config: { model: {} } }, /config of the job/],
    ['an upload with a spec', { dataset: { ...Object(row().dataset), kind: 'upload' } }, /dataset of the job/],
    ['a dataset of no known kind', { validationDataset: { ...Object(row().dataset), kind: 'stream' } }, /dataset of the job/],
    ['an engine without a backend', { engine: { name: 'eager' } }, /engine of the job/],
  ]
  for (const [what, parts, expected] of damages)
    test(`a stored job with ${what} is refused by the name of what is wrong`, () => assert.match(message(parts), expected))
})

test('a checkpoint keeps the bits of every value', () => {
  const state = {
    ...stateAfter(1),
    tensors: [{ name: 'a', shape: [3], values: new Float32Array([-0, Number.NaN, Number.POSITIVE_INFINITY]) }],
  }
  const { epoch, step, training, layout, values: bytes } = encodeState(state)
  const [read] = decodeState({ epoch, step, training, layout, values: bytes }).tensors
  assert.deepEqual(Buffer.from(read?.values.buffer ?? new ArrayBuffer()), Buffer.from(bytes))
  assert.ok(Object.is(read?.values[0], -0))
})
