/** GET /v1/jobs?sort=: jobs in the order of a metric, which commits keep beside the epochs. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { assertProblem, openTestApi, type TestApi } from '../../support/api.ts'
import { report, success } from '../../support/batches.ts'

let api: TestApi
before(async () => {
  api = await openTestApi()
})
after(() => api.close())
beforeEach(async () => {
  await api.bench.database.prisma.job.deleteMany()
})

/** A job that ends after epochs with these losses, and accuracies if there are any, a commit an epoch. Gives its id. */
const trained = async (
  losses: number[],
  { accuracies = [], parts = {} }: { accuracies?: number[]; parts?: object } = {},
): Promise<string> => {
  const { id } = await api.submit(parts)
  const claim = await api.claim()
  for (const [at, loss] of losses.entries()) {
    const metrics: Record<string, number> = accuracies[at] === undefined ? {} : { accuracy: accuracies[at] }
    await claim.commit({ epochs: [{ ...report(at + 1, loss), metrics }], fraction: at / losses.length })
  }
  await claim.commit({ closing: success })
  return id
}

type Listed = { id: string; sortedBy?: { metric: string; of: string; value: number } }

const list = async (query: string): Promise<{ data: Listed[]; hasMore: boolean; nextCursor: string | null }> => {
  const { status, body } = await api.get(`/v1/jobs?${query}`)
  assert.equal(status, 200, JSON.stringify(body))
  return body
}
const idsOf = async (query: string): Promise<string[]> => (await list(query)).data.map(({ id }) => id)

describe('GET /v1/jobs?sort=', () => {
  it('orders by the best value of all epochs or by that of the last, and says what it was', async () => {
    const sharp = await trained([0.9, 0.1, 0.8])
    const steady = await trained([0.5, 0.4, 0.3])
    assert.deepEqual(await idsOf('sort=loss'), [sharp, steady])
    assert.deepEqual(await idsOf('sort=-loss'), [steady, sharp])
    assert.deepEqual(await idsOf('sort=loss.last'), [steady, sharp])
    assert.deepEqual((await list('sort=loss.best')).data[0]?.sortedBy, { metric: 'loss', of: 'best', value: 0.1 })
    assert.deepEqual((await list('sort=-loss.last')).data[0]?.sortedBy, { metric: 'loss', of: 'last', value: 0.8 })
    assert.ok((await list('')).data.every((job) => !('sortedBy' in job)))
  })

  it('takes the largest value for the best where more is better', async () => {
    const good = await trained([1, 1], { accuracies: [0.9, 0.2] })
    const better = await trained([1, 1], { accuracies: [0.5, 0.95] })
    assert.deepEqual(
      (await list('sort=-accuracy')).data.map(({ sortedBy }) => sortedBy?.value),
      [0.95, 0.9],
    )
    assert.deepEqual(await idsOf('sort=accuracy.last'), [good, better])
  })

  it('orders by the smallest or the largest value of all epochs, whichever of them is the best', async () => {
    const wide = await trained([0.9, 0.1, 0.5], { accuracies: [0.1, 0.9, 0.5] })
    const narrow = await trained([0.3, 0.4, 0.6], { accuracies: [0.6, 0.4, 0.3] })
    const valuesOf = async (query: string) => (await list(query)).data.map(({ id, sortedBy }) => [id, sortedBy?.of, sortedBy?.value])
    for (const [metric, min, max] of [
      ['loss', [0.1, 0.3], [0.9, 0.6]],
      ['accuracy', [0.1, 0.3], [0.9, 0.6]],
    ] as const) {
      assert.deepEqual(await valuesOf(`sort=${metric}.min`), [
        [wide, 'min', min[0]],
        [narrow, 'min', min[1]],
      ])
      assert.deepEqual(await valuesOf(`sort=-${metric}.min`), [
        [narrow, 'min', min[1]],
        [wide, 'min', min[0]],
      ])
      assert.deepEqual(await valuesOf(`sort=${metric}.max`), [
        [narrow, 'max', max[1]],
        [wide, 'max', max[0]],
      ])
    }
    const { nextCursor } = await list('sort=-loss.max&limit=1')
    assert.deepEqual(await idsOf(`sort=-loss.max&after=${nextCursor}`), [narrow])
    assertProblem(await api.get(`/v1/jobs?sort=-loss&after=${nextCursor}`), 422, 'VALIDATION_FAILED')
  })

  it('leaves out jobs that have no finite value', async () => {
    const { id: waiting } = await api.submit()
    await api.post(`/v1/jobs/${waiting}/cancel`)
    const diverged = await trained([0.7, Number.NaN])
    const hopeless = await trained([Number.POSITIVE_INFINITY])
    assert.deepEqual(await idsOf('sort=loss'), [diverged])
    assert.deepEqual(await idsOf('sort=loss.last'), [])
    assert.deepEqual(await idsOf('sort=validationLoss'), [])
    assert.equal((await idsOf('')).length, 3, hopeless)
  })

  for (const sort of ['loss', '-loss'])
    it(`gives every job once, page by page, equal values and deleted jobs in between or not: ${sort}`, async () => {
      const ids: string[] = []
      for (const loss of [0.3, 0.1, 0.2, 0.2, 0.2, -1e-300]) ids.push(await trained([loss]))
      const all = await idsOf(`sort=${sort}`)
      assert.deepEqual(all.toSorted(), ids.toSorted())
      const seen: string[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page = await list(`sort=${sort}&limit=2${cursor && `&after=${cursor}`}`)
        seen.push(...page.data.map(({ id }) => id))
        cursor = page.nextCursor
        assert.equal(page.hasMore, cursor !== null)
        // The job that a cursor names may be gone when it is used.
        const [last] = page.data.slice(-1)
        if (last) await api.remove(`/v1/jobs/${last.id}`)
      }
      assert.deepEqual(seen, all)
    })

  it('sorts what a filter leaves', async () => {
    const blue = [
      await trained([0.2], { parts: { metadata: { team: 'blue' } } }),
      await trained([0.1], { parts: { metadata: { team: 'blue' } } }),
    ]
    await trained([0.05], { parts: { metadata: { team: 'red' } } })
    assert.deepEqual(await idsOf('sort=loss&metadata[team]=blue'), blue.toReversed())
    assert.deepEqual(await idsOf('sort=loss&metadata[team]=blue&status=succeeded&createdAfter=2020-01-01T00:00:00Z'), blue.toReversed())
    assert.deepEqual(await idsOf('sort=loss&status=failed'), [])
    assert.deepEqual(await idsOf('sort=loss&createdBefore=2020-01-01T00:00:00Z'), [])
  })

  it('refuses what is no metric, what has no better value, and the cursor of another order, naming the parameter', async () => {
    const id = await trained([0.5])
    for (const sort of ['guess', 'learningRate', 'seconds', 'loss.mean', '--loss', '']) {
      const [error] = assertProblem(await api.get(`/v1/jobs?sort=${sort}`), 422, 'VALIDATION_FAILED')
      assert.equal(error?.path, '/sort', sort)
      assert.match(error?.message ?? '', /^must be one of loss, batchLoss, .*\.best, \.min, \.max, \.last or nothing behind it$/)
    }
    const foreign = [
      `sort=loss&after=${id}`,
      `after=${id}.3ff0000000000000.loss.best`,
      `sort=loss&after=${id}.7ff8000000000000.loss.best`,
      `sort=loss&after=${id}.3ff.loss.best`,
      `sort=-loss&after=${id}.3ff0000000000000.loss.best`,
      `sort=loss.last&after=${id}.3ff0000000000000.loss.best`,
      `sort=accuracy&after=${id}.3ff0000000000000.loss.best`,
    ]
    for (const query of foreign) {
      const [error] = assertProblem(await api.get(`/v1/jobs?${query}`), 422, 'VALIDATION_FAILED')
      assert.equal(error?.path, '/after', query)
    }
  })

  it('forgets jobs that are deleted, or that are hidden until they are', async () => {
    const [deleted, old, kept] = [await trained([0.1]), await trained([0.2]), await trained([0.3])]
    assert.equal((await api.remove(`/v1/jobs/${deleted}`)).status, 204)
    const { prisma } = api.bench.database
    await prisma.job.update({ where: { id: old }, data: { tenant: '' } })
    assert.deepEqual(await idsOf('sort=loss'), [kept])
    assert.deepEqual(
      (await prisma.jobMetric.findMany()).map(({ jobId }) => jobId).filter((id) => id !== kept),
      [],
    )
  })
})
