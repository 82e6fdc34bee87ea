/** What an evaluation of a trainer needs that names a dataset: the trainer as it was made, and that dataset, of the same tenant. */
import type { JobConfig } from '../../api/job-config.schema.ts'
import type { RowCounts } from '../../contracts/plan.ts'
import type { GivenShapes } from '../../contracts/trainer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import { decodeConfig, decodeDataset } from '../jobs/claim-encoding.ts'
import type { ClaimedDataset } from '../jobs/lease.ts'
import { givenDataset } from './given-dataset.ts'

/** A trainer as it was made. */
export type TrainerSubject = {
  config: JobConfig
  dataset: ClaimedDataset
  /** Whether it has no dataset: the client sends all examples. */
  isGiven: boolean
  rowCounts: RowCounts | null
}

/** Columns of a trainer's row that say so, joined with "Dataset" as dataset. */
export type SubjectRow = { config: unknown; dataset: unknown; given: GivenShapes | null; rowCounts: RowCounts | null }

export const createEvaluatedDatasets = ({ prisma }: Pick<Database, 'prisma'>) => {
  /** Null if the trainer is gone. */
  const subject = async (trainerId: string): Promise<TrainerSubject | null> => {
    const [row] = await prisma.$queryRaw<SubjectRow[]>`
      select config, given, "rowCounts", ${describedDataset} as dataset
      from "Trainer" trainer left join "Dataset" dataset on dataset.id = trainer."datasetId" where trainer.id = ${trainerId}`
    return row ? toSubject(row) : null
  }

  /** Null if the trainer's tenant has no such dataset, or none any more. */
  const find = async (trainerId: string, datasetId: string): Promise<ClaimedDataset | null> => {
    const [row] = await prisma.$queryRaw<{ dataset: unknown }[]>`
      select ${describedDataset} as dataset from "Dataset" dataset
      where dataset.id = ${datasetId} and tenant = (select tenant from "Trainer" where id = ${trainerId})
        and "deletedAt" is null and ("expiresAt" is null or "expiresAt" > now())`
    return row ? decodeDataset(row.dataset) : null
  }

  return { subject, find }
}

export type EvaluatedDatasets = ReturnType<typeof createEvaluatedDatasets>

export const toSubject = ({ config, dataset, given, rowCounts }: SubjectRow): TrainerSubject => ({
  config: decodeConfig(config),
  dataset: given ? givenDataset(given) : decodeDataset(dataset),
  isGiven: given !== null,
  rowCounts,
})

/** A dataset as planning reads it; null if there is none. */
export const describedDataset = Prisma.sql`case when dataset.id is not null then jsonb_build_object('id', dataset.id, 'kind', dataset.kind,
  'spec', dataset.spec, 'columns', dataset.columns, 'rows', dataset.rows, 'inputShape', coalesce(dataset."inputShape", '{}')) end`
