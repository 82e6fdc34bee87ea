/** /v1/catalog */
import { type CatalogResource, CatalogSchema } from '../../api/catalog.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { answer, answers } from '../schemas.ts'
import type { App } from '../types.ts'

export const addCatalogRoutes = (app: App, { catalog }: { catalog: CatalogResource }): void => {
  app.get(
    '/catalog',
    {
      schema: {
        operationId: 'getCatalog',
        tags: ['catalog'],
        summary: 'Get everything that a config may name, with options, defaults and ranges',
        response: answers({ 200: answer('The catalog.', ref(CatalogSchema)) }),
      },
    },
    () => catalog,
  )
}
