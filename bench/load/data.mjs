/** How soon a job on a large upload trains: the first that reads it, and those that find it in their training process. */
import { Readable } from 'node:stream'
import { ended, startService } from '../service.mjs'
import { ms, thousands } from './timing.mjs'

const columns = 10

/** Lines of a CSV of numbers. */
function* lines(rows) {
  yield `${Array.from({ length: columns }, (_, at) => `x${at}`).join(',')},y\n`
  for (let from = 0; from < rows; from += 10_000) {
    const block = Array.from({ length: Math.min(10_000, rows - from) }, () =>
      Array.from({ length: columns + 1 }, () => Math.random().toFixed(6)).join(','),
    )
    yield `${block.join('\n')}\n`
  }
}

export const measureData = async ({ small }) => {
  const rows = small ? 50_000 : 1_000_000
  const service = await startService()
  const upload = async () => {
    const body = Readable.toWeb(Readable.from(lines(rows), { objectMode: false }))
    const response = await fetch(`${service.url}/v1/datasets`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body,
      duplex: 'half',
    })
    if (!response.ok) throw new Error(`the upload: ${response.status} ${await response.text()}`)
    return (await response.json()).id
  }
  /** From POST to the end, and of that what was not training: the way to the worker, the data, opening, and storing what came of it. */
  const run = async (config) => {
    const began = performance.now()
    let job = await service.call('POST', '/v1/jobs', config)
    while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?waitFor=end`)
    if (job.status !== 'succeeded') throw new Error(`${job.status}: ${JSON.stringify(job.error)}`)
    const took = performance.now() - began
    return [ms(took), ms(took - job.result.seconds * 1000)]
  }
  try {
    const config = {
      dataset: { id: await upload(), labels: ['y'] },
      model: { layers: [{ type: 'dense', units: 1 }] },
      loss: { type: 'mse' },
      optimizer: { type: 'sgd', learningRate: 0.01 },
      training: { epochs: 1, batchSize: 1024 },
    }
    const changed = { ...config, optimizer: { type: 'sgd', learningRate: 0.02 } }
    return {
      head: [`a job on an upload of ${thousands(rows)} × ${columns}, one epoch`, 'POST to the end', 'of that without training', 'wanted'],
      rows: [
        ['the first', ...(await run(config)), ''],
        ['the same again', ...(await run(config)), '≤ 300 ms'],
        ['with another learning rate', ...(await run(changed)), '≤ 300 ms'],
        ['the same once more', ...(await run(config)), '≤ 300 ms'],
      ],
    }
  } finally {
    await service.stop()
  }
}
