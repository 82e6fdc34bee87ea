import type pg from 'pg'

export type Table = { name: string; columns: string[] }

/** The tables with a schema of ours, each behind those that it refers to; neither the ledger of migrations nor what triggers make of other tables. */
export const listTables = async (client: pg.Client): Promise<Table[]> => {
  const { rows: tables } = await client.query<Table>(`
    select relname as name, array_agg(attname::text order by attnum) as columns
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped and attgenerated = ''
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '_prisma_migrations'
      and obj_description(pg_class.oid, 'pg_class') is distinct from 'derived'
    group by pg_class.oid, relname order by relname`)
  const { rows: references } = await client.query<{ child: string; parent: string }>(`
    select child.relname as child, parent.relname as parent
    from pg_constraint join pg_class child on child.oid = conrelid join pg_class parent on parent.oid = confrelid
    where contype = 'f' and child.relnamespace = 'public'::regnamespace and conrelid <> confrelid`)
  return parentsFirst(tables, references)
}

/** What the sequences gave last; those that gave nothing are as new. */
export const listSequences = async (client: pg.Client): Promise<{ name: string; value: string }[]> => {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select sequencename as name, last_value::text as value from pg_sequences where schemaname = 'public' and last_value is not null order by 1`,
  )
  return rows
}

/** The beginning of a statement that reads or writes all of a table. */
export const copyStatement = ({ name, columns }: Table): string => `COPY public."${name}" (${columns.map((one) => `"${one}"`).join(', ')})`

const parentsFirst = (tables: Table[], references: { child: string; parent: string }[]): Table[] => {
  const sorted: Table[] = []
  while (sorted.length < tables.length) {
    const done = new Set(sorted.map(({ name }) => name))
    const isReady = ({ name }: Table) => references.every(({ child, parent }) => child !== name || done.has(parent))
    const ready = tables.filter((table) => !done.has(table.name) && isReady(table))
    if (ready.length === 0) throw new Error('tables refer to each other in a circle')
    sorted.push(...ready)
  }
  return sorted
}
