/** What a request wants while it is done: the datasets that it evaluates, as its trainer takes them, and their rows. */

import type { Plan } from '../../src/contracts/plan.ts'
import type { EvaluatedDataset } from '../../src/contracts/trainer.ts'
import type { ChunkRepository } from '../../src/features/datasets/chunk.repository.ts'
import { syntheticErrors } from '../../src/features/datasets/generators/spec-errors.ts'
import type { LevelRepository } from '../../src/features/datasets/level.repository.ts'
import { syntheticDataset } from '../../src/features/datasets/synthetic.ts'
import type { ClaimedDataset } from '../../src/features/jobs/lease.ts'
import { categoryPairs, recode } from '../../src/features/jobs/plan/recoding.ts'
import { unknownLevelErrors } from '../../src/features/jobs/plan/unknown-levels.ts'
import type { EvaluatedDatasets, TrainerSubject } from '../../src/features/trainers/evaluated-dataset.repository.ts'
import { type EvaluationPlan, planEvaluation } from '../../src/features/trainers/evaluation-plan.ts'
import { inTrainersWords } from '../../src/features/trainers/trainer-words.ts'
import type { Recode } from '../dataset/recoded.ts'
import type { SentTable, TrainerGiven, TrainerWants } from './protocol.ts'

export type EvaluationParts = {
  evaluated: EvaluatedDatasets
  chunks: Pick<ChunkRepository, 'stream'>
  levels: Pick<LevelRepository, 'read'>
  planOf: (subject: Pick<TrainerSubject, 'config' | 'dataset' | 'rowCounts'>) => Promise<Plan>
}

const path = '/dataset/id'

/** What one request of a trainer is given, step by step. */
export const createGiver = ({ evaluated, chunks, levels, planOf }: EvaluationParts, trainerId: string) => {
  let rows: AsyncGenerator<Uint8Array> | undefined

  const tablesOf = async (wanted: readonly EvaluatedDataset[]): Promise<SentTable[]> => {
    const subject = await evaluated.subject(trainerId)
    if (!subject) throw new Error(`trainer ${trainerId} is gone`)
    const plan = await planOf(subject)
    const tables: SentTable[] = []
    for (const dataset of wanted) tables.push(await tableOf({ ...subject, plan }, dataset))
    return tables
  }

  const tableOf = async (subject: TrainerSubject & { plan: Plan }, choice: EvaluatedDataset): Promise<SentTable> => {
    const found = await findTable(choice)
    if ('errors' in found) return found
    const { table } = found
    const trained = subject.isGiven ? null : subject.dataset
    const planned = await planEvaluation({ plan: subject.plan, trained }, choice, table)
    if ('errors' in planned) return planned
    if (table.kind === 'synthetic') return { plan: planned.value, source: { kind: 'synthetic', spec: table.spec } }
    const coded = trained ? await recodesOf(subject.plan, { trained, table, plan: planned.value }) : { recodes: [] }
    if ('errors' in coded) return coded
    return { plan: planned.value, source: { kind: 'upload', datasetId: table.id, width: table.columns.length, ...coded } }
  }

  const findTable = async (choice: EvaluatedDataset): Promise<{ table: ClaimedDataset } | Extract<SentTable, { errors: unknown }>> => {
    if ('synthetic' in choice) {
      const errors = syntheticErrors(choice.synthetic)
      if (errors.length > 0) return { errors: errors.map((error) => ({ ...error, path: `/dataset/synthetic${error.path}` })) }
      const { columns, rows, inputShape } = syntheticDataset('given', '', choice.synthetic)
      return { table: { id: 'given', kind: 'synthetic', spec: choice.synthetic, columns, rows, inputShape } }
    }
    const table = await evaluated.find(trainerId, choice.id)
    return table ? { table } : { errors: [{ path, code: 'not_found', message: 'there is no such dataset', value: choice.id }] }
  }

  /** Its categories by the codes that the trainer knows. */
  const recodesOf = async (
    plan: Plan,
    { trained, table, plan: validation }: { trained: ClaimedDataset; table: ClaimedDataset; plan: EvaluationPlan },
  ): Promise<{ recodes: Recode[] } | Extract<SentTable, { errors: unknown }>> => {
    const second = { ...plan, data: { ...plan.data, validation } }
    const errors = await unknownLevelErrors(second, [trained, table], levels.read, path)
    if (errors.length > 0) return { errors: errors.map(inTrainersWords) }
    const recodes = categoryPairs(second, trained).map(async (pair) => {
      const [known, own] = await Promise.all([levels.read(trained.id, pair.trained), levels.read(table.id, pair.second)])
      return { column: pair.second, codes: Float32Array.from(recode(own, known)) }
    })
    return { recodes: await Promise.all(recodes) }
  }

  const give = async (wants: TrainerWants): Promise<TrainerGiven> => {
    if ('tables' in wants) return { tables: await tablesOf(wants.tables) }
    if (wants.isFirst || !rows) rows = chunks.stream(wants.rowsOf)
    const { value, done } = await rows.next()
    return { rows: done ? null : value }
  }

  return give
}
