/** The OpenAPI document, out of the routes' own schemas, and its pages at /docs: both compressed and cached. */
import swagger from '@fastify/swagger'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../../contracts/error-codes.ts'
import { isHost } from '../hosts.ts'
import { completeDocument, type OpenApiDocument } from '../openapi/complete-document.ts'
import { type PublishedLimits, programGuide } from '../openapi/program-guide.ts'
import type { App } from '../types.ts'
import { addReference } from './reference.ts'
import { addStaticAnswers } from './static-answers.ts'

/** Collects the routes that are registered after it; serves /openapi.json, /llms.txt and /docs. */
export const addOpenApi = async (app: App, { version, limits }: { version: string; limits: PublishedLimits }): Promise<void> => {
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
        { name: 'uploads', description: 'Files that come in parts, and become datasets.' },
        { name: 'imports', description: 'Files that the service fetches from a URL, and makes datasets of.' },
        { name: 'jobs', description: 'Training runs.' },
        { name: 'results', description: 'Epochs, gradients, weights and events of a job.' },
        { name: 'sweeps', description: 'Many training runs side by side.' },
        { name: 'predictions', description: 'What models give for whole datasets.' },
        { name: 'trainers', description: 'Training by hand, operation by operation.' },
        { name: 'webhooks', description: 'Addresses that are told what happens to jobs.' },
        { name: 'engine', description: 'Calls that the engine answers at once.' },
        { name: 'models', description: 'Names that stand for what jobs learned.' },
        { name: 'catalog', description: 'What a config may name.' },
        { name: 'keys', description: 'Who may do what in the name of a tenant.' },
        { name: 'service', description: 'The service itself.' },
      ],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A key of API_KEYS or of `/v1/keys` as `Authorization: Bearer KEY`; needed if API_KEYS is set. Each operation names the scope that the key must have: `read`, `write`, which may read too, or `admin`, which may all, as the keys of API_KEYS do. A key of OPERATOR_KEYS is an admin of the tenant that the header `X-Tenant` names.',
          },
          apiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The same key in a header of its own.' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }, {}],
    },
    refResolver: { buildLocalReference: (json, _baseUri, _fragment, index) => String(json.$id ?? `def-${index}`) },
  })
  addNoIcon(app)

  await app.register(async (pages: App) => {
    addStaticAnswers(pages, (route) => (route.endsWith('.js') ? 'public, max-age=3600' : 'no-cache'))
    pages.addHook('onRequest', async (request) => {
      // The pages build addresses out of it.
      if (!isHost(request.headers.host ?? '')) throw new Problem('MALFORMED_REQUEST', 'The pages need a Host header')
    })
    addDocuments(pages, limits)
    addReference(pages)
  })
}

/** Browsers ask for an icon by themselves; there is none, which is no error. */
const addNoIcon = (app: App): void => {
  app.get('/favicon.ico', { schema: { hide: true } }, (_request, reply) =>
    reply.code(204).header('cache-control', 'public, max-age=86400').send(),
  )
}

/** The address of a service that is not told another. */
const defaultServer = 'http://127.0.0.1:3000'

/**
 * /openapi.json, whose `servers` is the address that it was asked at, so that what is generated from it has a host, and /llms.txt,
 * which is made of it.
 */
const addDocuments = (app: App, limits: PublishedLimits): void => {
  let document: OpenApiDocument | undefined
  const complete = (): OpenApiDocument => (document ??= completeDocument(app.swagger()))
  const writeJson = perServer((server) => JSON.stringify({ ...complete(), servers: [{ url: server }] }))
  const writeGuide = perServer((server) => programGuide(complete(), server, limits))
  app.get('/openapi.json', { schema: { hide: true } }, (request, reply) =>
    reply.type('application/json; charset=utf-8').send(writeJson(serverOf(request))),
  )
  app.get('/llms.txt', { schema: { hide: true } }, (request, reply) =>
    reply.type('text/plain; charset=utf-8').send(writeGuide(serverOf(request))),
  )
}

/** Writes a text again only for another address than the last. */
const perServer = (write: (server: string) => string): ((server: string) => string) => {
  let last: { server: string; text: string } | undefined
  return (server) => {
    if (last?.server !== server) last = { server, text: write(server) }
    return last.text
  }
}

/** The address as the client wrote it; a proxy that ends TLS says so. */
const serverOf = ({ headers }: FastifyRequest): string =>
  headers.host ? `${headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${headers.host.toLowerCase()}` : defaultServer
