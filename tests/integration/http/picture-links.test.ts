/** Links to pictures, for where no key can be sent. */
import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { pino } from 'pino'
import { signLink } from '../../../src/features/links/link-token.ts'
import { assertProblem, openTestApi, pathsOf, type TestApi } from '../../support/api.ts'
import { notebook } from '../../support/worker.ts'

let api: TestApi
let id: string
let other: string
let foreign: string
const logged: string[] = []
const key = { authorization: 'Bearer one' }
const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) })

before(async () => {
  const apiKeys = [
    { tenant: 'a', secret: 'one' },
    { tenant: 'b', secret: 'two' },
  ]
  api = await openTestApi({ apiKeys, log })
  ;[id = '', other = '', foreign = ''] = await Promise.all(
    [key, key, { authorization: 'Bearer two' }].map(async (headers) => {
      const { body } = await api.post('/v1/jobs', notebook(), headers)
      return body.id as string
    }),
  )
})
after(() => api.close())

const link = async (body: object = {}, of = id) => api.post(`/v1/jobs/${of}/links`, body, key)

it('a link shows its picture without a key, whatever the order of its parameters, on any site', async () => {
  for (const [format, type] of [
    ['svg', 'image/svg+xml; charset=utf-8'],
    ['png', 'image/png'],
  ]) {
    const { status, body } = await link({ format, width: 300, theme: 'dark', job: [other], expiresInSeconds: 3600 })
    assert.equal(status, 200, JSON.stringify(body))
    assert.ok(Math.abs(Date.parse(body.expiresAt) - Date.now() - 3_600_000) < 60_000)
    const { status: shown, headers } = await api.get(body.url)
    assert.deepEqual([shown, headers['content-type'], headers['cross-origin-resource-policy']], [200, type, 'cross-origin'])
    const [path, query = ''] = body.url.split('?')
    assert.equal((await api.get(`${path}?${query.split('&').reverse().join('&')}`)).status, 200)
  }
})

it('a link shows nothing else: no other picture, size, job or format, nor anything but pictures', async () => {
  const { url } = (await link({ job: [other] })).body
  const token = new URL(url, 'http://localhost').searchParams.get('token') ?? ''
  for (const wrong of [
    url.replace('width=640', 'width=641'),
    url.replace('&theme=light', ''),
    `${url}&job=${foreign}`,
    url.replace(`&job=${other}`, ''),
    `${url}&token=${token}`,
    url.replace(id, other),
    url.replace(id, foreign),
    url.replace(id, 'job_none'),
    url.replace(id, '%00'),
    url.replace('.svg', '.png'),
    url.replace(token, `${token.slice(0, -3)}xyz`),
    url.replace(token, `z${token}`),
    url.replace(token, ''),
    url.replace(token, 'x'.repeat(5000)),
  ])
    assert.deepEqual(pathsOf(assertProblem(await api.get(wrong), 401, 'UNAUTHENTICATED')), ['/token'], wrong)
  for (const path of [`jobs/${id}`, `jobs/${id}/epochs`, `epochs?job=${id}`])
    assertProblem(await api.get(`/v1/${path}${path.includes('?') ? '&' : '?'}token=${token}`), 401, 'UNAUTHENTICATED')
})

it('a link ends with its time and with its job', async () => {
  const { bytes } = await api.bench.database.prisma.secret.findUniqueOrThrow({ where: { name: 'links' } })
  const path = `/v1/jobs/${other}/loss.svg`
  const made = (ms: number) =>
    `${path}?log=true&token=${signLink(bytes, { path, parameters: new URLSearchParams('log=true'), tenant: 'a' }, new Date(ms))}`
  assert.equal((await api.get(made(Date.now() + 60_000))).status, 200)
  const [error] = assertProblem(await api.get(made(Date.now() - 1000)), 401, 'UNAUTHENTICATED')
  assert.match(error?.message ?? '', /expired at/)
  const { url } = (await link({}, other)).body
  await api.post(`/v1/jobs/${other}/cancel`, undefined, key)
  await api.remove(`/v1/jobs/${other}`, key)
  assert.notEqual((await api.get(url)).status, 200)
})

it('a link is made for jobs of the own tenant alone, within its limits', async () => {
  assertProblem(await link({}, foreign), 404, 'NOT_FOUND')
  assert.deepEqual(pathsOf(assertProblem(await link({ job: [foreign] }), 404, 'NOT_FOUND')), ['/job/0'])
  for (const [body, path] of [
    [{ expiresInSeconds: 59 }, '/expiresInSeconds'],
    [{ expiresInSeconds: 31_536_001 }, '/expiresInSeconds'],
    [{ format: 'gif' }, '/format'],
    [{ token: 'x' }, '/token'],
    [{ width: 2001 }, '/width'],
  ] as const)
    assert.deepEqual(pathsOf(assertProblem(await link(body), 422, 'VALIDATION_FAILED')), [path])
  assertProblem(await api.post(`/v1/jobs/${id}/links`, {}), 401, 'UNAUTHENTICATED')
})

it('no line of the log holds a token', async () => {
  const { url } = (await link()).body
  await api.get(url)
  await api.get(`${url}0`)
  await api.get(url.replace('loss.svg', 'nothing'))
  assert.doesNotMatch(logged.join(''), /token=/)
})
