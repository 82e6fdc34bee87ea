/**
 * The environment, read by its schema in `environment.ts`.
 * Only the entries call `loadConfig`; everything else is given what it needs as an argument.
 */
import { resolve } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import type { Static } from 'typebox'
import { environmentSchema, type logLevels, type trainingBackends } from './environment.ts'
import { compiling } from './validation/compile-ahead.ts'

/** A caller of the API: whoever shows the secret acts as the tenant. */
export type ApiKey = { tenant: string; secret: string }

export type Config = {
  host: string
  /** 0 takes any free port. */
  port: number
  /** Absolute path. */
  dataDir: string
  /** Undefined: use the embedded PostgreSQL. */
  databaseUrl: string | undefined
  /** Undefined: the queue lives in PostgreSQL. */
  redisUrl: string | undefined
  /** Empty: the API is open, and listens on a loopback address. */
  apiKeys: ApiKey[]
  /** Who may do everything for every tenant; the names are no tenants. Empty: nobody, and any key reads /metrics. */
  operatorKeys: ApiKey[]
  /** Requests a minute of each key of a tenant; undefined: any number. */
  rateLimit: number | undefined
  /** Names besides loopback under which the API is asked. */
  allowedHosts: string[]
  /** Origins whose pages may use the API. */
  corsOrigins: string[]
  /** Training processes of a worker. */
  workers: number
  /** Processes of a worker that trainers are open in. */
  trainerWorkers: number
  /** Resident bytes that a training process may hold; undefined: not watched. */
  jobMemory: number | undefined
  /** Jobs of a tenant that are trained at a time; undefined: any number. */
  maxRunningJobs: number | undefined
  /** Jobs of a tenant that may be queued at a time. */
  maxQueuedJobs: number
  /** Days that a job is kept after its end; undefined: for ever. */
  retentionDays: number | undefined
  trainingBackend: (typeof trainingBackends)[number]
  logLevel: (typeof logLevels)[number]
  /** Largest JSON body, in bytes. */
  bodyLimit: number
  /** Bytes that the datasets of a tenant may come to; undefined: any. */
  maxStoredBytes: number | undefined
  /** Hosts, with a port or without, that tables are imported from. Empty: no imports. */
  importHosts: string[]
  /** What requests of the service to addresses that clients name may use. */
  outbound: { allowHttp: boolean; allowPrivate: boolean }
  /** The MLflow server that is told of jobs; undefined: none. */
  mlflow:
    | { uri: string; experiment: string; username: string | undefined; password: string | undefined; token: string | undefined }
    | undefined
}

/** The environment is wrong; the message names every wrong variable and says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const validate = new Ajv({ ...compiling, allErrors: true, coerceTypes: true, useDefaults: true, strict: false, verbose: true }).compile(
  environmentSchema,
)

/**
 * Reads the environment; pure, the argument stays as it is. Relative folders are resolved against the current one.
 * `listens: false` is for a process without the HTTP entry point, to which the rule about HOST doesn't apply.
 * @throws ConfigError naming every variable with a bad value
 */
export const loadConfig = (env: Readonly<Record<string, string | undefined>>, { listens = true } = {}): Config => {
  const given: Record<string, unknown> = {}
  for (const name of Object.keys(environmentSchema.properties)) if (env[name]) given[name] = env[name]
  if (!validate(given)) throw new ConfigError(describe(validate.errors ?? [], env))
  const values = given as Static<typeof environmentSchema>

  const config: Config = {
    host: values.HOST,
    port: values.PORT,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    redisUrl: values.REDIS_URL,
    apiKeys: parseKeys('API_KEYS', values.API_KEYS),
    operatorKeys: parseKeys('OPERATOR_KEYS', values.OPERATOR_KEYS),
    rateLimit: values.RATE_LIMIT,
    allowedHosts: readList(values.ALLOWED_HOSTS),
    corsOrigins: readList(values.CORS_ORIGINS),
    workers: values.WORKERS,
    trainerWorkers: values.TRAINER_WORKERS,
    jobMemory: values.JOB_MEMORY_MIB === undefined ? undefined : values.JOB_MEMORY_MIB * 2 ** 20,
    maxRunningJobs: values.MAX_RUNNING_JOBS,
    maxQueuedJobs: values.MAX_QUEUED_JOBS,
    retentionDays: values.RETENTION_DAYS,
    trainingBackend: values.TRAINING_BACKEND,
    logLevel: values.LOG_LEVEL,
    bodyLimit: values.BODY_LIMIT_MIB * 1024 * 1024,
    maxStoredBytes: values.MAX_STORED_MIB === undefined ? undefined : values.MAX_STORED_MIB * 1024 * 1024,
    importHosts: readList(values.IMPORT_HOSTS),
    outbound: { allowHttp: values.OUTBOUND_ALLOW_HTTP, allowPrivate: values.OUTBOUND_ALLOW_PRIVATE },
    mlflow: values.MLFLOW_TRACKING_URI
      ? {
          uri: values.MLFLOW_TRACKING_URI.replace(/\/+$/, ''),
          experiment: values.MLFLOW_EXPERIMENT_NAME,
          username: values.MLFLOW_TRACKING_USERNAME,
          password: values.MLFLOW_TRACKING_PASSWORD,
          token: values.MLFLOW_TRACKING_TOKEN,
        }
      : undefined,
  }
  refuseUnreadableHosts(config)
  refuseSharedSecrets(config)
  if (listens && config.apiKeys.length === 0 && !isLoopback(config.host))
    throw new ConfigError(
      `HOST is "${config.host}", which other machines can reach, while API_KEYS is unset: set API_KEYS to name:secret pairs, or HOST to 127.0.0.1`,
    )
  if (listens && config.apiKeys.length === 0 && config.operatorKeys.length > 0)
    throw new ConfigError('OPERATOR_KEYS is set while API_KEYS is unset, which opens everything: set API_KEYS to name:secret pairs too')
  return config
}

/** True for an address that only this machine can reach. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

const readList = (list: string | undefined): string[] => (list ? list.split(',').map((item) => item.trim()) : [])

/** What the patterns let through and no URL can hold, such as a port of 70000. */
const refuseUnreadableHosts = ({ allowedHosts, corsOrigins, importHosts }: Config): void => {
  const host = allowedHosts.find((name) => !URL.canParse(`http://${name.replace(/^\*\./, '')}`))
  if (host) throw new ConfigError(`ALLOWED_HOSTS names "${host}", which is no host`)
  const source = importHosts.find((name) => !URL.canParse(`https://${name}`))
  if (source) throw new ConfigError(`IMPORT_HOSTS names "${source}", which is no host`)
  const origin = corsOrigins.find((one) => !URL.canParse(one))
  if (origin) throw new ConfigError(`CORS_ORIGINS names "${origin}", which is no origin`)
}

/** Whoever shows a secret is one of a tenant and an operator. */
const refuseSharedSecrets = ({ apiKeys, operatorKeys }: Config): void => {
  const secrets = new Set(apiKeys.map((key) => key.secret))
  if (operatorKeys.some((key) => secrets.has(key.secret)))
    throw new ConfigError('OPERATOR_KEYS gives a secret of API_KEYS: each secret must belong to one name')
}

const parseKeys = (name: string, list: string | undefined): ApiKey[] => {
  if (!list) return []
  const keys = list.split(',').map((pair) => {
    const colon = pair.indexOf(':')
    return { tenant: pair.slice(0, colon), secret: pair.slice(colon + 1) }
  })
  if (new Set(keys.map((key) => key.secret)).size < keys.length)
    throw new ConfigError(`${name} gives the same secret twice: each secret must belong to one name`)
  return keys
}

const describe = (errors: ErrorObject[], env: Readonly<Record<string, string | undefined>>): string => {
  const names = new Set(errors.map((error) => error.instancePath.split('/')[1] ?? ''))
  return [...names]
    .map((name) => {
      const { expected, secret } = (environmentSchema.properties as Record<string, { expected?: string; secret?: boolean }>)[name] ?? {}
      return `${name} ${secret ? '' : `is "${env[name]}": it `}must be ${expected}`
    })
    .join('\n')
}
