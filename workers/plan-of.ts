import type { JobConfig } from '../src/contracts/job-config.ts'
import type { Plan } from '../src/contracts/plan.ts'
import { makePlan } from '../src/features/jobs/job.plan.ts'
import type { ClaimedDataset } from '../src/features/jobs/lease.ts'

/** The plan of a stored job, which was found right before it was queued. @throws Error naming what does not fit */
export const planOf = ({ config, dataset }: { config: unknown; dataset: ClaimedDataset }): Plan => {
  const made = makePlan(config as JobConfig, dataset as Parameters<typeof makePlan>[1])
  if ('plan' in made) return made.plan
  throw new Error(`a stored job cannot be planned: ${made.faults.map(({ path, message }) => `${path} ${message}`).join('; ')}`)
}
