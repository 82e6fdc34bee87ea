/** What a new job starts from: a job, a dataset, an example or a config, as the address says. */
import { get } from '../../api/client.ts'
import type { Dataset, Job } from '../../api/types.ts'
import { examples } from './contract.ts'
import { type Config, type Json, readConfig } from './draft.ts'

/** The config to begin with. @throws ApiError if there is no such job or dataset */
export const loadStart = async (search: URLSearchParams, signal: AbortSignal): Promise<Config> => {
  const [job, dataset, example] = [search.get('job'), search.get('dataset'), search.get('example')]
  const config = search.get('config')
  if (config) return configOf(config)
  if (job) return copyOf((await get<Job>(`/jobs/${encodeURIComponent(job)}`, { signal })).config)
  if (dataset) return oneLine(await get<Dataset>(`/datasets/${encodeURIComponent(dataset)}`, { signal }), search.getAll('label'))
  return (examples.find(({ name }) => name === example) ?? examples.find(({ name }) => name === firstExample) ?? examples[0])?.config ?? {}
}

/** Any config of the API as plain JSON; what the service chose is as good as given from now on. */
export const copyOf = (config: object): Config => {
  const read = readConfig(JSON.stringify(config))
  if ('problem' in read) throw new TypeError(read.problem)
  const { auto: _, ...rest } = read.config
  return rest
}

const firstExample = 'linear-regression-concise'

/** A job of one line. Unless the upload or the address says what the labels are, the last column is taken: most tables end with it. */
const oneLine = ({ id, columns }: Dataset, labels: string[]): Config => {
  if (labels.length === 0 && columns.some(({ role }) => role === 'label')) return { dataset: { id } }
  const last = columns.findLast(({ type, role }) => type !== 'text' && role === null)?.name
  const chosen: Json[] = labels.length > 0 ? labels : last === undefined ? [] : [last]
  return { dataset: { id, labels: chosen } }
}

/** A config that a link carries, as those of the chapters do. @throws SyntaxError */
const configOf = (text: string): Config => {
  const read = readConfig(text)
  if ('problem' in read) throw new SyntaxError(`The address has no config: ${read.problem}`)
  return read.config
}
