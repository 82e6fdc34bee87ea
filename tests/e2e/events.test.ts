/** Following jobs live, and the end of a service that is being followed. */
import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { discard, type Product, startProduct } from '../support/e2e/product.ts'

let product: Product
before(async () => {
  product = await startProduct({ LOG_LEVEL: 'info' })
})
after(() => discard(product))

/** Waits for what another process writes. */
const until = async (isThere: () => boolean): Promise<void> => {
  while (!isThere()) await sleep(20)
}

const job = (epochs: number) => ({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 } },
  model: { layers: [{ type: 'dense', units: 1 }] },
  loss: { type: 'mse' },
  optimizer: { type: 'sgd', learningRate: 0.03 },
  training: { epochs, batchSize: 10, seed: 1 },
})
const follow = (id: string, headers: Record<string, string> = {}) =>
  fetch(`${product.url}/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream', ...headers } })
const dataOf = (text: string): unknown[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data))

test('what is told live is what is stored, however the client is cut off', async () => {
  const { id } = await product.api.submit(job(20))
  const { body } = await follow(id)
  let first = ''
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    first += chunk
    if (/^event: epoch$/m.test(first)) break
  }
  const whole = first.slice(0, first.lastIndexOf('\n\n'))
  const seen = [...whole.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? ''
  const rest = await (await follow(id, { 'last-event-id': seen })).text()
  const events = await product.api.events(id)
  assert.deepEqual([...dataOf(whole), ...dataOf(rest)], events)
  assert.equal(events.at(-1)?.type, 'succeeded')
  assert.equal((await follow(id, { 'last-event-id': String(events.length) })).status, 204)
})

test('metrics are there to be read', async () => {
  const response = await fetch(`${product.url}/metrics`)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  assert.match(await response.text(), /^trainyard_jobs\{status="succeeded"\} 1$/m)
})

test('the log names the job and the request that a line is about', async () => {
  const logged = (text: string): Record<string, unknown>[] =>
    product
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{') && line.includes(`"msg":"${text}"`))
      .map((line) => JSON.parse(line))
  const { id } = await product.api.submit(job(1))
  await product.api.until(id, ({ status }) => status === 'succeeded')
  await until(() => logged('done').some(({ jobId }) => jobId === id))
  assert.ok(logged('training').some(({ jobId }) => jobId === id))

  const broken = request(`${product.url}/v1/datasets`, { method: 'POST', headers: { 'content-type': 'text/csv', 'content-length': 1000 } })
  broken.on('error', () => {})
  broken.write('x,y\n1,2\n', () => broken.destroy())
  await until(() => logged('the client went away').length > 0)
  assert.match(String(logged('the client went away')[0]?.requestId), /^req_/)
})

test('a service that is followed stops when it is told to, and the stream ends with it', async () => {
  const { id } = await product.api.submit(job(100_000))
  const response = await follow(id)
  const reading = response.text()
  await product.api.until(id, ({ progress }) => progress.epoch >= 1)
  assert.equal(await product.stop(), 0)
  assert.match(await reading, /^event: epoch$/m)
  assert.doesNotMatch(product.output(), /ending anyway/)
})
