/** What the client's trainers do, tried against a running service. */
import assert from 'node:assert/strict'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

const config = {
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 25, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  optimizer: { type: 'sgd', learningRate: 0.1 },
  seed: 7,
}
const evaluatedOn = { synthetic: { ...config.dataset.synthetic, examples: 50, seed: 2 } }

/** Loses the first answer to operations: done, and never told. */
export const losingAnAnswer = () => {
  const told = { lost: 0 }
  const send: typeof fetch = async (url, options) => {
    const answer = await fetch(url, options)
    if (told.lost > 0 || options?.method !== 'POST' || !String(url).includes('/operations')) return answer
    told.lost++
    await answer.text()
    throw new TypeError('fetch failed')
  }
  return { told, send }
}

/** Each method does what the same operations do; `client` loses its first answer to operations. */
export const trainByHand = async (client: Any): Promise<void> => {
  const trainer = await client.trainers.create(config)
  const told = await trainer.trainStep({ rows: [0, 1, 2] })
  assert.ok(told.loss > 0 && told.gradientNorm > 0 && told.updateNorm > 0)
  assert.deepEqual([trainer.version, (await client.trainers.get(trainer.id)).version], [1, 1])

  const batches: { index: number }[] = []
  for await (const batch of trainer.batches(10, { epoch: 1 })) batches.push(batch)
  assert.deepEqual([batches.length, batches.at(-1)], [3, { type: 'batch', size: 10, epoch: 1, index: 2 }])
  const whole: unknown[] = []
  for await (const batch of trainer.batches(10, { epoch: 1, dropLast: true })) whole.push(batch)
  assert.equal(whole.length, 2)

  // What is not awaited goes out in order all the same.
  const [, , , loss, , norm] = await Promise.all([
    trainer.save('start'),
    trainer.assign({ 'layers.0.weight': [1, 1], 'layers.0.bias': Float32Array.of(0) }),
    trainer.zeroGradients(),
    trainer.forwardBackward({ features: [[1, 2]], labels: [[1]] }),
    trainer.update({ 'layers.0.bias': { values: [0.5] } }),
    trainer.clip({ norm: 1 }),
  ])
  // The output is 3, so the gradient is 2 · (3 - 1) by the output, and by the weights that times 1 and 2.
  assert.deepEqual([loss, Math.round(norm * 1000)], [4, Math.round(1000 * Math.hypot(4, 8, 4))])
  const { 'layers.0.bias': bias } = await trainer.parameters(['layers.0.bias'])
  assert.deepEqual(bias, { shape: [1], values: Float32Array.of(0.5) })

  const forward = await trainer.forward({
    features: [
      [1, 2],
      [0, 0],
    ],
  })
  assert.deepEqual(forward.outputs, { shape: [2, 1], values: Float32Array.of(3.5, 0.5) })
  await trainer.zeroGradients()
  await trainer.backward(forward, [1, -1])
  assert.deepEqual((await trainer.gradients())['layers.0.weight']?.values, Float32Array.of(1, 2))
  await trainer.step({ learningRate: 1, names: ['layers.0.weight'] })
  assert.deepEqual((await trainer.parameters())['layers.0.weight']?.values, Float32Array.of(0, -1))
  await assert.rejects(trainer.backward(forward, [1, -1]), { name: 'ConflictError' })

  const wrong = [
    { type: 'batch', rows: [0] },
    { type: 'assign', values: [{ name: 'layers.9.weight', values: [1] }] },
  ]
  await assert.rejects(
    trainer.run(wrong),
    (error: Any) => error.name === 'ValidationError' && /^\/operations\/1/.test(error.errors[0].path),
  )
  const step = [{ type: 'batch', size: 10 }, { type: 'zeroGradients' }, { type: 'forwardBackward' }, { type: 'step' }]
  assert.ok((await trainer.repeat(60, step)).meanLoss > (await trainer.evaluate()).loss)
  await trainer.load('start')

  // What was saved is where another begins, and one without a dataset takes what it is sent.
  assert.deepEqual(
    (await trainer.checkpoints()).map(({ name, version }: Any) => [name, version]),
    [['start', 1]],
  )
  const { dataset: _, ...rest } = config
  const second = await client.trainers.create({ ...rest, inputShape: [2], from: { trainerId: trainer.id, checkpoint: 'start' } })
  assert.deepEqual(await second.parameters(), await trainer.parameters())
  const evaluated = await Promise.all([second, trainer].map((one) => one.evaluate(['mae'], { dataset: evaluatedOn })))
  assert.deepEqual(evaluated[0], { ...evaluated[1], version: 0 })
  assert.equal((await second.evaluate([], { dataset: (await client.datasets.create(evaluatedOn)).id })).loss, evaluated[0].loss)
  assert.ok((await second.trainStep({ features: [[1, 2]], labels: [[0]] })).loss > 0)
  const batch = { features: [[1, 2]], labels: [[0]] }
  const half = await second.forwardBackward(batch, { loss: { type: 'halfSquared' } })
  assert.ok(Math.abs((await second.forwardBackward(batch)) - 2 * half) < 1e-5)
  await assert.rejects(second.batches(10, { epoch: 1 }).next(), { name: 'TrainyardError', message: /has no dataset$/ })
  await second.delete()

  // Another program went on meanwhile.
  await (await client.trainers.get(trainer.id)).trainStep({ rows: [0] })
  await assert.rejects(trainer.trainStep({ rows: [1] }), { name: 'ConflictError' })
  await (await trainer.refresh()).trainStep({ rows: [1] })

  assert.equal((await trainer.close()).data.status, 'closed')
  await assert.rejects(trainer.batches(10, { epoch: 1 }).next(), { name: 'TrainyardError', message: /it is closed/ })
  assert.equal((await client.trainers.list().toArray(1))[0]?.id, trainer.id)
  await trainer.delete()
  await assert.rejects(client.trainers.get(trainer.id), { name: 'NotFoundError' })
}
