/** /v1/catalog */
import { type CatalogResource, CatalogSchema } from '../../contracts/catalog-resource.ts'
import { answer, answers, ref } from '../schemas.ts'
import type { App } from '../types.ts'

export const addCatalogRoutes = (app: App, { catalog }: { catalog: CatalogResource }): void => {
  app.get(
    '/catalog',
    {
      schema: {
        operationId: 'getCatalog',
        tags: ['catalog'],
        summary: 'Everything that a config may name, with options, defaults and ranges',
        response: answers({ 200: answer('The catalog.', ref(CatalogSchema)) }),
      },
    },
    () => catalog,
  )
}
