import type { JobConfig } from '../src/api/job-config.schema.ts'
import type { Plan } from '../src/contracts/plan.ts'
import { planStored } from '../src/features/jobs/job.plan.ts'
import type { ClaimedDataset } from '../src/features/jobs/lease.ts'

type Planned = Parameters<typeof planStored>[1]

/** A job as it is stored; its second dataset may be left out where nothing is trained. */
type StoredJob = { config: unknown; dataset: ClaimedDataset; validationDataset?: ClaimedDataset | null }

/** The plan of a stored job, which was found right before it was queued. @throws Error naming what does not fit */
export const planOf = ({ config, dataset, validationDataset }: StoredJob): Plan =>
  planStored(config as JobConfig, dataset as Planned, (validationDataset ?? undefined) as Planned | undefined)
