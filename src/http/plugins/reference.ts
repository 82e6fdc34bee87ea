/** The pages of the API's reference at /docs. They are loaded when somebody asks for one: they are a fifth of what the process holds, and most starts serve none. */
import { fastify } from 'fastify'
import type { App } from '../types.ts'

type Page = { statusCode: number; headers: Record<string, string>; text: string }

const prefix = '/docs'
const paths = [prefix, `${prefix}/`, `${prefix}/js/scalar.js`]

export const addReference = (app: App): void => {
  let loading: Promise<Map<string, Page>> | undefined
  const load = (): Promise<Map<string, Page>> => {
    loading ??= loadPages().catch((error) => {
      loading = undefined
      throw error
    })
    return loading
  }
  for (const path of paths)
    app.get(path, { schema: { hide: true } }, async (_request, reply) => {
      const page = (await load()).get(path)
      return reply
        .code(page?.statusCode ?? 404)
        .headers(page?.headers ?? {})
        .send(page?.text)
    })
}

/** The pages by their paths. They are the same for every request. */
const loadPages = async (): Promise<Map<string, Page>> => {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const maker = fastify()
  await maker.register(scalar, {
    routePrefix: prefix,
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
  const ask = async (path: string): Promise<[string, Page]> => {
    const { statusCode, headers, payload } = await maker.inject(path)
    const kept = ['content-type', 'location'].flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))
    return [path, { statusCode, headers: Object.fromEntries(kept), text: payload }]
  }
  const pages = new Map(await Promise.all(paths.map(ask)))
  await maker.close()
  return pages
}
