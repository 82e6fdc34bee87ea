import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planJob, trainAll, withoutSeconds } from '../../../support/engine-jobs.ts'
import { onEveryEngine } from '../../../support/engines.ts'
import { demanding, linear, linearTable } from '../../../support/linear-jobs.ts'

describe('the training contract', async () => {
  await onEveryEngine((engine, loaded) => {
    it('the training contract learns the line that made the data', async () => {
      const reports = await trainAll(engine(), planJob(linear, linearTable(1000)))
      assert.ok((reports.at(-1)?.loss ?? 1) < 2e-4)
      const [weight, bias] = reports.at(-1)?.weights ?? []
      assert.ok(Math.abs((weight?.values?.[0] ?? 0) - 2) < 2e-3 && Math.abs((weight?.values?.[1] ?? 0) + 3.4) < 2e-3)
      assert.ok(Math.abs((bias?.values?.[0] ?? 0) - 4.2) < 2e-3)
    })

    it('the training contract is bit-identical for the same seed, whatever the size of the chunks', async () => {
      const job = planJob(demanding, linearTable(100))
      const whole = await trainAll(engine(), job)
      assert.deepEqual((await trainAll(engine(), job, { chunk: 1 })).map(withoutSeconds), whole.map(withoutSeconds))
    })

    it('the training contract gives other weights for another seed', async () => {
      const table = linearTable(100)
      const [a, b] = [1, 2].map((seed) => planJob({ ...demanding, training: { ...demanding.training, seed } }, table))
      assert.ok(a && b)
      assert.notDeepEqual((await trainAll(engine(), a))[0]?.weights, (await trainAll(engine(), b))[0]?.weights)
    })

    it('the training contract takes the rows in a new order each epoch, and in their own order without shuffle', async () => {
      const table = linearTable(40)
      const still = { ...linear, optimizer: { type: 'sgd', learningRate: 0 } }
      const shuffled = await trainAll(engine(), planJob(still, table))
      assert.notDeepEqual(shuffled[0]?.gradients, shuffled[1]?.gradients)
      const ordered = await trainAll(engine(), planJob({ ...still, training: { ...still.training, shuffle: false } }, table))
      assert.deepEqual(ordered[0]?.gradients, ordered[1]?.gradients)
    })

    it('the training contract leaves out a last mini-batch that is not full with dropLast', async () => {
      const table = linearTable(25)
      const dropping = planJob({ ...linear, training: { epochs: 1, batchSize: 10, shuffle: false, seed: 1, dropLast: true } }, table)
      const short = planJob(
        { ...linear, training: { epochs: 1, batchSize: 10, shuffle: false, seed: 1 } },
        { features: table.features.slice(0, 20), labels: table.labels.slice(0, 20) },
      )
      assert.equal(dropping.plan.stepsPerEpoch, 2)
      assert.deepEqual((await trainAll(engine(), dropping))[0]?.weights, (await trainAll(engine(), short))[0]?.weights)
    })

    it('the training contract says the loss of the full training set after the epoch, and the mean over its mini-batches', async () => {
      const job = planJob(
        { ...linear, optimizer: { type: 'sgd', learningRate: 0 }, training: { epochs: 1, batchSize: 10, seed: 1, shuffle: false } },
        linearTable(25),
      )
      const [report] = await trainAll(engine(), job)
      const [weight, bias] = report?.weights.map(({ values }) => values ?? []) ?? []
      const errors = linearTable(25).features.map(
        ([x1 = 0, x2 = 0], row) =>
          x1 * (weight?.[0] ?? 0) + x2 * (weight?.[1] ?? 0) + (bias?.[0] ?? 0) - (linearTable(25).labels[row]?.[0] ?? 0),
      )
      const mean = (values: number[]): number => values.reduce((sum, value) => sum + value * value, 0) / values.length
      const batches = [errors.slice(0, 10), errors.slice(10, 20), errors.slice(20)].map(mean)
      assert.ok(Math.abs((report?.loss ?? 0) / mean(errors) - 1) < 1e-5)
      assert.ok(Math.abs((report?.batchLoss ?? 0) / (batches.reduce((sum, loss) => sum + loss) / 3) - 1) < 1e-5)
    })

    it('the training contract keeps of gradients and weights what the job asks for, and norms before clipping', async () => {
      const table = linearTable(40)
      const record = (what: object, more: object = {}) => trainAll(engine(), planJob({ ...linear, ...more, record: what }, table))
      const [full] = await record({ gradients: 'full' })
      const [norms, , last] = await record({ gradients: 'norm', weights: 'last' })
      assert.deepEqual(
        norms?.gradients.map(({ values }) => values),
        [null, null],
      )
      assert.deepEqual(
        norms?.gradients.map(({ norm }) => norm),
        full?.gradients.map(({ norm }) => norm),
      )
      assert.equal(norms?.weights.length, 0)
      assert.equal(last?.weights.length, 2)
      const [none] = await record({ gradients: 'none' })
      assert.deepEqual([none?.gradients, none?.gradientNorm], [[], full?.gradientNorm])
      const [clipped] = await record(
        { gradients: 'full' },
        { gradientClipping: { value: 0.01 }, optimizer: { type: 'sgd', learningRate: 0 } },
      )
      assert.ok((clipped?.gradientNorm ?? 0) > 0.02)
      assert.ok(clipped?.gradients.every(({ values }) => values?.every((value) => Math.abs(value) <= 0.0100001)))
    })

    it('the training contract ends as diverged where a loss stops being finite', async () => {
      const reports = await trainAll(
        engine(),
        planJob(
          { ...linear, optimizer: { type: 'sgd', learningRate: 1e6 }, training: { epochs: 50, batchSize: 10, seed: 1 } },
          linearTable(100),
        ),
      )
      const last = reports.at(-1)
      assert.ok(last?.diverged && last.finished && reports.length < 50)
      assert.ok(!Number.isFinite(last.loss) || !Number.isFinite(last.batchLoss))
      assert.equal(last.weights.length, 2)
    })

    it('the training contract ends as diverged where a weight stops being a number, also where the layers after it hide that from the loss', async () => {
      const images = { features: linearTable(40).features.map(([x = 0, y = 0]) => [x, y, x, y]), inputShape: [2, 2, 1] }
      const job = planJob(
        {
          ...linear,
          model: {
            layers: [
              { type: 'conv2d', filters: 2, kernelSize: 1, activation: 'relu' },
              { type: 'maxPool2d', poolSize: 2 },
              { type: 'activation', activation: 'relu' },
              { type: 'flatten' },
              { type: 'dense', units: 1 },
            ],
          },
        },
        { ...images, labels: linearTable(40).labels },
      )
      const start = await engine().open(job.plan, job.data)
      const state = await start.exportState()
      await start.close()
      for (const name of ['layers.0.weight', 'layers.4.bias']) {
        const spoiled = structuredClone(state)
        spoiled.tensors.find((tensor) => tensor.name === name)?.values.fill(Number.NaN)
        const [report, ...more] = await trainAll(engine(), job, { state: spoiled })
        assert.deepEqual([report?.loss, report?.diverged, report?.finished, more.length], [Number.NaN, true, true, 0])
      }
    })

    it('the training contract stops once the validation loss no longer falls, and goes back to the best weights', async () => {
      const noisy = linearTable(60)
      noisy.labels = noisy.labels.map((_, row) => [Math.sin(row * 12.9898) * 3])
      const job = planJob(
        {
          ...linear,
          model: {
            layers: [
              { type: 'dense', units: 32, activation: 'tanh' },
              { type: 'dense', units: 1 },
            ],
          },
          optimizer: { type: 'adam', learningRate: 0.05 },
          earlyStopping: { patience: 3 },
          training: { epochs: 200, batchSize: 8, seed: 5, validationSplit: 0.3 },
        },
        noisy,
      )
      const reports = await trainAll(engine(), job)
      const losses = reports.map(({ validationLoss }) => validationLoss ?? Number.NaN)
      const best = losses.indexOf(Math.min(...losses))
      assert.equal(reports.length, best + 1 + 3)
      assert.equal(reports.at(-1)?.restoredEpoch, best + 1)
      assert.deepEqual(reports.at(-1)?.weights, reports[best]?.weights)
    })

    it('the training contract measures what the job asks for, on the training rows and on those held back', async () => {
      const table = linearTable(60)
      const job = planJob({ ...linear, metrics: ['rmse', 'r2'], training: { ...linear.training, validationSplit: 0.25 } }, table)
      for (const { loss, validationLoss, metrics } of await trainAll(engine(), job)) {
        assert.ok(Math.abs((metrics.rmse ?? 0) / Math.sqrt(loss) - 1) < 1e-5)
        assert.ok(Math.abs((metrics.validationRmse ?? 0) / Math.sqrt(validationLoss ?? 0) - 1) < 1e-5)
        assert.ok((metrics.r2 ?? 2) <= 1 && (metrics.validationR2 ?? 2) <= 1)
      }
      const classes = { features: table.features, labels: table.features.map(([x = 0]) => [x > 0 ? 1 : 0]) }
      const classifier = {
        ...linear,
        model: { layers: [{ type: 'dense', units: 2 }] },
        loss: { type: 'crossEntropy' },
        metrics: ['accuracy'],
      }
      const reports = await trainAll(engine(), planJob({ ...classifier, optimizer: { type: 'sgd', learningRate: 1 } }, classes))
      assert.ok((reports.at(-1)?.metrics.accuracy ?? 0) > 0.9)
    })

    it('drops new values at each step and none in evaluation', async () => {
      const still = {
        ...demanding,
        optimizer: { type: 'sgd', learningRate: 0 },
        training: { ...demanding.training, shuffle: false },
        schedule: undefined,
        earlyStopping: undefined,
      }
      const [first, second] = await trainAll(engine(), planJob(JSON.parse(JSON.stringify(still)), linearTable(100)))
      assert.notDeepEqual(first?.gradients, second?.gradients)
      assert.notEqual(first?.batchLoss, second?.batchLoss)
    })

    it('the training contract leaves no tensor behind over 1,000 epochs', async () => {
      const job = planJob(
        {
          ...demanding,
          training: { epochs: 1000, batchSize: 8, seed: 1, validationSplit: 0.2 },
          earlyStopping: { patience: 1000 },
          record: { gradients: 'none', weights: 'last' },
        },
        linearTable(20),
      )
      const before = loaded().countTensors()
      const run = await engine().open(job.plan, job.data)
      const held: number[] = []
      for (let epoch = 0; epoch < 1000; epoch += 1) {
        await run.run(job.plan.stepsPerEpoch)
        await run.evaluate()
        if (epoch === 0 || epoch === 999) held.push(loaded().countTensors())
      }
      await run.close()
      assert.equal(held[0], held[1])
      assert.equal(loaded().countTensors(), before)
    })
  })
})
