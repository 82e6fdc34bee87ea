/** Jobs that are solved in closed form instead of trained, over the API and a worker. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
  api.bench.work()
})
after(() => api.close())

// Expected values: statsmodels' OLS, and NumPy's normal equations for the ridge.
const features = [
  [2.041, -2.556],
  [0.418, -0.568],
  [-0.453, -0.216],
  [-2.02, -0.232],
  [-0.865, 3.323],
  [0.226, -0.353],
  [-0.281, -0.668],
  [-1.055, -0.391],
  [0.482, -0.239],
  [0.958, -0.2],
  [0.024, 1.546],
  [0.545, -0.505],
]
const labels = [16.918, 7.129, 4.609, 0.868, -8.901, 6.153, 5.643, 3.332, 6.241, 6.97, -0.981, 7.208]
const residualSumOfSquares = 0.552031162137763

const created = async (path: string, body: object) => {
  const answer = await api.post(path, body)
  assert.ok(answer.status < 300, JSON.stringify(answer.body))
  return answer.body
}
const upload = async (table: object): Promise<string> => (await created('/v1/datasets', table)).id
const measurements = () => upload({ features, labels: labels.map((label) => [label]) })
/** Neither an optimizer nor epochs: a solver needs none. */
const solving = (id: string, parts: object = {}) => ({
  dataset: { id },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  solver: { type: 'leastSquares' },
  ...parts,
})
const ended = async (config: object) => {
  const { id } = await created('/v1/jobs', config)
  await api.bench.ended(id)
  return (await api.get(`/v1/jobs/${id}`)).body
}
const solved = async (config: object) => {
  const job = await ended(config)
  assert.equal(job.status, 'succeeded', JSON.stringify(job.error))
  const { parameters } = (await api.get(`/v1/jobs/${job.id}/weights`)).body
  return { job, weights: parameters.map(({ values }: { values: number[] }) => values) }
}
const near = (actual: number[], expected: number[], tolerance = 1e-6): void => {
  assert.equal(actual.length, expected.length, JSON.stringify(actual))
  for (const [at, value] of expected.entries())
    assert.ok(
      Math.abs((actual[at] ?? Number.NaN) - value) <= tolerance * Math.max(1, Math.abs(value)),
      `[${at}] ${actual[at]}, expected ${value}`,
    )
}

describe('solver: leastSquares', () => {
  it('solver: leastSquares gives weights, standard errors and R² of ordinary regression, as one epoch like any other', async () => {
    const { job, weights } = await solved(solving(await measurements(), { metrics: ['r2'] }))
    near(weights[0], [2.0504495872182837, -3.393386833388894])
    near(weights[1], [4.296199529308066])
    const { solver, loss, epochs } = job.result
    assert.equal(solver.type, 'leastSquares')
    near(solver.standardErrors.weights, [0.08152282066555729, 0.0612531971733858])
    near([solver.standardErrors.bias, solver.rSquared], [0.07169328007425686, 0.9986393130703194])
    assert.equal(solver.degreesOfFreedom, 9)
    near([loss, epochs], [residualSumOfSquares / 12, 1])
    assert.deepEqual([job.progress.epoch, job.progress.epochs, job.progress.fraction], [1, 1, 1])
    assert.deepEqual(job.engine, { name: 'solver', backend: 'cpu', device: 'cpu', version: process.versions.node })

    const [epoch, ...others] = (await api.get(`/v1/jobs/${job.id}/epochs`)).body.data
    assert.equal(others.length, 0)
    near([epoch.loss, epoch.batchLoss, epoch.metrics.r2, epoch.learningRate], [loss, loss, solver.rSquared, 0], 1e-5)
    const gradients = (await api.get(`/v1/jobs/${job.id}/gradients`)).body.data
    assert.deepEqual(
      gradients.map(({ parameter, shape }: { parameter: string; shape: number[] }) => [parameter, shape]),
      [
        ['layers.0.weight', [2, 1]],
        ['layers.0.bias', [1]],
      ],
    )
    for (const { values } of gradients) for (const value of values) assert.ok(Math.abs(value) < 1e-5, `${value} is no minimum`)
    const { predictions } = (await api.post(`/v1/jobs/${job.id}/predictions`, { features: [[1, 1]] })).body
    near(predictions[0], [4.296199529308066 + 2.0504495872182837 - 3.393386833388894])
  })

  it("solver: leastSquares takes a weight decay as a ridge, the optimizer's or its own", async () => {
    const id = await measurements()
    // The gradient of a mean over 12 rows is 2/12 of that of the sum, which NumPy's ridge of 2.5 belongs to.
    const weightDecay = (2 * 2.5) / 12
    const ways = [
      { solver: { type: 'leastSquares', weightDecay } },
      { optimizer: { type: 'sgd', learningRate: 0.1, weightDecay } },
      { optimizer: { type: 'sgd', weightDecay: 100 }, solver: { type: 'leastSquares', weightDecay } },
      { loss: { type: 'halfSquared', reduction: 'sum' }, solver: { type: 'leastSquares', weightDecay: 2.5 } },
    ]
    for (const parts of ways) {
      const { job, weights } = await solved(solving(id, parts))
      near(weights.flat(), [1.8341076324549594, -3.1415873216118366, 3.5741639223285486])
      near([job.result.solver.rSquared, job.result.solver.degreesOfFreedom], [0.9754170123537667, 9.507667083655573])
    }
  })

  it('solver: leastSquares has lists where there are several outputs, and no error of a bias where there is none', async () => {
    const id = await upload({ features, labels: labels.map((label) => [label, 1 - 2 * label]) })
    const { job } = await solved(solving(id, { model: { layers: [{ type: 'dense', units: 2 }] } }))
    near(job.result.solver.rSquared, [0.9986393130703194, 0.9986393130703194])
    near(job.result.solver.standardErrors.bias, [0.07169328007425686, 2 * 0.07169328007425686])
    assert.equal(job.result.solver.standardErrors.weights.length, 4)
    const unbiased = await solved(solving(await measurements(), { model: { layers: [{ type: 'dense', units: 1, bias: false }] } }))
    near(unbiased.weights.flat(), [1.881131570274474, -3.6667720290578467])
    near([unbiased.job.result.solver.rSquared], [0.6651943654652602])
    assert.deepEqual(Object.keys(unbiased.job.result.solver.standardErrors), ['weights'])
  })

  it('solver: leastSquares shows a learner both: the same request with a solver finds what training finds', async () => {
    const trained = (await ended(notebook())).result
    const { job } = await solved(notebook({ solver: { type: 'leastSquares' } }))
    assert.equal(job.config.training.epochs, 1)
    assert.ok(job.result.loss <= trained.loss * (1 + 1e-6), 'nothing is below the minimum')
    for (const error of [...job.result.estimationError.weights, job.result.estimationError.bias]) assert.ok(Math.abs(error) < 2e-3)
    const repeated = await solved(job.config)
    assert.deepEqual(repeated.job.result.solver, job.result.solver)
  })

  it('solver: leastSquares fails where only the rows show that features depend on each other, unless a weight decay decides', async () => {
    const id = await upload({ features: features.map(([x = 0]) => [x, 2 * x]), labels: labels.map((label) => [label]) })
    const { status, error } = await ended(solving(id))
    assert.deepEqual([status, error.code], ['failed', 'LINEARLY_DEPENDENT'])
    assert.match(error.message, /linearly dependent.*weightDecay/)
    await solved(solving(id, { solver: { type: 'leastSquares', weightDecay: 0.1 } }))
  })

  it('solver: leastSquares is refused for what has no closed form, with everything that it needs', async () => {
    const id = await measurements()
    const refused = async (parts: object) => assertProblem(await api.post('/v1/jobs', solving(id, parts)), 422, 'VALIDATION_FAILED')
    const deep = {
      layers: [
        { type: 'dense', units: 2 },
        { type: 'dense', units: 1 },
      ],
    }
    const errors = await refused({ model: deep, loss: { type: 'l1' } })
    assert.deepEqual(pathsOf(errors), ['/solver/type', '/solver/type'])
    assert.match(errors.map(({ message }) => message).join('; '), /one dense layer.*mse or halfSquared; the loss is l1/)
    assert.deepEqual(pathsOf(await refused({ model: { layers: [{ type: 'dense', units: 1, activation: 'relu' }] } })), ['/solver/type'])
    assert.deepEqual(pathsOf(await refused({ solver: { type: 'leastCubes' } })), ['/solver/type'])
    const few = solving(await upload({ features: [[1, 2, 3]], labels: [[1]] }))
    assert.match(assertProblem(await api.post('/v1/jobs', few), 422, 'VALIDATION_FAILED')[0]?.message ?? '', /4 weights.*there are 1/)
  })

  it('solver: leastSquares is in the catalog', async () => {
    const { solvers } = (await api.get('/v1/catalog')).body
    assert.deepEqual(
      solvers.map(({ type, options }: { type: string; options: object }) => [type, Object.keys(options)]),
      [['leastSquares', ['weightDecay']]],
    )
  })
})
