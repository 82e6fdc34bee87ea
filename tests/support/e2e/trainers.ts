import type { Product } from './product.ts'

/** A trainer of the model of a job, which has done one request if asked. */
export const openTrainer = async (api: Product['api'], { dataset, model }: Record<string, unknown>, hasDone: boolean): Promise<string> => {
  const { id } = (await api.call<{ id: string }>('POST', '/v1/trainers', { dataset, model })).body
  if (hasDone) await api.call('POST', `/v1/trainers/${id}/operations`, { seq: 1, operations: [{ type: 'zeroGradients' }] })
  return id
}
