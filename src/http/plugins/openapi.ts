/** The OpenAPI document, out of the routes' own schemas, and its pages at /docs. */
import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import { completeDocument, type OpenApiDocument } from '../openapi/complete-document.ts'
import type { App } from '../types.ts'

/** Collects the routes that are registered after it; serves /openapi.json and /docs. */
export const addOpenApi = async (app: App, { version }: { version: string }): Promise<void> => {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Trainyard',
        version,
        description:
          'Training as a service: post data or a synthetic spec and a job config, read back epoch losses, gradients and learned weights. ' +
          'Adding fields is not a breaking change. Numbers that are not finite travel as the strings "NaN", "Infinity" and "-Infinity".',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: [
        { name: 'datasets', description: 'Tables to learn from.' },
        { name: 'jobs', description: 'Training runs.' },
        { name: 'results', description: 'What training left behind.' },
        { name: 'sweeps', description: 'Many training runs side by side.' },
        { name: 'engine', description: 'Calls that the engine answers at once.' },
        { name: 'catalog', description: 'What a config may name.' },
        { name: 'service', description: 'The service itself.' },
      ],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'Needed where API_KEYS is set.' },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }, {}],
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `def-${index}`) },
  })

  let document: OpenApiDocument | undefined
  app.get('/openapi.json', { schema: { hide: true } }, () => {
    document ??= completeDocument(app.swagger())
    return document
  })

  await app.register(scalar, {
    routePrefix: '/docs',
    // Everything the pages need comes from here: no fonts, no telemetry, no assistant of another host.
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Trainyard API',
      withDefaultFonts: false,
      telemetry: false,
      hideClientButton: true,
      showDeveloperTools: 'never',
      agent: { disabled: true },
      mcp: { disabled: true },
    },
  })
}
