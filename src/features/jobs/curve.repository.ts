/** How one number of a job went over its epochs, packed: a million points take twelve megabytes. */
import { epochColumnList } from '../../contracts/epoch-columns.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'
import type { EpochRange } from './results.repository.ts'

/** Points in order, without those that are missing. */
export type Curve = { epochs: Int32Array; values: Float64Array }

/** Epochs that are read at a time. */
const epochsPerPage = 50_000
const maxEpochs = 2 ** 31 - 1

/** Epochs and values as PostgreSQL sends them, big-endian; null if there are none. `last` is the last epoch of all. */
type CurvePage = { epochs: Buffer | null; values: Buffer | null; last: number | null }

/** Where the points come from: a table, its rows of the job, and what they say of an epoch. */
type Source = { table: Prisma.Sql; rows: Prisma.Sql; value: Prisma.Sql }

export const createCurveRepository = ({ direct }: Pick<Database, 'direct'>) => {
  /** Of the epochs of a range one column, or a metric by its name. */
  const ofEpochs = (jobId: string, metric: string, range: EpochRange = {}): Promise<Curve> =>
    readCurve({ table: Prisma.sql`"Epoch"`, rows: Prisma.sql`"jobId" = ${jobId}`, value: numberOf(metric) }, range)

  /** Norms of the gradient of one parameter, where they were recorded. */
  const ofGradient = (jobId: string, parameter: string): Promise<Curve> => {
    const rows = Prisma.sql`"jobId" = ${jobId} and kind = 'gradient' and parameter = ${parameter}`
    return readCurve({ table: Prisma.sql`"Tensor"`, rows, value: Prisma.sql`norm` }, {})
  }

  const readCurve = async ({ table, rows, value }: Source, { from = 1, to = maxEpochs }: EpochRange): Promise<Curve> => {
    const pages: { epochs: Buffer; values: Buffer }[] = []
    for (let next = from, end = to; next <= end; next += epochsPerPage) {
      // Rows that are in order already are not sorted again by the aggregates.
      const { text, values } = Prisma.sql`
        select string_agg(int4send(epoch), '') as epochs, string_agg(float8send(value), '') as values,
          (select max(epoch) from ${table} where ${rows} and epoch <= ${to}::int) as last
        from (select epoch, ${value} as value from ${table} where ${rows} and ${value} is not null
          and epoch between ${next}::int and ${Math.min(to, next + epochsPerPage - 1)}::int order by epoch) as page`
      const [page] = await direct<CurvePage>(text, values)
      if (page?.epochs && page.values) pages.push({ epochs: page.epochs, values: page.values })
      end = page?.last ?? 0
    }
    // In memory of their own, which starts where a number may.
    const epochs = Uint8Array.from(Buffer.concat(pages.map((page) => page.epochs)).swap32())
    const values = Uint8Array.from(Buffer.concat(pages.map((page) => page.values)).swap64())
    return { epochs: new Int32Array(epochs.buffer), values: new Float64Array(values.buffer) }
  }

  return { ofEpochs, ofGradient }
}

export type CurveRepository = ReturnType<typeof createCurveRepository>

const columns = new Map<string, Prisma.Sql>(epochColumnList.map(([name]) => [name, Prisma.raw(`"${name}"`)]))

/** The column of this name, or the metric: JSON has what is not finite by the name that PostgreSQL reads. */
const numberOf = (metric: string): Prisma.Sql => columns.get(metric) ?? Prisma.sql`(metrics->>${metric})::float8`
