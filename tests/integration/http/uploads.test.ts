/** /v1/uploads: files that come in parts, in any order, over any process, and become datasets. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { maxPartBytes } from '../../../src/api/upload.schema.ts'
import type { HousekeepingService } from '../../../src/features/housekeeping/housekeeping.service.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { openHousekeeping } from '../../support/housekeeping.ts'
import { uploadClient } from '../../support/uploads.ts'

let api: TestApi
let housekeeping: HousekeepingService
const mib = 2 ** 20
before(async () => {
  api = await openTestApi({
    // A file may be 64 times as large: 16 MiB.
    bodyLimit: mib / 4,
    apiKeys: ['ann', 'ben', 'cat', 'dan'].map((tenant) => ({ tenant, secret: `secret-of-${tenant}` })),
  })
  housekeeping = openHousekeeping(api.bench.database)
})
after(async () => {
  await housekeeping.close()
  await api.close()
})

const as = (tenant: string) => uploadClient(api, tenant)
const digest = (bytes: string | Buffer, algorithm = 'sha256', name = 'sha-256'): string =>
  `${name}=:${createHash(algorithm).update(bytes).digest('base64')}:`
const table = (rows: number): string => `x,y\n${Array.from({ length: rows }, (_, at) => `${at},${at % 7}`).join('\n')}\n`
const parts = (text: string | Buffer, size: number): Buffer[] => {
  const bytes = Buffer.from(text)
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size))
}

describe('an upload in parts', () => {
  it('an upload in parts becomes the dataset that the whole file would be, whatever the order of its parts', async () => {
    const ann = as('ann')
    const file = table(5000)
    const { id, status, maxPartBytes: most } = await ann.begin({ bytes: file.length, options: { labels: ['y'], name: 'In parts' } })
    assert.deepEqual([status, most], ['open', maxPartBytes])
    const pieces = parts(file, 7001)
    for (const at of [...pieces.keys()].reverse()) {
      const piece = pieces[at] ?? Buffer.of()
      const { status, body } = await ann.put(id, at + 1, piece, { 'content-digest': digest(piece) })
      assert.deepEqual([status, body], [200, { number: at + 1, bytes: piece.length, digest: digest(piece) }])
    }
    const there = (await ann.get(`/uploads/${id}`)).body
    assert.deepEqual([there.receivedBytes, there.partCount, there.parts.length], [file.length, pieces.length, pieces.length])
    const made = await ann.complete(id)
    assert.equal(made.status, 201, JSON.stringify(made.body))
    assert.equal(made.headers.location, `/v1/datasets/${made.body.id}`)
    const whole = (await ann.upload(file, '?labels=y')).body
    assert.deepEqual([made.body.contentHash, made.body.rows, made.body.name], [whole.contentHash, 5000, 'In parts'])
    const { body: over } = await ann.get(`/uploads/${id}`)
    assert.deepEqual([over.status, over.datasetId, over.parts], ['completed', made.body.id, []])
    assert.deepEqual((await ann.get('/uploads')).body.data, [])
  })

  it('a part that comes again replaces the one before', async () => {
    const ann = as('ann')
    const { id } = await ann.begin()
    await ann.put(id, 1, 'x,y\n')
    await ann.put(id, 2, 'broken')
    const { body } = await ann.complete(id)
    assert.equal(body.status, 422)
    await ann.put(id, 2, '1,2\n')
    const { parts: there } = (await ann.get(`/uploads/${id}`)).body
    assert.deepEqual(there[1], { number: 2, bytes: 4, digest: digest('1,2\n') })
    const made = await ann.complete(id)
    assert.deepEqual([made.status, made.body.rows], [201, 1])
  })

  it('a part is stored only if it hashes to what its Content-Digest says', async () => {
    const ann = as('ann')
    const { id } = await ann.begin()
    const bytes = 'x\n1\n'
    for (const header of [digest('x\n2\n'), `${digest(bytes)}, ${digest('x\n2\n', 'sha512', 'sha-512')}`]) {
      const refused = await ann.put(id, 1, bytes, { 'content-digest': header })
      assertProblem(refused, 422, 'VALIDATION_FAILED')
      assert.deepEqual(pathsOf(refused.body.errors), ['/content-digest'])
    }
    assertProblem(await ann.put(id, 1, bytes, { 'content-digest': 'md5=:abcd:' }), 422, 'VALIDATION_FAILED')
    assertProblem(await ann.put(id, 1, bytes, { 'content-digest': 'sha-256=abcd' }), 400, 'MALFORMED_REQUEST')
    assert.deepEqual((await ann.get(`/uploads/${id}`)).body.parts, [])
    for (const header of [digest(bytes, 'sha512', 'sha-512'), `unixsum=:AAA=:, ${digest(bytes)}`])
      assert.equal((await ann.put(id, 1, bytes, { 'content-digest': header })).status, 200)
    assert.equal((await ann.remove(id)).status, 204)
  })

  it('an upload that lacks parts or bytes is told which, and goes on', async () => {
    const ben = as('ben')
    const { id } = await ben.begin({ bytes: 12 })
    assert.deepEqual(pathsOf((await ben.complete(id)).body.errors), ['/parts'])
    await ben.put(id, 4, '1,2\n')
    await ben.put(id, 2, 'x,y\n')
    assert.deepEqual(pathsOf((await ben.complete(id)).body.errors), ['/bytes', '/parts/1', '/parts/3'])
    const other = await ben.begin({ bytes: 12 })
    await ben.put(other.id, 1, 'x,y\n1,2\n')
    assert.deepEqual(pathsOf((await ben.complete(other.id)).body.errors), ['/bytes'])
    await ben.put(other.id, 2, '3,4\n')
    assert.equal((await ben.complete(other.id)).status, 201)
  })

  it('an upload that is completed again, with a key or without, gives the same dataset', async () => {
    const ben = as('ben')
    const { id } = await ben.begin()
    await ben.put(id, 1, 'x,y\n1,2\n')
    const first = await ben.complete(id, { 'idempotency-key': 'once' })
    const [again, keyed] = [await ben.complete(id), await ben.complete(id, { 'idempotency-key': 'once' })]
    for (const answer of [again, keyed]) assert.deepEqual([answer.status, answer.body.id], [201, first.body.id])
    assert.equal(keyed.headers['idempotent-replayed'], 'true')
    assertProblem(await ben.put(id, 1, 'x,y\n3,4\n'), 409, 'CONFLICT')
  })

  it('an upload that is completed twice at the same time becomes one dataset', async () => {
    const ben = as('ben')
    const before = (await ben.get('/datasets?limit=100')).body.data.length
    const { id } = await ben.begin()
    await ben.put(id, 1, table(3000))
    const answers = await Promise.all([1, 2, 3, 4].map(() => ben.complete(id)))
    for (const answer of answers.filter(({ status }) => status !== 201)) assertProblem(answer, 409, 'CONFLICT')
    assert.ok(answers.some(({ status }) => status === 201))
    assert.equal((await ben.get('/datasets?limit=100')).body.data.length, before + 1)
  })

  it('an upload whose process died while it was completed can be completed after a minute', async () => {
    const ben = as('ben')
    const { id } = await ben.begin()
    await ben.put(id, 1, 'x,y\n1,2\n')
    const { prisma } = api.bench.database
    await prisma.upload.update({ where: { id }, data: { completingUntil: new Date(Date.now() + 60_000) } })
    assert.equal((await ben.get(`/uploads/${id}`)).body.status, 'completing')
    assertProblem(await ben.complete(id), 409, 'CONFLICT')
    assertProblem(await ben.put(id, 1, 'x,y\n'), 409, 'CONFLICT')
    assertProblem(await ben.remove(id), 409, 'CONFLICT')
    await prisma.upload.update({ where: { id }, data: { completingUntil: new Date() } })
    assert.equal((await ben.complete(id)).status, 201)
  })

  it('an upload of a compressed file is decompressed once it is whole', async () => {
    const cat = as('cat')
    const file = table(2000)
    const { id } = await cat.begin({ contentEncoding: 'gzip' })
    for (const [at, piece] of parts(gzipSync(file), 1000).entries()) await cat.put(id, at + 1, piece)
    const { status, body } = await cat.complete(id)
    assert.deepEqual([status, body.rows], [201, 2000])
    const cut = await cat.begin({ contentEncoding: 'gzip' })
    await cat.put(cut.id, 1, gzipSync(file).subarray(0, 500))
    assertProblem(await cat.complete(cut.id), 400, 'MALFORMED_BODY')
    assert.equal((await cat.get(`/uploads/${cut.id}`)).body.status, 'open')
  })

  it('an upload that is deleted, or that nobody goes on with for a day, is gone with its parts', async () => {
    const cat = as('cat')
    const [gone, idle] = [await cat.begin(), await cat.begin()]
    for (const { id } of [gone, idle]) await cat.put(id, 1, table(100))
    assert.equal((await cat.remove(gone.id)).status, 204)
    const { prisma } = api.bench.database
    const count = () => prisma.uploadPart.count({ where: { uploadId: { in: [gone.id, idle.id] } } })
    assert.equal(await count(), 1)
    await housekeeping.tidy()
    assert.equal(await count(), 1)
    await prisma.upload.update({ where: { id: idle.id }, data: { expiresAt: new Date() } })
    for (const { id } of [gone, idle]) {
      assertProblem(await cat.get(`/uploads/${id}`), 404, 'NOT_FOUND')
      assertProblem(await cat.put(id, 1, 'x'), 404, 'NOT_FOUND')
      assertProblem(await cat.complete(id), 404, 'NOT_FOUND')
      assertProblem(await cat.remove(id), 404, 'NOT_FOUND')
    }
    await housekeeping.tidy()
    assert.equal(await count(), 0)
    assert.equal(await prisma.upload.count({ where: { id: { in: [gone.id, idle.id] } } }), 0)
  })

  it('an upload stays with its tenant', async () => {
    const { id } = await as('cat').begin()
    const dan = as('dan')
    assertProblem(await dan.get(`/uploads/${id}`), 404, 'NOT_FOUND')
    assertProblem(await dan.put(id, 1, 'x\n1\n'), 404, 'NOT_FOUND')
    assertProblem(await dan.complete(id), 404, 'NOT_FOUND')
    assert.deepEqual((await dan.get('/uploads')).body.data, [])
  })

  it('a tenant has ten open uploads at most, and may begin others once some are over', async () => {
    const dan = as('dan')
    const begun = await Promise.all(Array.from({ length: 14 }, () => dan.create({ contentType: 'text/csv' })))
    const stored = begun.filter(({ status }) => status === 201)
    assert.equal(stored.length, 10)
    for (const answer of begun.filter(({ status }) => status !== 201)) assertProblem(answer, 409, 'CONFLICT')
    const all: { createdAt: string }[] = (await dan.get('/uploads')).body.data
    assert.equal(all.length, 10)
    const middle = all[5]?.createdAt ?? ''
    const later = all.filter(({ createdAt }) => createdAt > middle)
    assert.deepEqual((await dan.get(`/uploads?createdAfter=${middle}`)).body.data, later)
    const earlier = all.filter(({ createdAt }) => createdAt < middle)
    assert.deepEqual((await dan.get(`/uploads?createdBefore=${middle}`)).body.data, earlier)
    assertProblem(await dan.get('/uploads?createdAfter=yesterday'), 422, 'VALIDATION_FAILED')
    assertProblem(await dan.get('/uploads?limit=1'), 422, 'VALIDATION_FAILED')
    assert.equal((await dan.remove(stored[0]?.body.id)).status, 204)
    assert.equal((await dan.create({ contentType: 'text/csv' })).status, 201)
  })

  it('requests that cannot be are refused with what would be right', async () => {
    const ann = as('ann')
    for (const [request, path] of [
      [{}, '/contentType'],
      [{ contentType: 'application/json' }, '/contentType'],
      [{ contentType: 'text/csv', contentEncoding: 'br' }, '/contentEncoding'],
      [{ contentType: 'text/csv', bytes: 0 }, '/bytes'],
      [{ contentType: 'text/csv', options: { lables: ['y'] } }, '/options/lables'],
      [{ contentType: 'text/csv', parts: [] }, '/parts'],
    ] as const) {
      const answer = await ann.create(request)
      assertProblem(answer, 422, 'VALIDATION_FAILED')
      assert.deepEqual(pathsOf(answer.body.errors), [path])
    }
    const { id } = await ann.begin()
    for (const number of [0, 10_001, 'one', 1.5]) assert.deepEqual(pathsOf((await ann.put(id, number, 'x')).body.errors), ['/number'])
    assertProblem(await ann.put(id, 1, ''), 422, 'VALIDATION_FAILED')
    assertProblem(await ann.put(id, 1, 'x', { 'content-encoding': 'gzip' }), 415, 'UNSUPPORTED_MEDIA_TYPE')
    assert.equal((await ann.put(id, 1, '{"x": 1}', { 'content-type': 'application/json' })).status, 200, 'bytes of any type')
    assert.equal((await ann.remove(id)).status, 204)
  })
})
