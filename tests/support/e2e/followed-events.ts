/** What the client does with events, tried over a line that breaks. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { breakingAfter } from './client-package.ts'
import type { Product } from './product.ts'

// biome-ignore lint/suspicious/noExplicitAny: the package as its users get it, without its types
type Any = any

/** A job's events, and then the same among those of all jobs, over streams of which each time the first two break in the middle of an event. */
export const followEvents = async ({ Trainyard }: Any, product: Product, config: object): Promise<void> => {
  let streams = 0
  const flaky: typeof fetch = async (url, options) => {
    const answer = await fetch(url, options)
    if (new Headers(options?.headers).get('accept') !== 'text/event-stream' || !answer.body) return answer
    const left = streams++ < 2 ? 400 : Number.POSITIVE_INFINITY
    return new Response(answer.body.pipeThrough(breakingAfter(left)), answer)
  }
  const client = new Trainyard({ url: product.url, fetch: flaky })
  const metadata = { followed: randomUUID() }
  const job = await client.jobs.create({ ...config, metadata })
  const seen: number[] = []
  for await (const { seq } of job.events()) seen.push(seq)
  assert.ok(streams >= 3)
  assert.deepEqual(
    seen,
    (await product.api.events(job.id)).map(({ seq }) => seq),
  )

  streams = 0
  const told = []
  for await (const event of client.events.follow({ metadata })) {
    told.push(event)
    if (event.type === 'job.succeeded') break
  }
  assert.ok(streams >= 3)
  assert.deepEqual(
    told.map(({ seq }) => seq),
    seen,
  )
  // Page by page, and from the middle on.
  assert.deepEqual(await client.events.list({ metadata, limit: 4 }).toArray(), told)
  assert.deepEqual(await client.events.list({ metadata, type: ['job.succeeded'], after: told[2].id }).toArray(), told.slice(-1))
  await onlyWhatComes(client, config)
}

/** After `latest` nothing is told that was there before. */
const onlyWhatComes = async (client: Any, config: object): Promise<void> => {
  const watching = new AbortController()
  const coming = client.events.follow({ after: 'latest', type: ['job.queued'], signal: watching.signal })
  const first = coming.next()
  const ids: string[] = []
  // The stream begins somewhere in between: from then on every job is told.
  for (let event: Any; event === undefined; ) {
    ids.push((await client.jobs.create({ ...config, training: { epochs: 1 } })).id)
    event = await Promise.race([first, client.jobs.wait(ids.at(-1)).then(() => undefined)])
    if (event) assert.ok(ids.includes(event.value.jobId))
  }
  watching.abort()
  // Whoever looks at events next finds all of these over.
  for (const id of ids) await client.jobs.wait(id)
  // What had come before is still given.
  const drain = async () => {
    while (!(await coming.next()).done);
  }
  await assert.rejects(drain(), { name: 'AbortError' })
}
