import type { Plan } from '../src/contracts/plan.ts'
import type { LevelRepository } from '../src/features/datasets/level.repository.ts'
import type { Claim } from '../src/features/jobs/lease.ts'
import { planStored } from '../src/features/jobs/plan/make-plan.ts'
import { columnsFilledByLevel } from '../src/features/jobs/plan/missing.ts'

/** A job as it is stored; what only training needs may be left out. */
type StoredJob = Pick<Claim, 'config' | 'dataset'> & Partial<Pick<Claim, 'validationDataset' | 'rowCounts'>>

/** The plan of a stored job, which was found right before it was queued. @throws Error naming what does not fit */
export const planOf = ({ config, dataset, validationDataset, rowCounts }: StoredJob): Plan =>
  planStored(config, dataset, validationDataset ?? undefined, rowCounts ?? undefined)

/** The plan of a job that is to be trained, with the levels that fill its missing cells. */
export const createTrainingPlans =
  (levels: Pick<LevelRepository, 'read'>) =>
  async (claim: StoredJob): Promise<Plan> => {
    const { config, dataset } = claim
    const filled = columnsFilledByLevel(config, dataset)
    if (filled.length === 0) return planOf(claim)
    const read = filled.map(async ({ name, position }) => [name, await levels.read(dataset.id, position)] as const)
    return planOf({ ...claim, dataset: { ...dataset, levels: new Map(await Promise.all(read)) } })
  }
