/**
 * What a client gets wrong: each mistake is answered with its status, names its field, leaves nothing behind, and the
 * service goes on.
 */
import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Answer, Dataset, Job, Json, Page, Problem, ValidationError } from '../support/e2e/api.ts'
import type { Product } from '../support/e2e/product.ts'
import { sharedProduct } from '../support/e2e/shared-product.ts'

let product: Product
before(async () => {
  product = await sharedProduct()
})

const good = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 100, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs: 1, batchSize: 10, seed: 1 },
}

/** The answer is a problem of this status that names exactly this place, or these places. */
const names = (answer: Answer<Problem>, status: number, ...paths: string[]): ValidationError[] => {
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  const { code, requestId, errors = [] } = answer.body
  assert.equal(answer.body.status, status)
  assert.match(code, /^[A-Z_]+$/)
  assert.ok(requestId.length > 0)
  for (const path of paths)
    assert.ok(
      errors.some((error) => error.path === path),
      `${path} is named in ${JSON.stringify(errors)}`,
    )
  for (const error of errors) {
    assert.match(error.path, /^\/./, 'a path is a JSON Pointer and never empty')
    assert.ok(error.code.length > 0 && error.message.length > 0)
  }
  return errors
}

const count = async () => [
  (await product.api.get<Page<Job>>('/v1/jobs')).data.length,
  (await product.api.get<Page<Dataset>>('/v1/datasets')).data.length,
]

const refused = async (body: Json, status: number, ...paths: string[]): Promise<ValidationError[]> => {
  const before = await count()
  const errors = names(await product.api.call<Problem>('POST', '/v1/jobs', body), status, ...paths)
  assert.deepEqual(await count(), before, 'nothing is left behind')
  return errors
}

describe('a wrong job config', () => {
  const cases: [string, Json, string][] = [
    ['a text where a number belongs', { ...good, optimizer: { type: 'sgd', learningRate: 'fast' } }, '/optimizer/learningRate'],
    ['a number where an object belongs', { ...good, training: 3 }, '/training'],
    ['an unknown field at the top', { ...good, colour: 'red' }, '/colour'],
    ['an unknown field inside', { ...good, training: { ...good.training, momentum: 1 } }, '/training/momentum'],
    ['an unknown option of a catalog entry', { ...good, loss: { type: 'mse', delta: 1 } }, '/loss/delta'],
    ['an unknown loss', { ...good, loss: { type: 'guess' } }, '/loss/type'],
    ['a negative number of units', { ...good, model: { layers: [{ type: 'dense', units: -1 }] } }, '/model/layers/0/units'],
    ['a negative batch size', { ...good, training: { ...good.training, batchSize: -10 } }, '/training/batchSize'],
    ['a billion epochs', { ...good, training: { ...good.training, epochs: 1e9 } }, '/training/epochs'],
    ['no epoch', { ...good, training: { ...good.training, epochs: 0 } }, '/training/epochs'],
    ['half an epoch', { ...good, training: { ...good.training, epochs: 1.5 } }, '/training/epochs'],
    ['no layer', { ...good, model: { layers: [] } }, '/model/layers'],
    ['a negative learning rate', { ...good, optimizer: { type: 'sgd', learningRate: -0.03 } }, '/optimizer/learningRate'],
    ['a reduction that training cannot use', { ...good, loss: { type: 'mse', reduction: 'none' } }, '/loss/reduction'],
    ['negative examples', { ...good, dataset: { synthetic: { ...good.dataset.synthetic, examples: -5 } } }, '/dataset/synthetic/examples'],
    ['an unknown generator', { ...good, dataset: { synthetic: { kind: 'magic' } } }, '/dataset/synthetic/kind'],
    ['a negative noise', { ...good, dataset: { synthetic: { ...good.dataset.synthetic, noiseStd: -1 } } }, '/dataset/synthetic/noiseStd'],
  ]
  for (const [what, body, path] of cases)
    test(`${what} is refused at ${path}`, async () => {
      await refused(body, 422, path)
    })

  test('a missing part is named where it should stand', async () => {
    const { dataset: _, ...rest } = good
    await refused(rest, 422, '/dataset')
  })

  test('several validation errors are all told at once', async () => {
    const errors = await refused(
      {
        ...good,
        loss: { type: 'guess' },
        optimizer: { type: 'sgd', learningRate: 'fast' },
        training: { epochs: -1, batchSize: 'ten' },
        colour: 1,
      },
      422,
      '/loss/type',
      '/optimizer/learningRate',
      '/training/epochs',
      '/training/batchSize',
      '/colour',
    )
    assert.equal(errors.length, 5)
  })

  test('initial weights for two features do not fit data with three, and both sides are named', async () => {
    const dataset = await product.api.upload({
      features: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      labels: [[1], [2]],
    })
    const model = { layers: [{ type: 'dense', units: 1 }], initialWeights: { 'layers.0.weight': { shape: [2, 1], values: [0, 0] } } }
    const before = await count()
    const answer = await product.api.call<Problem>('POST', '/v1/jobs', { ...good, dataset: { id: dataset.id }, model })
    const errors = names(answer, 422)
    assert.match(errors[0]?.path ?? '', /^\/model\/initialWeights\/layers\.0\.weight/)
    assert.match(errors[0]?.message ?? '', /3/)
    assert.match(errors[0]?.message ?? '', /2/)
    assert.deepEqual(await count(), before)
  })

  test('labels out of range of the classes are refused, with the classes there are', async () => {
    const dataset = await product.api.upload({
      features: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      labels: [[0], [1], [7]],
    })
    const body = { ...good, dataset: { id: dataset.id }, model: { layers: [{ type: 'dense', units: 3 }] }, loss: { type: 'crossEntropy' } }
    const errors = await refused(body, 422)
    assert.ok(
      errors.some((error) => /7/.test(error.message)),
      JSON.stringify(errors),
    )
  })

  test('an output that does not fit the labels is refused, and both sizes are named', async () => {
    const errors = await refused({ ...good, model: { layers: [{ type: 'dense', units: 4 }] } }, 422)
    assert.ok(
      errors.some((error) => /4/.test(error.message) && /1/.test(error.message)),
      JSON.stringify(errors),
    )
  })

  test('a dataset that does not exist is named', async () => {
    await refused({ ...good, dataset: { id: `ds_${'0'.repeat(26)}` } }, 422, '/dataset/id')
  })

  test('a config that is only to be checked is judged as strictly', async () => {
    names(await product.api.call('POST', '/v1/jobs?validateOnly=true', { ...good, training: { epochs: 0 } }), 422, '/training/epochs')
  })
})

describe('a body that cannot be read', () => {
  const json = { 'content-type': 'application/json' }
  test('malformed JSON is 400', async () => {
    names(await product.api.call('POST', '/v1/jobs', '{"dataset": ', json), 400)
  })
  test('an empty body is 400', async () => {
    names(await product.api.call('POST', '/v1/jobs', '', json), 400)
  })
  test('another media type is 415', async () => {
    names(await product.api.call('POST', '/v1/jobs', '<job/>', { 'content-type': 'application/xml' }), 415)
  })
  test('a JSON body beyond the limit is 413', async () => {
    const body = `{"rows": [${'0,'.repeat(34 * 1024 * 1024)}0]}`
    names(await product.api.call('POST', '/v1/datasets', body, json), 413)
  })
})

describe('a table with a validation error', () => {
  const csv = { 'content-type': 'text/csv' }
  const refusedTable = async (text: string, query = ''): Promise<ValidationError> => {
    const before = await count()
    const [error] = names(await product.api.call<Problem>('POST', `/v1/datasets${query}`, text, csv), 422)
    assert.deepEqual(await count(), before, 'nothing is left behind')
    assert.ok(error, 'the validation error is told')
    return error
  }

  test('a ragged row is named by its line', async () => {
    assert.equal((await refusedTable('a,b,c\n1,2,3\n4,5\n6,7,8\n')).line, 3)
  })
  test('a text in a column that was declared a number is named by line, column and value', async () => {
    const { line, column, value } = await refusedTable('a,b\n1,2\n3,4\n5,six\n', '?columns[b]=number')
    assert.deepEqual({ line, column, value }, { line: 4, column: 'b', value: 'six' })
  })
  test('a header without rows is refused', async () => {
    await refusedTable('a,b\n')
  })
  test('nothing at all is refused', async () => {
    const answer = await product.api.call<Problem>('POST', '/v1/datasets', '', csv)
    assert.ok([400, 422].includes(answer.status), String(answer.status))
  })
  test('no rows in JSON are refused', async () => {
    names(await product.api.call('POST', '/v1/datasets', { rows: [] }), 422, '/rows')
  })
  test('features and labels of different length are refused', async () => {
    names(await product.api.call('POST', '/v1/datasets', { features: [[1], [2]], labels: [[1]] }), 422)
  })
  test('a ragged row of features is named', async () => {
    const errors = names(await product.api.call<Problem>('POST', '/v1/datasets', { features: [[1, 2], [3]], labels: [[1], [2]] }), 422)
    assert.match(errors[0]?.path ?? '', /^\/features\/1/)
  })
})

describe('what is not there', () => {
  const id = '0'.repeat(26)
  for (const path of [
    `/v1/jobs/job_${id}`,
    `/v1/jobs/job_${id}/epochs`,
    `/v1/jobs/job_${id}/weights`,
    `/v1/jobs/nonsense`,
    `/v1/datasets/ds_${id}`,
    '/v1/nowhere',
  ])
    test(`GET ${path} is 404`, async () => {
      names(await product.api.call('GET', path), 404)
    })
  for (const verb of ['cancel'])
    test(`POST to ${verb} a job that is not there is 404`, async () => {
      names(await product.api.call('POST', `/v1/jobs/job_${id}/${verb}`), 404)
    })
  test('deleting a job that is not there is 404', async () => {
    names(await product.api.call('DELETE', `/v1/jobs/job_${id}`), 404)
  })
})

test('a wrong query is named', async () => {
  names(await product.api.call('GET', '/v1/jobs?limit=minus'), 422, '/limit')
  names(await product.api.call('GET', '/v1/jobs?status=asleep'), 422, '/status')
  names(await product.api.call('GET', '/v1/jobs?after=garbage'), 422, '/after')
})

test('after all that the service still trains', async () => {
  const job = await product.api.train(good)
  assert.equal(job.status, 'succeeded')
})
