/** /llms.txt: the API in one page for programs that read, made of the OpenAPI document, so that no route is missing or told wrongly. */
import { problemCatalog } from '../../contracts/error-codes.ts'
import type { OpenApiDocument } from './complete-document.ts'

type Parameter = { $ref?: string; in?: string; name?: string; required?: boolean }
type Operation = { tags?: string[]; summary?: string; parameters?: Parameter[]; requestBody?: { content?: Record<string, unknown> } }
type Parts = {
  info: { description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
  components?: { parameters?: Record<string, Parameter> }
}

/** What an installation takes: bytes of bodies, and requests of an address in a minute. */
export type PublishedLimits = { bodyLimit: number; fileLimit: number; requestsPerMinute: number }

/** The page as Markdown, after the convention of llmstxt.org. `server`: where the service was asked. */
export const programGuide = (document: OpenApiDocument, server: string, limits: PublishedLimits): string => {
  const { info, tags, paths, components } = document as OpenApiDocument & Parts
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ tag: operation.tags?.[0], line: lineOf(method, path, operation, components) })),
  )
  const sections = tags.map(({ name, description }) => {
    const lines = operations.filter(({ tag }) => tag === name).map(({ line }) => line)
    return [`### ${name}: ${description}`, '', ...lines].join('\n')
  })
  const parts = [
    `# Trainyard\n\n> ${info.description}`,
    howTo(server),
    ['## Operations', ...sections].join('\n\n'),
    `## Limits\n\n${limitLines(limits).join('\n')}`,
    `## Errors\n\n${errorLines.join('\n')}`,
    `## More\n\n${more(server).join('\n')}`,
  ]
  return `${parts.join('\n\n')}\n`
}

const howTo = (
  server: string,
): string => `The service is at ${server}. Bodies and answers are JSON, lists have their entries in \`data\`. If the service has keys, send one as
\`Authorization: Bearer KEY\`.

## Train, wait, read

\`\`\`sh
curl -s ${server}/v1/jobs -H 'content-type: application/json' -d '${exampleJob}'
curl -s '${server}/v1/jobs/JOB?wait=60&waitFor=end'
curl -s ${server}/v1/jobs/JOB/epochs
\`\`\`

The first answers 202 with the job; \`JOB\` is its \`id\`. The second answers when the job has ended, or after 60 seconds: ask again until \`status\` is
\`succeeded\`, \`failed\` or \`cancelled\`. The third has the loss of each epoch; \`/v1/jobs/JOB/weights\` has what was learned. All that a config may name is at
\`/v1/catalog\`. An \`Idempotency-Key\` header makes a POST safe to repeat.

## Predict

\`\`\`sh
curl -s ${server}/v1/jobs/JOB/predictions -H 'content-type: application/json' -d '${exampleRows}'
curl -s ${server}/v1/jobs/JOB/predictions -H 'content-type: application/json' -d '${exampleDataset}'
curl -s '${server}/v1/predictions/PREDICTION?wait=60'
curl -s ${server}/v1/predictions/PREDICTION/rows
\`\`\`

The first answers at once, with a prediction for each row. The second predicts for all rows of a dataset, a stored one as \`{"dataset":{"id":"DATASET"}}\`, and answers 202;
\`PREDICTION\` is its \`id\`. The third is asked again until \`status\` is \`succeeded\` or \`failed\`; it has \`metrics\` if the dataset has labels. The fourth has an object a
line: \`{"row":0,"prediction":[4.2]}\`.`

/** A job of one line; what it leaves out has defaults. */
const exampleJob = JSON.stringify({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000 } },
  training: { epochs: 3 },
})

const exampleRows = JSON.stringify({ rows: [{ x1: 1, x2: 2 }] })

/** Other rows of the same kind. */
const exampleDataset = JSON.stringify({
  dataset: { synthetic: { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, seed: 2 } },
})

/** `- GET /v1/jobs/{id}: Get a job. Query: wait, waitFor` */
const lineOf = (
  method: string,
  path: string,
  { summary, parameters = [], requestBody }: Operation,
  components: Parts['components'],
): string => {
  const all = parameters.map((parameter) => components?.parameters?.[nameOf(parameter)] ?? parameter)
  const query = all.flatMap((one) => (one.in === 'query' && one.name ? [`${one.name}${one.required ? ' (required)' : ''}`] : []))
  const bodies = Object.keys(requestBody?.content ?? {})
  const said = [
    `${summary}.`,
    ...(query.length > 0 ? [`Query: ${query.join(', ')}.`] : []),
    ...(bodies.length > 0 ? [`Body: ${bodies.join(', ')}.`] : []),
  ]
  return `- \`${method.toUpperCase()} ${path}\`: ${said.join(' ')}`
}

const nameOf = ({ $ref = '' }: Parameter): string => $ref.slice($ref.lastIndexOf('/') + 1)

const limitLines = ({ bodyLimit, fileLimit, requestsPerMinute }: PublishedLimits): string[] => [
  `- JSON bodies of at most ${bodyLimit} bytes; files of at most ${fileLimit} bytes, larger ones in parts with \`/v1/uploads\`.`,
  `- ${requestsPerMinute} requests a minute from one address; \`RateLimit-Remaining\` says how many are left.`,
  '- A request waits for at most 60 seconds (`wait`); lists are pages that `nextCursor` goes on from.',
]

const errorLines = [
  'Errors are `application/problem+json`: `code` is for programs, `detail` for people, and `errors` names each wrong field by `path`, all at once.',
  'With `Retry-After`, send the same again after so many seconds.',
  '',
  ...Object.entries(problemCatalog).map(([code, { status, title }]) => `- ${status} \`${code}\`: ${title}.`),
]

const more = (server: string): string[] => [
  `- [OpenAPI](${server}/openapi.json): every schema, default, range and example`,
  `- [Reference](${server}/docs): the same for people`,
  `- [Catalog](${server}/v1/catalog): layers, losses, optimizers, metrics and datasets with their options`,
]
