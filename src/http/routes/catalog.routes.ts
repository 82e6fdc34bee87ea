/** /v1/catalog */
import { CatalogSchema } from '../../api/catalog.schema.ts'
import { ref } from '../../catalog/ref.ts'
import { describeCatalog } from '../../features/catalog/catalog.ts'
import { answer, answers } from '../schemas.ts'
import type { App } from '../types.ts'

export const addCatalogRoutes = (app: App): void => {
  const catalog = describeCatalog()
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
