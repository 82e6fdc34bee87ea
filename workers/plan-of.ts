import type { Plan } from '../src/contracts/plan.ts'
import type { Claim } from '../src/features/jobs/lease.ts'
import { planStored } from '../src/features/jobs/plan/make-plan.ts'

/** A job as it is stored; its second dataset may be left out if nothing is trained. */
type StoredJob = Pick<Claim, 'config' | 'dataset'> & Partial<Pick<Claim, 'validationDataset'>>

/** The plan of a stored job, which was found right before it was queued. @throws Error naming what does not fit */
export const planOf = ({ config, dataset, validationDataset }: StoredJob): Plan =>
  planStored(config, dataset, validationDataset ?? undefined)
