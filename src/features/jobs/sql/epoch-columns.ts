/** The columns of "Epoch" as the statements name them, from the one list of them. */
import { type EpochColumnKind, type EpochColumnName, epochColumnList, epochColumns } from '../../../contracts/epoch-columns.ts'
import { Prisma, type Epoch as StoredEpoch } from '../../../generated/prisma/client.ts'

type StoredName = Exclude<keyof StoredEpoch, 'jobId' | 'epoch'>

/** The names of both lists, or of none if one has a name that the other has not. */
type Same<Names, Others> = [Names, Others] extends [Others, Names] ? Names : never

/** Does not compile unless prisma/schema.prisma has just the columns of the list. */
const names: Same<EpochColumnName, StoredName>[] = epochColumnList.map(([name]) => name)

const types: Record<EpochColumnKind, string> = { number: 'float8', finite: 'float8', optional: 'float8', named: 'jsonb' }

const quoted = names.map((name) => `"${name}"`)

/** All columns but the job's id, in order. */
export const epochNames: Prisma.Sql = Prisma.raw(['epoch', ...quoted].join(', '))

/** The same with their types, for records out of JSON. */
export const epochRecord: Prisma.Sql = Prisma.raw(
  ['epoch int', ...names.map((name) => `"${name}" ${types[epochColumns[name].kind]}`)].join(', '),
)
