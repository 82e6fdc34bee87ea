/** What the client does with models, tried on a job of the notebook. */
import assert from 'node:assert/strict'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

/** Names what the job learned, switches the name, asks it, and gives it up. */
export const nameAndAsk = async (client: Any, job: Any): Promise<void> => {
  const { predictions, metrics } = await job.predict([[1, 1]], { labels: [[2.8]] })
  assert.ok(Math.abs(predictions[0] - 2.8) < 0.01)
  assert.ok(metrics.loss < 0.001)
  const model = await client.models.put('prices', { jobId: job.id, epoch: 3 }, { ifNoneMatch: '*' })
  assert.deepEqual(await client.models.get('prices'), model)
  assert.equal((await client.models.put('prices', { jobId: job.id }, { ifMatch: model.etag })).epoch, null)
  const stale = client.models.put('prices', { jobId: job.id }, { ifMatch: model.etag })
  await assert.rejects(stale, { name: 'PreconditionFailedError', status: 412 })
  assert.deepEqual((await client.models.predict('prices', [{ x1: 1, x2: 1 }])).predictions, predictions)
  assert.equal((await client.models.list())[0]?.name, 'prices')
  await predictForDatasets(client, job)
  await client.models.delete('prices')
}

/** Predicts for all rows of a table of two, and of one that the service generates. */
const predictForDatasets = async (client: Any, job: Any): Promise<void> => {
  const features = [
    [1, 1],
    [0, 0],
  ]
  const table = await client.datasets.create({ features, labels: [[2.8], [4.2]] })
  const found = await (await job.predictDataset(table.id)).succeed()
  assert.ok(found.metrics.loss < 0.001)
  const { predictions } = await job.predict(features)
  let count = 0
  for await (const { row, prediction } of found.rows()) {
    assert.equal(row, count++)
    assert.ok(Math.abs(prediction[0] - predictions[row][0]) < 1e-4)
  }
  assert.equal(count, 2)
  const { name, chunks } = await found.file('csv')
  assert.equal(name, `${found.id}.csv`)
  let text = ''
  for await (const chunk of chunks) text += Buffer.from(chunk).toString()
  assert.match(text, /^row,prediction\n0,2\.8\d*\n1,4\.2/)
  const generated = { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 5, seed: 2 } }
  const named = await (await client.models.predictDataset('prices', generated, { metrics: false })).succeed()
  assert.equal(named.metrics, null)
  assert.equal((await client.predictions.get(named.id)).status, 'succeeded')
  assert.deepEqual(
    (await client.predictions.list({ job: job.id }).toArray()).map(({ id }: Any) => id),
    [named.id, found.id],
  )
  await named.delete()
  await assert.rejects(client.predictions.get(named.id), { name: 'NotFoundError' })
}
