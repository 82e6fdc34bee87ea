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
  await client.models.delete('prices')
}
