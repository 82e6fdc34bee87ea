/** Pictures of curves, as a page, a README or a chat shows them. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { curveMetrics } from '../../../src/api/curve.schema.ts'
import { createPngQueue } from '../../../src/features/pictures/png-queue.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { report } from '../../support/batches.ts'
import { readPng } from '../../support/png.ts'

let api: TestApi
let id: string
let diverged: string
const name = `<script>alert("1")</script>&'\u202e\u0007 学习率 😀`

before(async () => {
  api = await openTestApi()
  const store = async (losses: number[], parts: object = {}): Promise<string> => {
    const { id } = await api.submit({ training: { epochs: losses.length }, ...parts })
    const claim = await api.claim()
    const epochs = losses.map((loss, at) => ({ ...report(at + 1, loss), metrics: { mae: at } }))
    await claim.commit({ epochs, fraction: 1 })
    return id
  }
  id = await store([10, 1, 0.1, 0.01], { metadata: { name } })
  diverged = await store([2, 1e308, Number.NaN], { metadata: { name: 'diverged' } })
})
after(() => api.close())

const picture = (query = '', of = id) => api.get(`/v1/jobs/${of}/loss.svg${query}`)

/** Throws if it is no well-formed XML: every tag that opens closes, and no markup comes from a text. */
const assertWellFormed = (svg: string): void => {
  const open: string[] = []
  for (const [, closing, tag = '', closed] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
    if (closing) assert.equal(open.pop(), tag)
    else if (!closed) open.push(tag)
  }
  assert.deepEqual(open, [])
  assert.doesNotMatch(svg.replaceAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g, ''), /[<>]|&(?!amp;|lt;|gt;|quot;|#39;)/)
}

it('a picture of the loss is an SVG of its own that nothing can run in', async () => {
  const { status, headers, body } = await picture()
  assert.equal(status, 200)
  assert.equal(headers['content-type'], 'image/svg+xml; charset=utf-8')
  assert.equal(headers['content-security-policy'], "default-src 'none'; style-src 'unsafe-inline'; sandbox")
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assertWellFormed(body)
  assert.match(body, /<svg [^>]*width="640" height="360"/)
  assert.match(body, /&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;&#39; {3}学习率 😀/, 'a text of the client is text')
  assert.match(body, />loss</)
  const [path = ''] = /d="M[^"]*L[^"]*"/.exec(body) ?? []
  assert.equal(path.split('L').length, 4, 'a point for each epoch')
})

it('a picture is of any number of the epochs, in any size, on either scale and in either theme', async () => {
  for (const metric of curveMetrics) {
    const { status, body } = await picture(`?metric=${metric}&width=200&height=150&log=true&theme=dark`)
    assert.equal(status, 200, metric)
    assertWellFormed(body)
  }
  assert.match((await picture('?log=true')).body, /logarithmic[\s\S]*>0\.1</)
  assert.match((await picture('?theme=dark')).body, /fill="#0d1117"/)
  assert.match((await picture('?metric=validationLoss')).body, /no validationLoss was measured/)
})

it('a picture of several jobs has a line and a name for each; what is not finite is a gap', async () => {
  const { body } = await picture(`?job=${diverged}&job=${id}&width=800`)
  assertWellFormed(body)
  assert.equal(body.match(/fill="none" stroke="#/g)?.length, 2, 'the job of the path is not drawn twice')
  assert.match(body, />2 jobs</)
  assert.match(body, />diverged</)
  assert.doesNotMatch(body, /NaN|Infinity/)
})

it('a job without epochs has a picture that says so', async () => {
  const { id: waiting } = await api.submit()
  const { status, body } = await picture('?log=true', waiting)
  assert.equal(status, 200)
  assert.match(body, />no epochs yet</)
  assert.match(body, new RegExp(`>${waiting}<`))
})

it('a picture is not sent again until its job moves', async () => {
  const { id: moving } = await api.submit()
  const { headers } = await picture('', moving)
  assert.equal(headers['cache-control'], 'private, max-age=2')
  const again = (query = '') => api.get(`/v1/jobs/${moving}/loss.svg${query}`, { 'if-none-match': headers.etag ?? '' })
  assert.deepEqual([(await again()).status, (await again('?log=true')).status], [304, 200])
  await api.post(`/v1/jobs/${moving}/cancel`)
  const last = await again()
  assert.deepEqual([last.status, last.headers['cache-control']], [200, 'private, max-age=60'])
})

it("curves and pictures of another tenant's job are not there", async () => {
  const { id: foreign } = await api.submit()
  await api.bench.database.prisma.job.update({ where: { id: foreign }, data: { tenant: 'other' } })
  for (const [path, error] of [
    [`epochs?job=${id}&job=${foreign}`, '/job/1'],
    [`jobs/${foreign}/loss.svg`, '/id'],
    [`jobs/${id}/loss.svg?job=${foreign}`, '/job/0'],
  ])
    assert.deepEqual(pathsOf(assertProblem(await api.get(`/v1/${path}`), 404, 'NOT_FOUND')), [error], path)
})

it('a wrong size, metric or job of a picture is named', async () => {
  for (const [query, path] of [
    ['width=199', '/width'],
    ['width=2001', '/width'],
    ['height=1e9', '/height'],
    ['metric=los', '/metric'],
    ['theme=blue', '/theme'],
    ['log=maybe', '/log'],
    ['title=x', '/title'],
    [Array.from({ length: 10 }, (_, at) => `job=job_${at}`).join('&'), '/job'],
  ])
    assert.deepEqual(pathsOf(assertProblem(await picture(`?${query}`), 422, 'VALIDATION_FAILED')), [path], query)
  assert.deepEqual(pathsOf(assertProblem(await picture(`?job=${diverged}&job=job_none`), 404, 'NOT_FOUND')), ['/job/1'])
  assert.deepEqual(pathsOf(assertProblem(await picture('', 'job_none'), 404, 'NOT_FOUND')), ['/id'])
})

it('a picture in pixels has the curve, its axes and its texts, of whatever script, in the size and theme that were asked for', async () => {
  const png = async (query = '') => {
    const { statusCode, headers, rawPayload } = await api.app.inject(`/v1/jobs/${id}/loss.png${query}`)
    assert.deepEqual([statusCode, headers['content-type'], headers['x-content-type-options']], [200, 'image/png', 'nosniff'])
    assert.equal(headers['content-security-policy'], "default-src 'none'; style-src 'unsafe-inline'; sandbox")
    return { tag: String(headers.etag), ...readPng(rawPayload) }
  }
  const light = await png()
  const pixels = (color: string, { colors } = light): number => colors.get(color) ?? 0
  assert.deepEqual([light.width, light.height], [640, 360])
  assert.ok(pixels('ffffff') > 150_000 && pixels('0b65c2') > 300, 'a line on a ground')
  const isDark = (color: string): boolean => /^[1-8].[1-8].[1-8].$/.test(color)
  const ofTexts = [...light.colors].reduce((sum, [color, count]) => sum + (isDark(color) ? count : 0), 0)
  assert.ok(ofTexts > 500, `texts, of a font that the service brings along: ${ofTexts} pixels`)
  const dark = await png('?theme=dark&width=200&height=150&log=true')
  assert.deepEqual([dark.width, dark.height], [200, 150])
  assert.ok(pixels('0d1117', dark) > 15_000 && pixels('58a6ff', dark) > 50)
  const again = (format: string) => api.get(`/v1/jobs/${id}/loss.${format}`, { 'if-none-match': light.tag })
  assert.deepEqual([(await again('png')).status, (await again('svg')).status], [304, 200])
})

it('pictures that cannot be rendered, and those of whom too many wait, are UNAVAILABLE; those after them are rendered', async () => {
  let ends = 0
  const turns = [async () => Promise.reject(new Error('unreachable')), async () => new Uint8Array(3)]
  const toPng = createPngQueue({ ask: async () => (turns.shift() ?? (() => new Uint8Array(4)))(), end: () => void ends++ }, 2)
  const all = await Promise.allSettled([toPng('<svg/>'), toPng('<svg/>'), toPng('<svg/>')])
  const told = all.map((one) => (one.status === 'rejected' ? one.reason.code : one.value.length))
  assert.deepEqual([told, ends], [['UNAVAILABLE', 3, 'UNAVAILABLE'], 1])
  assert.equal((await toPng('<svg/>')).length, 4)
})
