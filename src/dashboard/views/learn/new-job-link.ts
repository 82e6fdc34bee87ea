/** The address that opens what a step asks for as a new job. */
import { type Config, isObject, type Json, readConfig, withValue } from '../new-job/draft.ts'
import type { Step } from './chapters/chapter.ts'
import { withDataset } from './with-dataset.ts'

/** Characters of an address that any server and browser takes. */
const maxLength = 8000

/** Of a step with this JSON. Undefined if it trains nothing, needs a dataset that is not there yet, or is too long for an address. */
export const newJobLink = ({ kind }: Step, text: string, datasetId: string | undefined): string | undefined => {
  if (kind !== 'job' && kind !== 'sweep' && kind !== 'check') return undefined
  const read = readConfig(text)
  if ('problem' in read) return undefined
  const config = withDataset(kind === 'sweep' ? firstOf(read.config) : read.config, datasetId)
  const json = JSON.stringify(config)
  if (json.includes('"$DATASET"')) return undefined
  const link = `/new?config=${encodeURIComponent(json)}`
  return link.length > maxLength ? undefined : link
}

/** The first job of a sweep. */
const firstOf = ({ base = {}, grid = {} }: Config): Config => {
  const first = Array.isArray(grid) ? grid[0] : grid
  if (!isObject(base)) return {}
  if (!isObject(first)) return base
  return Object.entries(first).reduce((config, [path, values]) => {
    const value: Json | undefined = Array.isArray(values) ? values[0] : undefined
    return value === undefined ? config : withValue(config, pathOf(path), value)
  }, base)
}

const pathOf = (path: string): (string | number)[] => path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key))
