/** What the generator leaves out of the OpenAPI document: examples at every operation, taken from the schemas' own. */

type Media = { schema?: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }
type Schema = { $ref?: string; examples?: unknown[]; example?: unknown; [key: string]: unknown }
type Parameter = { schema?: Schema; example?: unknown }
type Operation = {
  parameters?: Parameter[]
  requestBody?: { content?: Record<string, Media> }
  responses?: Record<string, { content?: Record<string, Media> }>
}
export type OpenApiDocument = { openapi?: string; paths?: object; components?: object }

/** A copy of the document in which bodies, answers and parameters have their examples where readers look for them. */
export const completeDocument = (generated: object): OpenApiDocument => {
  const document = structuredClone(generated) as {
    paths: Record<string, Record<string, Operation>>
    components?: { schemas?: Record<string, Schema> }
  }
  const schemas = document.components?.schemas ?? {}
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) addExamples(media, type, schemas)
    for (const response of Object.values(operation.responses ?? {}))
      for (const [type, media] of Object.entries(response.content ?? {})) addExamples(media, type, schemas)
    for (const parameter of operation.parameters ?? []) addParameterExample(parameter)
  }
  return document
}

const addExamples = (media: Media, type: string, schemas: Record<string, Schema>): void => {
  if (media.example !== undefined || media.examples) return
  const [first, ...more] = fileExamples[type] ?? examplesOf(media.schema, schemas)
  if (first === undefined) return
  if (fileExamples[type]) media.schema = { type: 'string', ...(type === 'text/csv' ? {} : { format: 'binary' }) }
  if (more.length === 0) media.example = first
  else media.examples = Object.fromEntries([first, ...more].map((value, at) => [`example${at + 1}`, { value }]))
}

const examplesOf = (schema: Schema | undefined, schemas: Record<string, Schema>): unknown[] => {
  const name = schema?.$ref?.split('/').at(-1)
  return (name ? schemas[name] : schema)?.examples ?? []
}

/** Bodies that are files rather than JSON. */
const fileExamples: Record<string, unknown[]> = {
  'text/csv': ['x,y\n1,2\n2,4\n3,6\n'],
  'multipart/form-data': [
    '--boundary\r\nContent-Disposition: form-data; name="file"; filename="table.csv"\r\nContent-Type: text/csv\r\n\r\nx,y\n1,2\n\r\n--boundary--\r\n',
  ],
}

const addParameterExample = (parameter: Parameter): void => {
  const [example] = parameter.schema?.examples ?? []
  if (example !== undefined && parameter.example === undefined) parameter.example = example
}
