import assert from 'node:assert/strict'
import type { Answer, TestApi } from './api.ts'

/** Sends uploads in parts as one tenant, so that no test meets those of another; the tenant's secret is `secret-of-` and its name. */
export const uploadClient = (api: TestApi, tenant: string) => {
  const headers = { authorization: `Bearer secret-of-${tenant}` }
  const put = (id: string, number: number | string, bytes: string | Buffer, more: Record<string, string> = {}): Promise<Answer> =>
    api.send({
      method: 'PUT',
      url: `/v1/uploads/${id}/parts/${number}`,
      headers: { ...headers, 'content-type': 'application/octet-stream', ...more },
      payload: bytes,
    })
  return {
    put,
    begin: async (request: object = {}) => {
      const answer = await api.post('/v1/uploads', { contentType: 'text/csv', ...request }, headers)
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      assert.equal(answer.headers.location, `/v1/uploads/${answer.body.id}`)
      return answer.body
    },
    create: (request: object) => api.post('/v1/uploads', request, headers),
    complete: (id: string, more: Record<string, string> = {}) => api.post(`/v1/uploads/${id}/complete`, undefined, { ...headers, ...more }),
    get: (path: string) => api.get(`/v1${path}`, headers),
    upload: (bytes: string, query = '') => api.post(`/v1/datasets${query}`, bytes, { ...headers, 'content-type': 'text/csv' }),
    remove: (id: string) => api.remove(`/v1/uploads/${id}`, headers),
  }
}
