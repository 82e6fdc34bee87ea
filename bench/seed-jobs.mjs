#!/usr/bin/env node
/**
 * Fills a database with a history: jobs that ended, each with its dataset, metadata, events and an epoch, and jobs that wait.
 *
 *   node bench/seed-jobs.mjs DATABASE_URL [--jobs 1000000] [--tenants 20 | --tenants default,other] [--queued 0]
 *
 * The database must be migrated, and its role a superuser's, as that of the embedded one is.
 */
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'

/** Jobs of one statement, and connections that store them. */
const atOnce = 50_000
const connections = 2
/** Over how long the jobs were made, until now. */
const days = 90

const spec = { kind: 'linear', weights: [2, -3.4], bias: 4.2, examples: 1000, noiseStd: 0.01, seed: 1 }
const columns = ['x1', 'x2', 'y'].map((name) => ({ name, role: name === 'y' ? 'label' : 'feature', type: 'number' }))
const config = {
  dataset: { synthetic: spec },
  model: {
    layers: [
      {
        ...{ type: 'dense', units: 1, activation: 'linear', bias: true },
        ...{ weightInitializer: { type: 'normal', mean: 0, std: 0.01 }, biasInitializer: { type: 'zeros' } },
      },
    ],
  },
  loss: { type: 'mse', reduction: 'mean' },
  optimizer: { type: 'sgd', learningRate: 0.03, momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 },
  training: { epochs: 3, batchSize: 10, shuffle: true, dropLast: false, validationSplit: 0, seed: 42 },
  metrics: [],
  record: { gradients: 'full', weights: 'last' },
  metadata: {},
  priority: 0,
  device: 'any',
}
const result = { loss: 0.0001026, epochs: 3, seconds: 0.0098, estimationError: { weights: [0.0001, -0.0002], bias: 0.0003 } }

/**
 * Stores `jobs` ended jobs of these tenants (names, or how many to invent), and `queued` ones of the first tenant that wait. Every second tenant has
 * only jobs of the older half of the time. Of a hundred jobs ninety have succeeded, seven failed and three were cancelled; all have
 * metadata: a number of their own, and one of ten owners. Gives seconds, and the names of the tenants.
 * @param {{ databaseUrl: string, jobs: number, tenants?: number | string[], queued?: number }} options
 */
export const seedJobs = async ({ databaseUrl, jobs, tenants = 20, queued = 0 }) => {
  const names = typeof tenants === 'number' ? Array.from({ length: tenants }, (_, at) => `tenant-${at + 1}`) : tenants
  const start = performance.now()
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: databaseUrl }))
  await Promise.all(clients.map((client) => client.connect()))
  const [client] = clients
  try {
    // Triggers and the checks of references would do row by row what the statements below do at once.
    for (const one of clients)
      await one.query(
        "set session_replication_role = replica; set synchronous_commit = off; set work_mem = '128MB'; set maintenance_work_mem = '256MB'; set jit = off",
      )
    const rebuild = await dropIndexes(client)
    const now = Date.now()
    const parts = [
      ...partsOf(jobs).map((part) => ({ ...part, names, jobs, now, waits: false })),
      ...partsOf(queued).map((part) => ({ ...part, names: names.slice(0, 1), jobs: queued, now, waits: true })),
    ]
    await Promise.all(
      clients.map(async (one) => {
        for (let part = parts.shift(); part; part = parts.shift()) await store(one, part)
      }),
    )
    await Promise.all(clients.map(async (one) => rebuildIndexes(one, rebuild)))
    const statuses = ['queued', 'succeeded', 'failed', 'cancelled']
    await client.query(`
      insert into "Tenant" as tenant (name, ${statuses.join(', ')})
      select tenant, ${statuses.map((status) => `count(*) filter (where status = '${status}')`).join(', ')} from "JobIndex" group by tenant
      on conflict (name) do update set ${statuses.map((status) => `${status} = excluded.${status}`).join(', ')}`)
    await client.query('vacuum analyze')
  } finally {
    await Promise.all(clients.map((one) => one.end()))
  }
  return { seconds: (performance.now() - start) / 1000, tenants: names }
}

/** Numbers of jobs from 1 to `count`, by the statement that stores them. */
const partsOf = (count) =>
  Array.from({ length: Math.ceil(count / atOnce) }, (_, at) => ({ from: at * atOnce + 1, to: Math.min((at + 1) * atOnce, count) }))

/** Tables with indexes that cost more row by row than built at the end. */
const indexed = ['Dataset', 'Job', 'JobIndex', 'JobMetadata', 'JobMetric', 'Event', 'Epoch']

/** Drops all indexes but those of keys, and the key of the metadata, whose order is not that of the jobs. Gives how to build them again. */
const dropIndexes = async (client) => {
  const { rows } = await client.query(
    `select format('%I', class.relname) as name, pg_get_indexdef(class.oid) as index, format('%I', own.relname) as table, pg_get_constraintdef(key.oid) as key
     from pg_index join pg_class class on class.oid = indexrelid join pg_class own on own.oid = indrelid
       left join pg_constraint key on key.conindid = indexrelid
     where own.relname = any($1) and (key.oid is null or own.relname = 'JobMetadata')`,
    [indexed],
  )
  for (const { name, table, key } of rows) await client.query(key ? `alter table ${table} drop constraint ${name}` : `drop index ${name}`)
  return rows.map(({ name, index, table, key }) => (key ? `alter table ${table} add constraint ${name} ${key}` : index))
}

const rebuildIndexes = async (client, statements) => {
  for (let statement = statements.shift(); statement; statement = statements.shift()) await client.query(statement)
}

const ulidTime = (ms) =>
  Array.from({ length: 10 }, (_, at) => `substr('0123456789abcdefghjkmnpqrstvwxyz', ((${ms} >> ${5 * (9 - at)}) & 31)::int + 1, 1)`).join(
    ' || ',
  )

const store = async (client, { names, from, to, jobs, now, waits }) => {
  const spanMs = waits ? 60_000 : days * 86_400_000
  await client.query(
    `create temp table seeded as
     select n, ms, ulid, to_timestamp(ms / 1000.0) as at, 'job_' || ulid as id, 'ds_' || ulid as dataset, tenant, ${
       waits ? "'queued'" : "case when n % 100 < 90 then 'succeeded' when n % 100 < 97 then 'failed' else 'cancelled' end"
     } as status,
       jsonb_build_object('run', n, 'owner', 'owner ' || n % 10) as metadata
     from (select n, ms, ${ulidTime('ms')} || lpad(n::text, 16, '${waits ? 'q' : '0'}') as ulid, case
         -- The newer half belongs to every second tenant alone.
         when n * 2 > $4::bigint then ($1::text[])[1 + 2 * (n % ((cardinality($1::text[]) + 1) / 2))]
         else ($1::text[])[1 + n % cardinality($1::text[])] end as tenant
       from (select n, $5::bigint - ($4::bigint - n) * $6::bigint / $4::bigint as ms from generate_series($2::bigint, $3::bigint) as n) as timed) as named`,
    [names, from, to, jobs, now, spanMs],
  )
  await client.query(
    `insert into "Dataset" (id, tenant, kind, spec, columns, rows, "contentHash", implicit, "createdAt", "inputShape")
     select dataset, tenant, 'synthetic', $1::jsonb, $2::jsonb, 1000, ulid, true, at, '{}' from seeded`,
    [JSON.stringify(spec), JSON.stringify(columns)],
  )
  await client.query(
    `insert into "Job" (id, tenant, status, config, "datasetId", metadata, epoch, epochs, fraction, "latestLoss", result, seconds, "lastSeq", revision, "createdAt",
       "queuedAt", "startedAt", "finishedAt")
     select id, tenant, status, $1::jsonb || jsonb_build_object('metadata', metadata), dataset, metadata, epochs, 3, epochs / 3.0, loss,
       case when status = 'succeeded' then $2::jsonb end, 0.01 * epochs, case epochs when 0 then 1 else 3 end, epochs, at, at, started, started
     from (select *, case status when 'queued' then 0 else 3 end as epochs, case status when 'queued' then null else 0.0001 end as loss,
       case status when 'queued' then null else at end as started from seeded) as rows`,
    [JSON.stringify(config), JSON.stringify(result)],
  )
  await client.query(
    `insert into "JobIndex" (id, tenant, status, device, rank, "queuedAt") select id, tenant, status, 'any', 0, at from seeded`,
  )
  await client.query(
    `insert into "JobMetadata" (tenant, term, "jobId")
     select tenant, metadata_term('owner', metadata->'owner'), id from seeded union all select tenant, metadata_term('run', metadata->'run'), id from seeded`,
  )
  await client.query(`insert into "Event" ("jobId", seq, type, at, tenant) select id, 1, 'queued', at, tenant from seeded`)
  if (!waits) {
    await client.query(
      `insert into "Event" ("jobId", seq, type, at, tenant)
       select id, 2, 'started', at, tenant from seeded union all select id, 3, status, at, tenant from seeded`,
    )
    await client.query(
      `insert into "Epoch" ("jobId", epoch, loss, "batchLoss", "learningRate", "gradientNorm", seconds) select id, 3, 0.0001, 0.0001, 0.03, 0.02, 0.003 from seeded`,
    )
    await client.query(
      `insert into "JobMetric" ("jobId", metric, tenant, best, worst, last)
       select id, metric, tenant, 0.0001, 0.0001, 0.0001 from seeded cross join unnest(array['loss', 'batchLoss']) as metric`,
    )
  }
  await client.query('drop table seeded')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      jobs: { type: 'string', default: '1000000' },
      tenants: { type: 'string', default: '20' },
      queued: { type: 'string', default: '0' },
    },
  })
  const seeded = await seedJobs({
    databaseUrl: positionals[0] ?? '',
    jobs: Number(values.jobs),
    tenants: Number(values.tenants) || values.tenants.split(','),
    queued: Number(values.queued),
  })
  console.log(JSON.stringify(seeded))
}
