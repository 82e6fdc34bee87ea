/** The requests that the OpenAPI document shows by its examples, one an operation. */

type Parameter = {
  $ref?: string
  in: string
  name: string
  required?: boolean
  example?: unknown
  schema: { examples?: unknown[]; pattern?: string; title?: string }
}
type Operation = {
  operationId: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { content: Record<string, { example?: object; examples?: Record<string, { value: object }> }> }
}
export type OpenApi = {
  paths: Record<string, Record<string, Operation>>
  components: { parameters?: Record<string, Parameter> }
}

export type DocumentedRequest = {
  operationId: string
  /** The path as the document has it. */
  route: string
  /** The scope that the document asks for; undefined if it asks for no key. */
  scope: string | undefined
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  payload: object | string | undefined
  headers?: Record<string, string>
}

/** `partOf`: what a parameter of a path or a query has instead of its example. */
export const documentedRequests = (
  { paths, components }: OpenApi,
  partOf: (route: string, name: string) => string | undefined = () => undefined,
): DocumentedRequest[] =>
  Object.entries(paths).flatMap(([route, operations]) =>
    Object.entries(operations).map(([method, { operationId, security, parameters = [], requestBody }]) => {
      const all = parameters.map((one) => (one.$ref ? (components.parameters?.[one.$ref.split('/').at(-1) ?? ''] ?? one) : one))
      const value = (one: Parameter | undefined): string =>
        (one && partOf(route, one.name)) ?? String(one?.example ?? one?.schema.examples?.[0])
      const path = route.replace(/\{(\w+)\}/g, (_, name) => value(all.find((one) => one.in === 'path' && one.name === name)))
      const query = all.filter((one) => one.in === 'query' && one.required)
      const search = query.map((one) => `${one.name}=${value(one)}`).join('&')
      const json = requestBody?.content['application/json']
      const isBytes = requestBody?.content['application/octet-stream'] !== undefined
      return {
        operationId,
        route,
        scope: security?.find(({ bearer }) => bearer)?.bearer?.[0],
        method: method.toUpperCase() as DocumentedRequest['method'],
        url: search ? `${path}?${search}` : path,
        payload: isBytes ? 'x,y\n1,2\n' : (json?.example ?? Object.values(json?.examples ?? {})[0]?.value),
        ...(isBytes ? { headers: { 'content-type': 'application/octet-stream' } } : {}),
      }
    }),
  )
