/**
 * What the generator leaves out of the OpenAPI document: schemas in words that clients can be generated from, names for what
 * operations share, examples at every operation, and that a parameter with a default may be left out.
 */
import { components } from '../../api/components.ts'
import { metadataFilter } from '../../api/metadata.schema.ts'
import { nameOf, type Schema } from '../../api/published.ts'
import { uploadMaps } from '../../api/upload-options.schema.ts'
import { fileFormats } from '../../features/datasets/formats/all-formats.ts'
import { csv } from '../../features/datasets/formats/csv.ts'
import { asPublished, publishedSchema } from './published-schema.ts'
import { nameKeyword, shareParts } from './shared-parts.ts'

type Media = { schema?: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }
type Parameter = { in?: string; name?: string; required?: boolean; schema?: Schema; example?: unknown }
type Operation = {
  operationId?: string
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, Media> }
  responses?: Record<string, { headers?: Record<string, Record<string, unknown>>; content?: Record<string, Media> }>
}
export type OpenApiDocument = { openapi?: string; paths?: object; components?: object }

/** A copy of the document in which bodies, answers and parameters have their examples in the places that readers look at. */
export const completeDocument = (generated: object): OpenApiDocument => {
  // Through JSON, since the generator uses one object in several places.
  const document = JSON.parse(JSON.stringify(generated)) as { paths: Record<string, Record<string, Operation>>; components?: object }
  // The generator's own copies lack what stands beside a reference.
  const schemas: Record<string, Schema> = Object.fromEntries(components.map((schema) => [schema.$id, JSON.parse(JSON.stringify(schema))]))
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
  for (const operation of operations) {
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) addExamples(media, type, schemas)
    for (const response of Object.values(operation.responses ?? {}))
      for (const [type, media] of Object.entries(response.content ?? {})) addExamples(media, type, schemas)
    completeParameters(operation)
    addReplayHeader(operation)
  }
  const parts = shareParts(operations)
  const published = Object.entries(schemas).map(([name, schema]) => [name, publishedSchema(withoutName(schema), schemas)])
  return { ...document, components: { ...document.components, ...parts, schemas: Object.fromEntries(published) } }
}

/** Answers of what may be repeated with a key say whether they are given again. */
const addReplayHeader = ({ parameters = [], responses = {} }: Operation): void => {
  if (!parameters.some(({ name }) => name === 'idempotency-key')) return
  for (const [status, response] of Object.entries(responses))
    if (status.startsWith('2')) response.headers = { ...response.headers, ...replayHeader }
}

const replayHeader = {
  'Idempotent-Replayed': {
    description: 'There if this is the answer to an earlier request with the same `Idempotency-Key`.',
    schema: { type: 'string', enum: ['true'], [nameKeyword]: 'IdempotentReplayed' },
  },
}

/** A schema's own name and examples: the name is its key, the examples are at the operations. */
const withoutName = ({ $id: _id, examples: _examples, ...schema }: Schema): Schema => schema

const addExamples = (media: Media, type: string, schemas: Record<string, Schema>): void => {
  if (media.example !== undefined || media.examples) return
  Object.assign(media, files[type])
  if (media.example !== undefined) return
  const [first, ...more] = examplesOf(media.schema, schemas)
  if (first === undefined) return
  if (more.length === 0) media.example = first
  else media.examples = Object.fromEntries([first, ...more].map((value, at) => [`example${at + 1}`, { value }]))
}

const examplesOf = (schema: Schema | undefined, schemas: Record<string, Schema>): unknown[] => {
  const examples = (schema?.$ref ? schemas[nameOf(schema.$ref)] : schema)?.examples
  return Array.isArray(examples) ? examples : []
}

/** Operations whose lists are filtered by metadata, and what they list. */
const filteredByMetadata = new Map([
  ['listJobs', 'jobs'],
  ['listDatasets', 'datasets'],
  ['listAllEvents', 'jobs'],
])

/** Bodies that are files rather than JSON. */
const files: Record<string, Media> = {
  ...Object.fromEntries(
    fileFormats.map(({ mediaTypes: [type], example }) => [
      type,
      example === null ? { schema: { type: 'string', format: 'binary' }, example: '(bytes)' } : { schema: { type: 'string' }, example },
    ]),
  ),
  'multipart/form-data': {
    schema: { $ref: '#/components/schemas/DatasetForm' },
    example: { options: { features: ['x'], labels: ['y'] }, file: csv.example },
  },
}

const completeParameters = ({ operationId, parameters = [] }: Operation): void => {
  const filtered = filteredByMetadata.get(operationId ?? '')
  if (filtered) parameters.push(metadataFilter(filtered))
  if (operationId === 'createDataset') parameters.push(...uploadMaps)
  for (const parameter of parameters) completeParameter(parameter)
}

const completeParameter = (parameter: Parameter): void => {
  if (parameter.schema) parameter.schema = asPublished(parameter.schema)
  if (parameter.in === 'query' && parameter.schema && 'default' in parameter.schema) parameter.required = false
  const examples = parameter.schema?.examples
  const [example] = Array.isArray(examples) ? examples : []
  if (example !== undefined && parameter.example === undefined) parameter.example = example
}
