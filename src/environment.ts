/** The environment as one schema: what each variable means, its default and what a right value looks like. It is read in `config.ts`. */
import { Type } from 'typebox'

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
        'Who reads /metrics, and may do everything for every tenant, named with X-Tenant: name:secret pairs, separated by commas. Needs API_KEYS. Unset: any key reads /metrics.',
    }),
  ),
  RATE_LIMIT: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'Requests a minute of each key of a tenant, unless the key says it; beyond it the answer is 429. Unset: not limited.',
      expected: 'a whole number of requests a minute from 1 to 100000',
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
  TRAINER_WORKERS: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 64,
    description:
      'Small processes of this worker, besides WORKERS, that have trainers open; started with the first trainer. 0: none; where no worker has any, trainers are refused.',
    expected: 'a whole number from 0 to 64',
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
  MAX_RUNNING_JOBS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 20,
      description: 'Jobs of a tenant that workers train at a time; further ones wait. Unset: any number.',
      expected: 'a whole number from 1 on',
    }),
  ),
  MAX_QUEUED_JOBS: Type.Integer({
    default: 100_000,
    minimum: 1,
    maximum: 2 ** 30,
    description: 'Jobs of a tenant that may be queued at a time; beyond it the answer is 429.',
    expected: 'a whole number from 1 on',
  }),
  RETENTION_DAYS: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 36_500,
      description:
        'Days after its end that a job is kept, with all that it left; then it is deleted unless a model stands for it. As long a closed trainer is kept. Unset: for ever.',
      expected: 'a whole number of days from 1 on',
    }),
  ),
  MAX_STORED_MIB: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 2 ** 40,
      description:
        'What the datasets of a tenant, and its predictions for datasets, may come to, in MiB; beyond it the answer is 413. Unset: any.',
      expected: 'a whole number of MiB from 1 on',
    }),
  ),
  IMPORT_HOSTS: Type.Optional(
    Type.String({
      pattern: listOf(hostName),
      description:
        'Hosts that tables may be imported from by URL: host, which is any port of it, or host:port, separated by commas, each exactly as it stands in the URL. Unset: no imports.',
      expected: 'host names separated by commas, without a scheme or a wildcard, such as data.example,files.example:8443',
    }),
  ),
  OUTBOUND_ALLOW_HTTP: Type.Boolean({
    default: false,
    description: 'Whether imports and webhooks may use plain http besides https.',
    expected: 'true or false',
  }),
  OUTBOUND_ALLOW_PRIVATE: Type.Boolean({
    default: false,
    description: 'Whether imports and webhooks may go to loopback and private addresses besides public ones.',
    expected: 'true or false',
  }),
  MLFLOW_TRACKING_URI: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s@?#]+$',
      secret: true,
      description: 'MLflow server in which each job becomes a run. Unset: none.',
      expected:
        'an http or https URL of an MLflow server, such as http://mlflow:5000, without name and password: those are MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
    }),
  ),
  MLFLOW_EXPERIMENT_NAME: Type.String({
    default: 'trainyard',
    minLength: 1,
    maxLength: 256,
    description: 'Experiment of that server that the runs belong to; made if there is none.',
    expected: 'a name of at most 256 characters',
  }),
  MLFLOW_TRACKING_USERNAME: Type.Optional(
    Type.String({ description: 'Name that is shown to the MLflow server.', expected: 'a name without a colon', pattern: '^[^:\\s]+$' }),
  ),
  MLFLOW_TRACKING_PASSWORD: Type.Optional(
    Type.String({ secret: true, description: 'Password that belongs to the name.', expected: 'a password' }),
  ),
  MLFLOW_TRACKING_TOKEN: Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]+$',
      secret: true,
      description: 'Token that is shown to the MLflow server in place of name and password.',
      expected: 'a token of visible ASCII characters',
    }),
  ),
})

function listOf(item: string): string {
  return `^\\s*${item}(\\s*,\\s*${item})*\\s*$`
}
