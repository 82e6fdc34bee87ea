/** Requests to every operation of the service's OpenAPI document: its own examples, mutated. */
import fc from 'fast-check'
import type { Json } from '../../support/e2e/api.ts'
import type { FuzzCase } from '../case.ts'
import { patched, patches } from './bytes.ts'
import { deliveries, extraHeaders } from './delivery.ts'
import { edited, edits } from './structure.ts'
import { oddTexts, toText } from './values.ts'

export type Parameter = { name: string; in: string; schema?: { type?: string; enum?: unknown[]; minimum?: number; maximum?: number } }
export type Operation = {
  method: string
  path: string
  parameters: Parameter[]
  /** Good JSON bodies; empty where it takes none. */
  bodies: unknown[]
}

type Media = { example?: unknown; examples?: Record<string, { value: unknown }> }
type Document = {
  paths: Record<string, Record<string, { parameters?: (Parameter | { $ref: string })[]; requestBody?: { content: Record<string, Media> } }>>
  components: { parameters: Record<string, Parameter> }
}

const examplesOf = ({ example, examples = {} }: Media): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(({ value }) => value),
]

/** @param more good bodies by path, besides the document's examples */
export const operationsOf = (document: unknown, more: Record<string, Json[]>): Operation[] => {
  const { paths, components } = document as Document
  const named = (parameter: Parameter | { $ref: string }): Parameter[] =>
    '$ref' in parameter
      ? Object.entries(components.parameters).flatMap(([name, one]) => (parameter.$ref.endsWith(`/${name}`) ? [one] : []))
      : [parameter]
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters: given = [], requestBody }]) => {
      const parameters = given.flatMap(named)
      const media = requestBody?.content['application/json']
      return { method: method.toUpperCase(), path, parameters, bodies: media ? [...examplesOf(media), ...(more[path] ?? [])] : [] }
    }),
  )
}

/** Ids that are there, ids that are not, and what is no id. */
const pathValue = ({ path, name }: { path: string; name: string }): fc.Arbitrary<string> => {
  const real = name === 'id' ? `{${path.split('/')[2]?.replace(/s$/, '')}}` : { type: 'huber', epoch: '1' }[name]
  const types = ['mse', 'crossEntropy', 'bce', 'cosineEmbedding', 'normal', 'xavierUniform', 'orthogonal', 'eye']
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(real ?? '1') },
    { weight: 3, arbitrary: name === 'type' ? fc.constantFrom(...types) : fc.constant(real ?? '1') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...oddTexts.map(encodeSafely), 'job_01', '%', '%zz', '..', '0', '-1', '1e3', '99999999999999999999'),
    },
  )
}

const encodeSafely = (text: string): string => encodeURIComponent(Buffer.from(text).toString())

/** What a parameter of a query may be given: what its schema allows, its borders, and anything. */
const queryValue = ({ name, schema = {} }: Parameter): fc.Arbitrary<string> => {
  const { minimum = 0, maximum = 1000, enum: choices = [] } = schema
  // Waiting is what `wait` is for, and no finding.
  const borders = name === 'wait' ? [0] : [minimum, minimum - 1, minimum + 1, maximum, maximum + 1, 0.5]
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...borders.map(String), ...choices.map(String)) },
    { weight: 1, arbitrary: fc.constantFrom(...(name === 'wait' ? ['x', '-1'] : oddTexts)).map(encodeSafely) },
  )
}

const querySuffixes = [
  '',
  '',
  '',
  '&x=1',
  '&__proto__[a]=1',
  '&limit=1&limit=2',
  '&metadata[a]=1',
  '&a[b][c]=1',
  '&%',
  '&=',
  '&limit',
  '#x',
]

const query = ({ parameters }: Operation): fc.Arbitrary<string> => {
  const known = parameters.filter((one) => one.in === 'query')
  if (known.length === 0) return fc.constantFrom('', '', '', '?x=1', '?')
  return fc
    .tuple(
      fc.subarray(known).chain((chosen) => fc.tuple(...chosen.map((one) => queryValue(one).map((value) => `${one.name}=${value}`)))),
      fc.constantFrom(...querySuffixes),
    )
    .map(([pairs, suffix]) => (pairs.length > 0 || suffix ? `?${pairs.join('&')}${suffix}` : ''))
}

const target = (operation: Operation): fc.Arbitrary<string> => {
  const { path } = operation
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  return fc.tuple(fc.tuple(...names.map((name) => pathValue({ path, name }))), query(operation)).map(([values, suffix]) => {
    let at = 0
    return path.replace(/\{\w+\}/g, () => values[at++] ?? '') + suffix
  })
}

const body = ({ bodies }: Operation): fc.Arbitrary<Uint8Array | null> => {
  if (bodies.length === 0) return fc.constantFrom(null, null, Buffer.from('{}'), Buffer.from('x'))
  const document = fc.tuple(
    fc.constantFrom(...bodies),
    fc.oneof({ weight: 3, arbitrary: edits }, { weight: 1, arbitrary: fc.constant([]) }),
  )
  const text = document.map(([good, list]) => Buffer.from(toText(edited(good, list))))
  return fc.oneof(
    { weight: 6, arbitrary: text },
    { weight: 1, arbitrary: fc.tuple(text, patches).map(([bytes, list]) => patched(bytes, list)) },
    { weight: 1, arbitrary: fc.constantFrom(...['', 'null', '[]', '"x"', '{', '{"__proto__":{}}'].map((bad) => Buffer.from(bad))) },
  )
}

const types = [
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=latin1',
  'text/csv',
  'text/plain',
  'application/xml',
  '*/*',
  '',
]

/** A request to one operation. */
const requestTo = (operation: Operation): fc.Arbitrary<FuzzCase> =>
  fc
    .record({
      target: target(operation),
      body: body(operation),
      type: fc.oneof({ weight: 20, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: fc.constantFrom(...types) }),
      headers: extraHeaders,
      delivery: deliveries,
    })
    .map(({ headers, type, ...rest }) => ({
      ...rest,
      mutator: `${operation.method} ${operation.path}`,
      method: operation.method,
      headers: rest.body ? [['content-type', type] as const, ...headers] : headers,
    }))

/** Any operation, those that take bodies more often. */
export const operationCases = (operations: readonly Operation[]): fc.Arbitrary<FuzzCase> =>
  fc.oneof(...operations.map((operation) => ({ weight: operation.bodies.length > 0 ? 6 : 1, arbitrary: requestTo(operation) })))
