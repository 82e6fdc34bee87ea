import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createApiChecks } from '../../../src/api/checks.ts'
import { JobConfigSchema } from '../../../src/api/job-config.schema.ts'
import type { ValidationError } from '../../../src/contracts/error-codes.ts'
import { configOf } from '../../support/engine-jobs.ts'

const check = createApiChecks()(JobConfigSchema)

const notebook = (): Record<string, unknown> => ({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd' },
  training: { epochs: 3 },
})

const errorsOf = (changes: object): ValidationError[] => check({ ...notebook(), ...changes })
const pathsOf = (changes: object): string[] => errorsOf(changes).map(({ path }) => path)

describe('the job config', () => {
  it('the job config is filled in with every default', () => {
    const { model, loss, optimizer, training, record, priority, device, metadata, dataset } = configOf(notebook())
    assert.deepEqual(model.layers[0], {
      type: 'dense',
      units: 1,
      activation: 'linear',
      bias: true,
      weightInitializer: { type: 'fanInUniform' },
      biasInitializer: { type: 'fanInUniform' },
    })
    assert.equal(loss.reduction, 'mean')
    assert.deepEqual(optimizer, { type: 'sgd', learningRate: 0.001, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 })
    assert.deepEqual(training, { epochs: 3, batchSize: 32, shuffle: true, dropLast: false, validationSplit: 0 })
    assert.deepEqual(record, { gradients: 'full', weights: 'last' })
    assert.deepEqual([priority, device, metadata], [0, 'any', {}])
    assert.ok('synthetic' in dataset && dataset.synthetic.examples === 1000)
  })

  it('the job config fills in the options of an activation given as an object', () => {
    const config = configOf({ ...notebook(), model: { layers: [{ type: 'dense', units: 1, activation: { type: 'leakyRelu' } }] } })
    assert.deepEqual((config.model.layers[0] as { activation: unknown }).activation, { type: 'leakyRelu', negativeSlope: 0.01 })
  })

  it('the job config names the field of every validation error', () => {
    assert.deepEqual(pathsOf({ training: { epochs: 1e9 } }), ['/training/epochs'])
    assert.deepEqual(pathsOf({ training: { epochs: 3, batchSize: -1 } }), ['/training/batchSize'])
    assert.deepEqual(pathsOf({ surprise: 1 }), ['/surprise'])
    assert.deepEqual(pathsOf({ model: { layers: [{ type: 'dens', units: 1 }] } }), ['/model/layers/0/type'])
    assert.deepEqual(pathsOf({ model: { layers: [{ type: 'dense', units: 1, activation: 'rleu' }] } }), ['/model/layers/0/activation'])
    assert.deepEqual(pathsOf({ model: { layers: [{ type: 'conv2d', filters: 1, kernelSize: [3, 3, 3] }] } }), [
      '/model/layers/0/kernelSize',
    ])
    assert.deepEqual(pathsOf({ model: { layers: [] } }), ['/model/layers'])
    assert.deepEqual(pathsOf({ loss: { type: 'mse', reduction: 'none' } }), ['/loss/reduction'])
    assert.deepEqual(pathsOf({ dataset: {} }), ['/dataset/id'])
    assert.deepEqual(pathsOf({ dataset: { synthetic: { kind: 'linear' } } }), ['/dataset/synthetic/weights'])
    assert.deepEqual(pathsOf({ gradientClipping: { norm: 1, value: 1 } }), ['/gradientClipping'])
    assert.deepEqual(pathsOf({ metadata: { a: {} } }), ['/metadata/a'])
  })

  it('lists all validation errors of a request at once', () => {
    const changes = { loss: { type: 'mes' }, optimizer: { type: 'sgd', learningRate: 'fast' }, training: { epochs: 0 } }
    assert.deepEqual(pathsOf(changes).sort(), ['/loss/type', '/optimizer/learningRate', '/training/epochs'])
  })

  it('the job config says in words what a wrong type may be', () => {
    const [error] = errorsOf({ optimizer: { type: 'adamm' } })
    assert.match(error?.message ?? '', /sgd, adam/)
  })
})
