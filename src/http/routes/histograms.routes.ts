/** How weights and gradients lie, epoch by epoch: /v1/jobs/{id}/histograms */
import { HistogramsSchema, histogramsQuery } from '../../api/histogram.schema.ts'
import { ref } from '../../catalog/ref.ts'
import type { HistogramsService } from '../../features/jobs/histograms.service.ts'
import { answer, answers, idParams } from '../schemas.ts'
import type { App } from '../types.ts'

const params = idParams('job', 'job_01kaf3m5d9v0q8c1x2y3z4w5a6')

export const addHistogramRoutes = (app: App, { histograms }: { histograms: HistogramsService }): void => {
  app.get(
    '/jobs/:id/histograms',
    {
      schema: {
        operationId: 'listHistograms',
        tags: ['results'],
        summary: 'List histograms of the weights or gradients of a parameter over the epochs',
        description: 'Made of all recorded values when they are asked for; an epoch that lies between two that are recorded has none.',
        params,
        querystring: histogramsQuery,
        response: answers({ 200: answer('The histograms.', ref(HistogramsSchema)) }, ['NOT_FOUND']),
      },
    },
    ({ tenant, params: { id }, query }) => histograms.read(tenant, id, query),
  )
}
