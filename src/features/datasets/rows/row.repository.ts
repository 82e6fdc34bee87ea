/** Rows of stored datasets: what is known of their columns, their cells at any positions, and the texts that codes stand for. */
import type { ColumnRole, ColumnType } from '../../../api/column.schema.ts'
import type { SyntheticSpec } from '../../../catalog/generators.ts'
import type { Database } from '../../../platform/db/database-client.ts'
import { rowsPerChunk } from '../table/packing.ts'

/** A column of more than plain numbers, by its position; of a wide one exact values are kept beside. */
export type RichColumn = { at: number; type: ColumnType; wide: boolean }

/** A dataset as far as its rows go. Names and roles in stored order; all columns that are not rich hold numbers. */
export type RowLayout = {
  id: string
  spec: SyntheticSpec | null
  rows: number
  names: string[]
  roles: (ColumnRole | null)[]
  rich: RichColumn[]
}

/** A text that a cell stands for. */
export type Level = { column: number; code: number; value: string }

export const createRowRepository = ({ prisma }: Pick<Database, 'prisma'>) => {
  const findLayout = async (tenant: string, id: string): Promise<RowLayout | null> => {
    const [row] = await prisma.$queryRaw<RowLayout[]>`
      select id, spec, rows, listed.* from "Dataset" cross join lateral (
        select jsonb_agg(entry->'name' order by place) as names, jsonb_agg(entry->'role' order by place) as roles,
          coalesce(jsonb_agg(jsonb_build_object('at', place - 1, 'type', entry->'type', 'wide', entry ? 'wide') order by place)
            filter (where entry->>'type' not in ('number', 'integer') or entry ? 'wide'), '[]') as rich
        from jsonb_array_elements(columns) with ordinality as listed(entry, place)
      ) as listed
      where id = ${id} and tenant = ${tenant} and "deletedAt" is null and ("expiresAt" is null or "expiresAt" > now())`
    return row ?? null
  }

  /** The rows at these positions, in this order: `width` values of so many bytes each, flat. */
  const readBytes = async (id: string, kind: 'values' | 'wide', rowBytes: number, perChunk: number, positions: readonly number[]) => {
    const [found] = await prisma.$queryRaw<{ bytes: Uint8Array | null }[]>`
      select string_agg(substring(coalesce(chunk.bytes, shared.bytes) from wanted.at for ${rowBytes}::int), '' order by wanted.place) as bytes
      from unnest(${positions.map((row) => Math.floor(row / perChunk))}::int[], ${positions.map((row) => rowBytes * (row % perChunk) + 1)}::int[])
        with ordinality as wanted(index, at, place)
      join "DatasetChunk" chunk on chunk."datasetId" = ${id} and chunk.kind = ${kind} and chunk.index = wanted.index
      left join "Chunk" shared using (hash)`
    return Uint8Array.from(found?.bytes ?? []).buffer
  }

  /** Cells of all `width` columns of these rows. */
  const readValues = async (id: string, width: number, positions: readonly number[]): Promise<Float32Array> =>
    new Float32Array(await readBytes(id, 'values', 4 * width, rowsPerChunk(width), positions))

  /** Exact values of the wide columns of these rows, in the order of the columns. */
  const readWide = async (id: string, width: number, positions: readonly number[]): Promise<Float64Array> =>
    new Float64Array(await readBytes(id, 'wide', 8 * width, rowsPerChunk(2 * width), positions))

  /** The texts of these codes, each as a column and one of its codes; every slice of levels is read once. */
  const readLevels = (id: string, columns: readonly number[], codes: readonly number[]): Promise<Level[]> =>
    prisma.$queryRaw<Level[]>`
      with wanted as (
        select "column", code from unnest(${columns}::int[], ${codes}::int[]) as wanted("column", code)
      ), slice as (
        select "column", index, first, lead(first) over (partition by "column" order by index) as next
        from "DatasetLevels" where "datasetId" = ${id} and "column" in (select "column" from wanted)
      ), needed as (
        select distinct slice."column", slice.index from slice join wanted
          on wanted."column" = slice."column" and wanted.code >= slice.first and (slice.next is null or wanted.code < slice.next)
      )
      select levels."column", wanted.code, level.value from needed
      join "DatasetLevels" levels on levels."datasetId" = ${id} and levels."column" = needed."column" and levels.index = needed.index
      cross join lateral unnest(levels.values) with ordinality as level(value, at)
      join wanted on wanted."column" = levels."column" and wanted.code = levels.first + level.at - 1`

  return { findLayout, readValues, readWide, readLevels }
}

export type RowRepository = ReturnType<typeof createRowRepository>
