#!/usr/bin/env node
/** Uploads a table, trains on it, watches, and predicts: `node examples/iris.mjs`, after `npm run build`, beside a running service. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Trainyard } from 'trainyard'

// Reads TRAINYARD_URL, else http://127.0.0.1:3000, and TRAINYARD_API_KEY.
const client = new Trainyard()

const iris = await client.datasets.upload(join(import.meta.dirname, 'iris.csv'), {
  onProgress: ({ sentBytes, totalBytes }) => console.log(`${sentBytes} of ${totalBytes} bytes sent`),
})
console.log(`${iris.id}: ${iris.rows} rows, ${iris.columns.map(({ name }) => name).join(', ')}`)

const config = JSON.parse(await readFile(join(import.meta.dirname, 'iris.json'), 'utf8'))
config.dataset.id = iris.id
const job = await client.jobs.train(config, {
  onEpoch: ({ epoch, loss, metrics }) => {
    if (epoch % 10 === 0) console.log(`epoch ${epoch}, loss ${loss.toFixed(4)}, accuracy ${metrics.accuracy.toFixed(3)}`)
  },
})

const flower = { sepalLength: 6.7, sepalWidth: 3, petalLength: 5.2, petalWidth: 2.3 }
const { predictions } = await job.predict([flower])
const { tensors } = await job.weights()
console.log(`outputs ${predictions[0].map((one) => one.toFixed(2)).join(', ')}, by ${Object.keys(tensors).join(', ')}`)
