/**
 * The environment, one schema: what each variable means, its default and what a right value looks like.
 * Only the entries call `loadConfig`; everything else is given what it needs as an argument.
 */
import { resolve } from 'node:path'
import { Ajv, type ErrorObject } from 'ajv'
import { type Static, Type } from 'typebox'

export const trainingBackends = ['auto', 'tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] as const
export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

/** A host name or an address, with a port or without. */
const hostName = '([A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(:\\d{1,5})?'

/** Names and their secrets. */
const keyList = {
  pattern: '^[A-Za-z0-9._-]+:[^,\\s]+(,[A-Za-z0-9._-]+:[^,\\s]+)*$',
  secret: true,
  expected: 'name:secret pairs separated by commas, such as alice:s3cret,bob:0ther (names of letters, digits, dot, dash and underscore)',
}

/**
 * `expected` completes the sentence "NAME must be ..."; a `secret` value is never repeated in a message.
 * An empty variable counts as unset.
 */
export const environmentSchema = Type.Object({
  HOST: Type.String({
    default: '127.0.0.1',
    pattern: '^[A-Za-z0-9._:%-]+$',
    description: 'Address that the API listens on. Without API_KEYS only a loopback address is accepted.',
    expected: 'a host name or an IP address, such as 127.0.0.1 or 0.0.0.0',
  }),
  PORT: Type.Integer({
    default: 3000,
    minimum: 0,
    maximum: 65535,
    description: 'Port that the API listens on; 0 takes any free port.',
    expected: 'a whole number from 0 to 65535 (0 takes any free port)',
  }),
  DATA_DIR: Type.String({
    default: '.trainyard',
    description: 'Folder of the embedded database and of caches.',
    expected: 'a path of a folder',
  }),
  DATABASE_URL: Type.Optional(
    Type.String({
      pattern: '^postgres(ql)?://',
      secret: true,
      description: 'PostgreSQL to use. Unset: an embedded PostgreSQL under DATA_DIR.',
      expected: 'a PostgreSQL URL, such as postgres://user:password@host:5432/database',
    }),
  ),
  REDIS_URL: Type.Optional(
    Type.String({
      pattern: '^rediss?://',
      secret: true,
      description: 'Redis or Valkey for the queue. Unset: the queue lives in the PostgreSQL database.',
      expected: 'a Redis URL, such as redis://host:6379',
    }),
  ),
  API_KEYS: Type.Optional(
    Type.String({
      ...keyList,
      description:
        'Who may call the API: name:secret pairs, separated by commas; the name is the tenant. Unset: open, on a loopback HOST only.',
    }),
  ),
  OPERATOR_KEYS: Type.Optional(
    Type.String({
      ...keyList,
      description:
        'Who may read /metrics, and nothing else: name:secret pairs, separated by commas. Needs API_KEYS. Unset: whoever has a key of API_KEYS.',
    }),
  ),
  ALLOWED_HOSTS: Type.Optional(
    Type.String({
      pattern: listOf(`(\\*\\.)?${hostName}`),
      description:
        "Names, besides this machine's own, under which the API may be asked: host, host:port or *.host, separated by commas. Unset: without API_KEYS loopback names only, with them any.",
      expected: 'host names separated by commas, without a scheme, such as trainyard.example,*.tunnel.example,10.0.0.5:8080',
    }),
  ),
  CORS_ORIGINS: Type.Optional(
    Type.String({
      pattern: listOf(`[A-Za-z][A-Za-z0-9+.-]*://${hostName}`),
      description: 'Origins whose pages may use the API from a browser, separated by commas. Unset: none but its own.',
      expected: 'origins separated by commas, each scheme://host or scheme://host:port without a path, such as https://app.example',
    }),
  ),
  WORKERS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description: 'Training processes of this worker.',
    expected: 'a whole number from 1 to 64',
  }),
  JOB_MEMORY_MIB: Type.Optional(
    Type.Integer({
      // A process that is loaded and warm holds nearly as much without a job.
      minimum: 512,
      maximum: 2 ** 24,
      description:
        'Resident memory that a training process may hold, in MiB: a job that goes over it fails with OUT_OF_MEMORY. Unset: not watched.',
      expected: 'a whole number of MiB from 512 on, which a process needs without a job',
    }),
  ),
  TRAINING_BACKEND: Type.Union(
    trainingBackends.map((backend) => Type.Literal(backend)),
    {
      default: 'auto',
      description: 'What executes the maths; auto takes the best that loads on this machine.',
      expected: `one of ${trainingBackends.join(', ')}`,
    },
  ),
  LOG_LEVEL: Type.Union(
    logLevels.map((level) => Type.Literal(level)),
    { default: 'info', description: 'Least severity that is logged, on standard error.', expected: `one of ${logLevels.join(', ')}` },
  ),
  BODY_LIMIT_MIB: Type.Integer({
    default: 64,
    minimum: 1,
    maximum: 4096,
    description: 'Largest JSON body of a request, in MiB; beyond it the answer is 413.',
    expected: 'a whole number of MiB from 1 to 4096',
  }),
  MAX_STORED_MIB: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 40,
      description: 'What the datasets of a tenant may come to, in MiB; beyond it the answer is 413. Unset: any.',
      expected: 'a whole number of MiB from 1 on',
    }),
  ),
})

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
  /** Who may see what concerns all tenants; the names are no tenants. Empty: every key of `apiKeys`. */
  operatorKeys: ApiKey[]
  /** Names besides loopback under which the API is asked. */
  allowedHosts: string[]
  /** Origins whose pages may use the API. */
  corsOrigins: string[]
  /** Training processes of a worker. */
  workers: number
  /** Resident bytes that a training process may hold; undefined: not watched. */
  jobMemory: number | undefined
  trainingBackend: (typeof trainingBackends)[number]
  logLevel: (typeof logLevels)[number]
  /** Largest JSON body, in bytes. */
  bodyLimit: number
  /** Bytes that the datasets of a tenant may come to; undefined: any. */
  maxStoredBytes: number | undefined
}

/** The environment is wrong; the message names every wrong variable and says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

const validate = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false, verbose: true }).compile(environmentSchema)

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
    allowedHosts: readList(values.ALLOWED_HOSTS),
    corsOrigins: readList(values.CORS_ORIGINS),
    workers: values.WORKERS,
    jobMemory: values.JOB_MEMORY_MIB === undefined ? undefined : values.JOB_MEMORY_MIB * 2 ** 20,
    trainingBackend: values.TRAINING_BACKEND,
    logLevel: values.LOG_LEVEL,
    bodyLimit: values.BODY_LIMIT_MIB * 1024 * 1024,
    maxStoredBytes: values.MAX_STORED_MIB === undefined ? undefined : values.MAX_STORED_MIB * 1024 * 1024,
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
const refuseUnreadableHosts = ({ allowedHosts, corsOrigins }: Config): void => {
  const host = allowedHosts.find((name) => !URL.canParse(`http://${name.replace(/^\*\./, '')}`))
  if (host) throw new ConfigError(`ALLOWED_HOSTS names "${host}", which is no host`)
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

function listOf(item: string): string {
  return `^\\s*${item}(\\s*,\\s*${item})*\\s*$`
}
