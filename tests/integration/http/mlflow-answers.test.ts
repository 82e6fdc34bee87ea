/** What MLflow is asked, and what its odd answers lead to: a server of the test's own that keeps runs, and loses answers. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import pino from 'pino'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { report, success } from '../../support/batches.ts'

// biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
type Body = any
type Asked = { path: string; headers: IncomingMessage['headers']; body: Body }

describe('an MLflow server that answers oddly', () => {
  const asked: Asked[] = []
  const runs = new Map<string, Body>()
  /** Answers in place of the server, for the next request to a path that it is for. */
  let odd: {
    path: string
    isFor?: (body: Body) => boolean
    times: number
    answer: (response: ServerResponse, usual: () => void) => void
  } | null = null
  const logged: string[] = []
  const server = createServer((request, response) => void text(request).then((whole) => answer(request, whole, response)))
  let api: TestApi
  before(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/a/proxy`
    api = await openTestApi({
      mlflow: { uri, experiment: 'x', username: 'ann', password: 'hunter2', token: undefined },
      log: pino({}, { write: (line: string) => logged.push(line) }),
    })
  })
  after(async () => {
    await api.close()
    server.closeAllConnections()
    server.close()
  })

  const answer = (request: IncomingMessage, whole: string, response: ServerResponse): void => {
    const { pathname: path, searchParams } = new URL(request.url ?? '', 'http://x')
    const body = request.method === 'POST' ? JSON.parse(whole) : Object.fromEntries(searchParams)
    asked.push({ path, headers: request.headers, body })
    const end = (status: number, told: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(told))
    const name = path.slice(path.indexOf('mlflow/') + 'mlflow/'.length)
    const usual = () => usually(name, body, end)
    if (odd && odd.times > 0 && name === odd.path && (odd.isFor?.(body) ?? true)) {
      odd.times -= 1
      odd.answer(response, () => usually(name, body, () => {}))
    } else usual()
  }

  const usually = (name: string, body: Body, end: (status: number, told: object) => unknown): unknown => {
    const run = runs.get(body.run_id)
    if (name === 'experiments/get-by-name') return end(404, { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no such experiment' })
    if (name === 'experiments/create') return end(200, { experiment_id: '7' })
    if (name === 'runs/search')
      return end(200, { runs: [...runs.values()].filter((one) => body.filter.endsWith(`'${one.data.tags[0].value}'`)) })
    if (name === 'runs/create') {
      const id = `run${runs.size}`
      const made = {
        info: { run_id: id, artifact_uri: 's3://bucket', lifecycle_stage: 'active' },
        data: { tags: body.tags, metrics: [] as Body[] },
      }
      runs.set(id, made)
      return end(200, { run: made })
    }
    if (name === 'runs/get') return end(200, { run })
    if (name === 'runs/log-batch')
      run.data.metrics = [...(body.metrics ?? []).slice(-50), ...run.data.metrics].sort((one, other) => other.step - one.step)
    if (name === 'runs/update') run.info.status = body.status
    return end(200, {})
  }

  const status = async (jobId: string, expected: string): Promise<void> => {
    for (let end = Date.now() + 60_000; ; await new Promise((done) => setTimeout(done, 50))) {
      const found = [...runs.values()].filter(({ data }) => data.tags[0].value === jobId)
      assert.ok(found.length <= 1)
      if (found[0]?.info.status === expected) return
      assert.ok(Date.now() < end, JSON.stringify([found, logged]))
    }
  }
  const trained = async (losses: number[]): Promise<string> => {
    const { id } = await api.submit()
    const claim = await api.claim()
    const epochs = losses.map((loss, at) => report(at + 1, loss))
    await claim.commit({ epochs: epochs, closing: success })
    return id
  }
  const metricsOf = (key: string): [number, unknown][] =>
    asked.flatMap(({ path, body }) =>
      path.endsWith('runs/log-batch')
        ? (body.metrics ?? []).filter((one: Body) => one.key === key).map(({ step, value }: Body) => [step, value])
        : [],
    )

  it('a run whose making was not answered is found again, and epochs are written once, also those that JSON has no number for', async () => {
    odd = {
      path: 'runs/create',
      times: 1,
      answer: (response, usual) => {
        usual()
        response.destroy()
      },
    }
    const id = await trained([0.5, Number.NaN, Number.POSITIVE_INFINITY])
    await status(id, 'FINISHED')
    assert.equal(asked.filter(({ path }) => path.endsWith('runs/create')).length, 1)
    assert.deepEqual(metricsOf('loss'), [
      [1, 0.5],
      [2, 'NaN'],
      [3, 'Infinity'],
    ])
    odd = {
      path: 'runs/log-batch',
      isFor: (body) => body.metrics !== undefined,
      times: 1,
      answer: (response, usual) => {
        usual()
        response.destroy()
      },
    }
    await status(await trained([7, 8]), 'FINISHED')
    assert.deepEqual(metricsOf('loss').slice(3), [
      [1, 7],
      [2, 8],
    ])
  })

  it('every request shows who asks, no other host is shown it, and no log', async () => {
    odd = { path: 'runs/search', times: 1, answer: (response) => response.writeHead(307, { location: '/elsewhere' }).end() }
    await status(await trained([1]), 'FINISHED')
    assert.equal(asked.filter(({ path }) => !path.startsWith('/behind/a/proxy/api/2.0/mlflow/')).length, 0)
    assert.deepEqual(
      [...new Set(asked.map(({ headers }) => headers.authorization))],
      [`Basic ${Buffer.from('ann:hunter2').toString('base64')}`],
    )
    assert.ok(logged.length > 0)
    assert.equal(logged.join().includes('hunter2') || logged.join().includes('Basic '), false)
  })

  it('what is refused of one job holds up no other', async () => {
    const refused = { error_code: 'INVALID_PARAMETER_VALUE', message: 'no' }
    let kept = ''
    odd = {
      path: 'runs/create',
      isFor: (body) => body.tags[0].value === kept,
      times: 1000,
      answer: (response) => response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(refused)),
    }
    const first = await api.submit()
    kept = first.id
    await (await api.claim()).commit({ closing: success })
    await status(await trained([1]), 'FINISHED')
    odd = null
    await status(kept, 'FINISHED')
  })
})
