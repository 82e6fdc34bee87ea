/** Puts together what a worker needs to have trainers open. */
import { randomUUID } from 'node:crypto'
import { createEvaluatedDatasets } from '../../src/features/trainers/evaluated-dataset.repository.ts'
import { createTrainerHostRepository } from '../../src/features/trainers/trainer-host.repository.ts'
import type { Database } from '../../src/platform/db/database-client.ts'
import type { Child } from '../rpc/child-host.ts'
import type { TrainerMethods } from './protocol.ts'
import { createTrainerChildren } from './trainer-children.ts'
import { startTrainerHost, type TrainerHostOptions } from './trainer-host.ts'

type Parts = Pick<TrainerHostOptions, 'notifications' | 'chunks' | 'levels' | 'planOf' | 'log'> & {
  database: Database
  /** Processes at most, and what starts one. */
  slots: number
  start: () => Child<TrainerMethods>
}

export const createTrainerSide = ({ database, slots, start, ...parts }: Parts) => {
  const children = createTrainerChildren(slots, start)
  const trainers = createTrainerHostRepository(database, randomUUID())
  const { close } = startTrainerHost({ ...parts, trainers, children, evaluated: createEvaluatedDatasets(database) })
  return { close, pids: children.pids }
}
