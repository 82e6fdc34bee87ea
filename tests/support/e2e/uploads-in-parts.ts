/** What the client does with large files, tried against a running service. */
import assert from 'node:assert/strict'
import type { Product } from './product.ts'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

/** A table goes up in parts, over a line that breaks at the third, and as a stream; a broken one is refused, and leaves nothing behind. */
export const uploadInParts = async ({ client, Trainyard }: Any, product: Product): Promise<void> => {
  const sent: string[] = []
  let breaksAt = '/parts/3'
  const flaky: typeof fetch = async (url, options) => {
    if (String(url).endsWith(breaksAt)) throw new TypeError('fetch failed')
    if (options?.method === 'PUT') sent.push(String(url).replace(/^.*\/parts/, ''))
    return fetch(url, options)
  }
  const table = new Blob(['x,y\n', ...Array.from({ length: 50_000 }, (_, row) => `${row},${row % 7}\n`)], { type: 'text/csv' })
  const options = { name: 'parts', labels: ['y'], partBytes: 100_000 }
  const unsteady = new Trainyard({ url: product.url, fetch: flaky, maxRetries: 0 })
  let uploadId = ''
  const onProgress = (progress: { uploadId: string }): void => {
    uploadId = progress.uploadId
  }
  await assert.rejects(unsteady.datasets.upload(table, { ...options, onProgress }), { name: 'ConnectionError' })
  breaksAt = 'nowhere'
  assert.deepEqual((await client.uploads.get(uploadId)).parts.length, 2)
  const dataset = await unsteady.datasets.upload(table, { ...options, uploadId })
  assert.deepEqual([dataset.name, dataset.rows], ['parts', 50_000])
  assert.deepEqual(sent.slice(0, 3), ['/1', '/2', '/3'])
  const streamed = await client.datasets.upload(table.stream(), options)
  assert.deepEqual([streamed.rows, streamed.contentHash], [50_000, dataset.contentHash])
  const rows: { x: number }[] = await client.datasets.rows(dataset.id, { offset: 48_500 }).toArray(2000)
  assert.deepEqual([rows.length, rows[0]?.x, rows.at(-1)?.x], [1500, 48_500, 49_999])
  await assert.rejects(client.datasets.upload(new Blob(['x,y\n1,2\n3\n'])), { name: 'ValidationError' })
  const { body } = await product.api.call<{ id: string }>('POST', '/v1/uploads', { contentType: 'text/csv' })
  assert.deepEqual(
    (await client.uploads.list()).map((upload: { id: string }) => upload.id),
    [body.id],
  )
  await client.uploads.delete(body.id)
  assert.deepEqual(await client.uploads.list(), [])
}
