/** What MLflow is told of a job: parameters, tags and metrics, within its limits. Pure. */
import type { EpochRow } from '../../contracts/epoch-columns.ts'
import { epochColumnList } from '../../contracts/epoch-columns.ts'

export type Text = { key: string; value: string }
export type Metric = { key: string; value: number | string; timestamp: number; step: number }
/** An epoch out of JSON: a number that JSON lacks is the text that says it. */
export type WrittenEpoch = { [Column in keyof EpochRow]: EpochRow[Column] | string }

/** MLflow's limits: characters of keys and values. */
const longestKey = 250
const longestParameter = 6000
const longestTag = 5000
/** Of a job so many are told. */
const maxParameters = 1000
const maxMetadata = 90
const maxMetrics = 100

/** The tag by which a run is found again. */
export const jobTag = (jobId: string): Text => ({ key: 'trainyard.job_id', value: jobId })

/** A job's config, flat: `optimizer.learningRate`, `model.layers.0.units`; a list of plain values is one parameter. */
export const parametersOf = (config: object): Text[] => {
  const { metadata: _metadata, webhook: _webhook, ...told } = config as Record<string, unknown>
  return unique(flat(told, '').map(({ key, value }) => ({ key: keyOf(key), value: value.slice(0, longestParameter) }))).slice(
    0,
    maxParameters,
  )
}

export const tagsOf = ({ jobId, tenant, metadata }: { jobId: string; tenant: string; metadata: Record<string, unknown> }): Text[] => {
  const own = Object.entries(metadata).map(([key, value]) => ({ key: keyOf(`metadata.${key}`), value: tagText(value) }))
  return [
    jobTag(jobId),
    { key: 'trainyard.tenant', value: tagText(tenant) },
    { key: 'mlflow.user', value: tagText(tenant) },
    { key: 'mlflow.source.name', value: 'trainyard' },
    ...unique(own).slice(0, maxMetadata),
  ]
}

export const tagText = (value: unknown): string => String(value).slice(0, longestTag)

/** All that was measured in an epoch, at the time at which it ended. */
export const metricsOf = ({ epoch, metrics, ...row }: WrittenEpoch, timestamp: number): Metric[] => {
  const columns = epochColumnList.flatMap(([name]) => (name === 'metrics' ? [] : [[name, row[name]] as const]))
  const named = Object.entries(metrics as Record<string, number | string>).slice(0, maxMetrics)
  const measured = [...columns, ...named].filter(([, value]) => value !== null) as [string, number | string][]
  return uniqueBy(measured.map(([key, value]) => ({ key: keyOf(key), value, timestamp: Math.round(timestamp), step: epoch as number })))
}

/** Parts of a list. */
export const partsOf = <T>(list: readonly T[], length: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / length) }, (_, at) => list.slice(at * length, (at + 1) * length))

const flat = (value: unknown, key: string): Text[] => {
  if (value === null || value === undefined) return []
  if (typeof value !== 'object') return [{ key, value: String(value) }]
  if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return [{ key, value: JSON.stringify(value) }]
  return Object.entries(value).flatMap(([name, part]) => flat(part, key ? `${key}.${name}` : name))
}

/** Of letters, digits and what MLflow takes besides. */
const keyOf = (key: string): string => key.replaceAll(/[^A-Za-z0-9_. -]/g, '_').slice(0, longestKey)

const unique = (texts: readonly Text[]): Text[] => uniqueBy(texts)

const uniqueBy = <T extends { key: string }>(all: readonly T[]): T[] => [...new Map(all.map((one) => [one.key, one])).values()]
