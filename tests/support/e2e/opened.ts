/** Things that a request is made to. */
import type { Product } from './product.ts'

/** A trainer of the model of a job, which has done one request if asked. */
export const openTrainer = async (api: Product['api'], { dataset, model }: Record<string, unknown>, hasDone: boolean): Promise<string> => {
  const { id } = (await api.call<{ id: string }>('POST', '/v1/trainers', { dataset, model })).body
  if (hasDone) await api.call('POST', `/v1/trainers/${id}/operations`, { seq: 1, operations: [{ type: 'zeroGradients' }] })
  return id
}

/** An upload in parts, whole if it is to be completed. */
export const openUpload = async (api: Product['api'], isWhole: boolean): Promise<string> => {
  const { id } = (await api.call<{ id: string }>('POST', '/v1/uploads', { contentType: 'text/csv' })).body
  const bytes = { 'content-type': 'application/octet-stream' }
  if (isWhole) await api.call('PUT', `/v1/uploads/${id}/parts/1`, 'x,y\n1,2\n', bytes)
  return id
}

/** A webhook, whose address nobody looks up until something is sent. */
export const openWebhook = async (api: Product['api']): Promise<string> => {
  const request = { url: 'https://hooks.example/trainyard', events: ['job.failed'] }
  return (await api.call<{ id: string }>('POST', '/v1/webhooks', request)).body.id
}

/** A prediction for a dataset that has succeeded: its id. */
export const predictedDataset = async (api: Product['api'], job: string, examples = 10): Promise<string> => {
  const dataset = { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples, seed: 2 } }
  const { body } = await api.call<{ id: string }>('POST', `/v1/jobs/${job}/predictions`, { dataset })
  await api.get(`/v1/predictions/${body.id}?wait=60`)
  return body.id
}
