import assert from 'node:assert/strict'
import { it } from 'node:test'
import { errorsOf, request } from '../../../../support/planning.ts'

it('planning a job refuses limits of what is not measured, without or with two values, or given twice, and says what would be right', () => {
  const wrong = (on: object[], config: object = {}) =>
    errorsOf({ ...config, on }).map(({ path, code, message }) => `${path} ${code} ${message}`)
  const held = { training: { ...request.training, validationSplit: 0.2 } }
  const loss = { metric: 'loss', below: 0.1 }
  const noRows = 'is not measured, since no rows are held back: set training.validationSplit or training.validationDataset'
  const measured = ['loss', 'batchLoss', 'gradientNorm'].map((metric) => ({ metric, above: -1 }))
  assert.deepEqual(wrong([...measured, { metric: 'mae', below: 0 }], { metrics: ['mae'] }), [])
  assert.deepEqual(
    wrong([{ metric: 'validationLoss', below: 1 }, { metric: 'validationMae', above: 0 }, loss], { metrics: ['mae'], ...held }),
    [],
  )
  assert.deepEqual(wrong([loss, { metric: 'loss', below: 0.2 }, { metric: 'loss', above: 0.1 }]), [])
  assert.deepEqual(
    wrong(
      [
        { metric: 'validationLoss', below: 1 },
        { metric: 'validationMae', below: 1 },
      ],
      { metrics: ['mae'] },
    ),
    [`/on/0/metric range ${noRows}`, `/on/1/metric range ${noRows}`],
  )
  assert.deepEqual(
    wrong(
      [
        { metric: 'rmse', below: 1 },
        { metric: 'validationR2', above: 1 },
      ],
      { metrics: ['mae'], ...held },
    ),
    [
      '/on/0/metric range is not measured: add it to `metrics` of the job, which has mae',
      '/on/1/metric range is not measured: add it to `metrics` of the job, which has mae',
    ],
  )
  assert.deepEqual(wrong([{ metric: 'loss' }, { ...loss, above: 1 }, loss, loss]), [
    '/on/0 required must have `below` or `above`, one of both',
    '/on/1/above overlap must be left out beside `below`: give each limit an entry of its own',
    '/on/3 duplicate says the same as /on/2: leave one of them out',
  ])
})
