/** The datasets that evaluations of a request name: the worker says what they are, and gives their rows while they are evaluated. */
import { trainerLimits } from '../../src/api/trainer-limits.ts'
import type { TrainerOperation } from '../../src/api/trainer-operations.schema.ts'
import { type EvaluatedTable, type EvaluatedTables, namedDatasets } from '../engine/trainer/evaluated-tables.ts'
import type { SentTable, TrainerGiven, TrainerWants } from './protocol.ts'
import { type Prepared, tableSlices } from './table-slices.ts'

type Parts = Prepared & { want: (wants: TrainerWants) => Promise<TrainerGiven> }

const { evaluatedDatasets: most } = trainerLimits
const tooMany = { path: '/dataset', code: 'too_large', message: `the evaluations of a request name at most ${most} datasets` }

/** `isRead`: whether rows of one were asked for, which is after all operations were found right. */
export const readTables = async (
  operations: readonly TrainerOperation[],
  { want, ...prepared }: Parts,
): Promise<{ byName: EvaluatedTables; isRead: () => boolean }> => {
  const named = namedDatasets(operations)
  const given = named.length > 0 ? await want({ tables: named.slice(0, most).map(({ dataset }) => dataset) }) : { tables: [] }
  const sent = 'tables' in given ? given.tables : []
  let isRead = false

  const rowsOf = async (datasetId: string, isFirst: boolean): Promise<Uint8Array | null> => {
    const told = await want({ rowsOf: datasetId, isFirst })
    return 'rows' in told ? told.rows : null
  }
  const tableOf = (table: SentTable | undefined, path: string): EvaluatedTable => {
    if (!table || 'errors' in table) return { errors: table?.errors ?? [tooMany], cells: 0, slices: () => [] }
    const { plan, source } = table
    const slices = (size: number) => {
      isRead = true
      return tableSlices(prepared, { plan, source, path, rowsOf }, size)
    }
    return { errors: [], cells: plan.rows * widthOf(table), slices }
  }

  const entries = named.flatMap(({ namedBy, path }, at) => {
    const table = tableOf(sent[at], path)
    return namedBy.map((name) => [name, table] as const)
  })
  return { byName: new Map(entries), isRead: () => isRead }
}

const widthOf = ({ plan, source }: Extract<SentTable, { plan: unknown }>): number =>
  source.kind === 'upload' ? source.width : plan.featureColumns.flat().length + plan.labelColumns.length
