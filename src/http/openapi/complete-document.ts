/** What the generator leaves out of the OpenAPI document: examples at every operation, and that a parameter with a default may be left out. */

import { fileFormats } from '../../features/datasets/formats/all-formats.ts'
import { csv } from '../../features/datasets/formats/csv.ts'

type Media = { schema?: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }
type Schema = { $ref?: string; examples?: unknown[]; example?: unknown; [key: string]: unknown }
type Parameter = { in?: string; required?: boolean; schema?: Schema; example?: unknown }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, Media> }
  responses?: Record<string, { content?: Record<string, Media> }>
}
export type OpenApiDocument = { openapi?: string; paths?: object; components?: object }

/** A copy of the document in which bodies, answers and parameters have their examples where readers look for them. */
export const completeDocument = (generated: object): OpenApiDocument => {
  // Through JSON, since the generator uses one object in several places.
  const document = JSON.parse(JSON.stringify(generated)) as {
    paths: Record<string, Record<string, Operation>>
    components?: { schemas?: Record<string, Schema> }
  }
  const schemas = document.components?.schemas ?? {}
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) addExamples(media, type, schemas)
    for (const response of Object.values(operation.responses ?? {}))
      for (const [type, media] of Object.entries(response.content ?? {})) addExamples(media, type, schemas)
    for (const parameter of operation.parameters ?? []) completeParameter(parameter)
  }
  return document
}

const addExamples = (media: Media, type: string, schemas: Record<string, Schema>): void => {
  Object.assign(media, files[type])
  if (media.example !== undefined || media.examples) return
  const [first, ...more] = examplesOf(media.schema, schemas)
  if (first === undefined) return
  if (more.length === 0) media.example = first
  else media.examples = Object.fromEntries([first, ...more].map((value, at) => [`example${at + 1}`, { value }]))
}

const examplesOf = (schema: Schema | undefined, schemas: Record<string, Schema>): unknown[] => {
  const name = schema?.$ref?.split('/').at(-1)
  return (name ? schemas[name] : schema)?.examples ?? []
}

/** Bodies that are files rather than JSON. */
const files: Record<string, Media> = {
  ...Object.fromEntries(fileFormats.map(({ mediaTypes: [type], example }) => [type, { schema: { type: 'string' }, example }])),
  'multipart/form-data': {
    schema: {
      type: 'object',
      properties: { options: { $ref: '#/components/schemas/FormOptions' }, file: { type: 'string', format: 'binary' } },
      required: ['file'],
    },
    example: { options: { features: ['x'], labels: ['y'] }, file: csv.example },
  },
}

const completeParameter = (parameter: Parameter): void => {
  if (parameter.in === 'query' && parameter.schema && 'default' in parameter.schema) parameter.required = false
  const [example] = parameter.schema?.examples ?? []
  if (example !== undefined && parameter.example === undefined) parameter.example = example
}
