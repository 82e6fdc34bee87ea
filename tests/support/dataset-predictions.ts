/** Predictions for whole datasets, asked for and read over the API of a test. */
import assert from 'node:assert/strict'
import type { Answer, TestApi } from './api.ts'

type Line = { row: number; prediction: unknown }

/** `api` is open by the first call. */
export const predicting = (api: () => TestApi) => {
  /** The body of an answer that is no refusal. */
  const made = async (answer: Promise<Answer>): Promise<Answer['body']> => {
    const { status, body } = await answer
    assert.ok(status < 300, JSON.stringify(body))
    return body
  }

  const trained = async (config: object): Promise<string> => {
    const { id } = await made(api().post('/v1/jobs', config))
    const { status } = await api().bench.ended(id)
    assert.equal(status, 'succeeded')
    return id
  }

  const upload = async (body: object): Promise<string> => (await made(api().post('/v1/datasets', body))).id

  /** Asks a job for the rows of a dataset, and waits for them. */
  const predict = async (job: string, body: object): Promise<Answer['body']> => {
    const { status, headers, body: accepted } = await api().post(`/v1/jobs/${job}/predictions`, body)
    assert.equal(status, 202, JSON.stringify(accepted))
    assert.equal(headers.location, `/v1/predictions/${accepted.id}`)
    for (;;) {
      const { body: found } = await api().get(`/v1/predictions/${accepted.id}?wait=30`)
      if (found.status === 'succeeded') return found
      assert.ok(['queued', 'running'].includes(found.status), JSON.stringify(found))
    }
  }

  const rowsOf = async (id: string): Promise<Line[]> => {
    const { status, body } = await api().get(`/v1/predictions/${id}/rows`)
    assert.equal(status, 200, JSON.stringify(body))
    return body
      .trimEnd()
      .split('\n')
      .map((line: string) => JSON.parse(line))
  }

  return { made, trained, upload, predict, rowsOf }
}

export const numbersOf = (line: Line | undefined): number[] => (line?.prediction ?? []) as number[]

export const assertNear = (a: number, b: number, tolerance = 1e-5): void =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} is not ${b}`)

/** A line tells what the row form told, numbers but for rounding. */
export const assertSameRow = (line: Line, told: string | number[]): void => {
  if (!Array.isArray(told)) {
    assert.equal(line.prediction, told)
    return
  }
  assert.equal(numbersOf(line).length, told.length)
  for (const [at, value] of told.entries()) assertNear(numbersOf(line)[at] ?? Number.NaN, value)
}
