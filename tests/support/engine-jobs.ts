/** Jobs for engines without a service around them: a request and rows in, reports of epochs out. */

import { createApiChecks } from '../../src/api/checks.ts'
import type { StoredColumn } from '../../src/api/column.schema.ts'
import { type JobConfig, JobConfigSchema } from '../../src/api/job-config.schema.ts'
import type { Engine, EngineState, EpochReport, TrainingData } from '../../src/contracts/engine.ts'
import type { Plan } from '../../src/contracts/plan.ts'
import { makePlan } from '../../src/features/jobs/plan/make-plan.ts'
import { createMaterializer } from '../../workers/dataset/materialize.ts'

/** A table as `POST /v1/datasets` takes it. */
export type Table = { features: number[][]; labels: number[][]; inputShape?: number[] }

const check = createApiChecks()(JobConfigSchema)

/** A config with every default filled in. @throws Error listing what the schema refuses */
export const configOf = (request: object): JobConfig => {
  const config = structuredClone({ dataset: { id: 'ds_1' }, ...request }) as JobConfig
  const errors = check(config)
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return config
}

/** The columns that an upload of such a table has, statistics left out. */
export const columnsOf = ({ features, labels }: Table): StoredColumn[] => [
  ...(features[0] ?? []).map((_, at) => ({ name: `x${at}`, role: 'feature' as const })),
  ...(labels[0] ?? []).map((_, at) => ({ name: `y${at}`, role: 'label' as const })),
]

/** The plan of a request, and the table as an engine takes it. @throws Error listing what does not fit */
export const planJob = (request: object, table: Table): { plan: Plan; data: TrainingData } => {
  const made = makePlan(configOf(request), { rows: table.features.length, columns: columnsOf(table), inputShape: table.inputShape ?? [] })
  if ('errors' in made) throw new Error(JSON.stringify(made.errors))
  const materializer = createMaterializer(made.value, columnsOf(table).length)
  materializer.add(Float32Array.from(table.features.flatMap((row, at) => [...row, ...(table.labels[at] ?? [])])))
  return { plan: made.value, data: materializer.finish() }
}

/** Trains to the end in chunks of so many steps, from a checkpoint where one is given. */
export const trainAll = async (
  engine: Engine,
  { plan, data }: { plan: Plan; data: TrainingData },
  { chunk = 1000, state, epochs = Number.POSITIVE_INFINITY }: { chunk?: number; state?: EngineState; epochs?: number } = {},
): Promise<EpochReport[]> => {
  const run = await engine.open(plan, data, state)
  const reports: EpochReport[] = []
  try {
    while (reports.length < epochs) {
      while (!(await run.run(chunk)).epochEnded);
      const report = await run.evaluate()
      reports.push(report)
      if (report.finished) break
    }
    return reports
  } finally {
    await run.close()
  }
}

/** A report without what differs from run to run. */
export const withoutSeconds = ({ seconds: _, ...rest }: EpochReport): Omit<EpochReport, 'seconds'> => rest
