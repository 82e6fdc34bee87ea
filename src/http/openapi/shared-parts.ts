/** Answers, headers and parameters that several operations have, held once under a name. */

/** What a route calls a part of its own that others have too: the name that the document holds it under. */
export const nameKeyword = 'x-component'

type Part = { [nameKeyword]?: string; [field: string]: unknown }
type Response = { headers?: Record<string, Part>; content?: Record<string, Part> }
type Operation = { parameters?: Part[]; responses?: Record<string, Response> }
type SharedParts = Record<'parameters' | 'responses' | 'headers', Record<string, object>>

/** Puts references in the place of the parts that have names; gives the parts. @throws Error if two parts share a name */
export const shareParts = (operations: readonly Operation[]): SharedParts => {
  const parts: SharedParts = { parameters: {}, responses: {}, headers: {} }

  const share = (kind: keyof SharedParts, name: string | undefined, part: object): object => {
    if (name === undefined) return part
    const known = parts[kind][name]
    if (known && JSON.stringify(known) !== JSON.stringify(part)) throw new Error(`there are two different ${kind} named ${name}`)
    parts[kind][name] = part
    return { $ref: `#/components/${kind}/${name}` }
  }
  /** The generator keeps a name in the schema of a parameter or header, and in the content of an answer. */
  const shareBySchema = (kind: 'parameters' | 'headers', { schema, ...part }: Part): object => {
    const { [nameKeyword]: name, ...unnamed } = schema as Part
    return share(kind, name, { ...part, schema: unnamed })
  }
  const shareResponse = ({ headers, content, ...response }: Response): object => {
    const [name] = Object.values(content ?? {}).map((media) => media[nameKeyword])
    return share('responses', name, {
      ...response,
      ...(headers ? { headers: mapValues(headers, (header) => shareBySchema('headers', header)) } : {}),
      ...(content ? { content: mapValues(content, ({ [nameKeyword]: _name, ...media }) => media) } : {}),
    })
  }

  for (const operation of operations) {
    const { parameters, responses } = operation
    if (parameters) Object.assign(operation, { parameters: parameters.map((parameter) => shareBySchema('parameters', parameter)) })
    if (responses) Object.assign(operation, { responses: mapValues(responses, shareResponse) })
  }
  return parts
}

const mapValues = <Value, Result>(record: Record<string, Value>, map: (value: Value) => Result): Record<string, Result> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
