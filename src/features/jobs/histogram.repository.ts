/** Recorded values of one parameter as histograms need them: some epochs of many, and their bytes in slices. */
import { Prisma } from '../../generated/prisma/client.ts'
import type { Database } from '../../platform/db/database-client.ts'

export type TensorKind = 'weight' | 'gradient'

/** One parameter of a job by its place among the others. */
export type ParameterPlace = { kind: TensorKind; position: number }

/** What is recorded of a kind: in which epochs, and of which parameters by their places. */
export type Recorded = { first: number; last: number; parameters: { name: string; position: number; shape: number[] }[] }

export type RecordedEpoch = { epoch: number; kept: boolean; values: Uint8Array | null }

/** Bytes of a tensor that is read together with its row. */
const smallBytes = 16 * 1024

export const createHistogramRepository = ({ direct }: Pick<Database, 'direct'>) => {
  const run = <Row extends object>({ text, values }: Prisma.Sql): Promise<Row[]> => direct<Row>(text, values)

  /** Null if nothing is. */
  const recorded = async (jobId: string, kind: TensorKind): Promise<Recorded | null> => {
    const rows = Prisma.sql`"Tensor" where "jobId" = ${jobId} and kind = ${kind}`
    const [range] = await run<{ first: number | null; last: number | null }>(
      Prisma.sql`select min(epoch) as first, max(epoch) as last from ${rows}`,
    )
    if (range?.first == null || range.last == null) return null
    const parameters = await run<Recorded['parameters'][number]>(
      Prisma.sql`select parameter as name, position, shape from ${rows} and epoch = ${range.first}::int order by position`,
    )
    return { first: range.first, last: range.last, parameters }
  }

  /** For each of the wanted epochs, in order, itself or the next one that has a row; `kept` says whether that has values, which come along if they are few. */
  const atOrAfter = (jobId: string, { kind, position }: ParameterPlace, epochs: readonly number[]): Promise<RecordedEpoch[]> =>
    run(Prisma.sql`
      select distinct on (epoch) found.* from unnest(${epochs}::int[]) as wanted(first), lateral (
        select epoch, "values" is not null or "blobId" is not null as kept,
          case when octet_length("values") <= ${smallBytes}::int then "values" end as values
        from "Tensor"
        where "jobId" = ${jobId} and kind = ${kind} and position = ${position}::int and epoch >= wanted.first
        order by epoch limit 1
      ) as found order by epoch`)

  /** Some bytes of the values of an epoch, packed little-endian float32; null if the job is gone. */
  const slice = async (
    jobId: string,
    { kind, position, epoch }: ParameterPlace & { epoch: number },
    { at, length }: { at: number; length: number },
  ): Promise<Uint8Array | null> => {
    const [row] = await run<{ bytes: Uint8Array | null }>(Prisma.sql`
      select tensor_slice("Tensor", ${at}::bigint, ${length}::int) as bytes from "Tensor"
      where "jobId" = ${jobId} and kind = ${kind} and epoch = ${epoch}::int and position = ${position}::int`)
    return row?.bytes ?? null
  }

  return { recorded, atOrAfter, slice }
}

export type HistogramRepository = ReturnType<typeof createHistogramRepository>
