import assert from 'node:assert/strict'
import { isAbsolute, join } from 'node:path'
import { describe, it } from 'node:test'
import { loadConfig } from '../../src/config.ts'
import { environmentSchema } from '../../src/environment.ts'

describe('the environment', () => {
  it('the environment may be empty: every variable has a default', () => {
    const config = loadConfig({})
    assert.deepEqual(
      { ...config, dataDir: undefined },
      {
        host: '127.0.0.1',
        port: 3000,
        dataDir: undefined,
        databaseUrl: undefined,
        redisUrl: undefined,
        apiKeys: [],
        operatorKeys: [],
        rateLimit: undefined,
        allowedHosts: [],
        corsOrigins: [],
        workers: 1,
        trainerWorkers: 1,
        jobMemory: undefined,
        maxRunningJobs: undefined,
        maxQueuedJobs: 100_000,
        retentionDays: undefined,
        trainingBackend: 'auto',
        logLevel: 'info',
        bodyLimit: 64 * 1024 * 1024,
        maxStoredBytes: undefined,
        importHosts: [],
        outbound: { allowHttp: false, allowPrivate: false },
        mlflow: undefined,
      },
    )
    assert.equal(config.dataDir, join(process.cwd(), '.trainyard'))
  })

  it('the environment is read, and left as it was', () => {
    const env = Object.freeze({
      PORT: '0',
      DATA_DIR: 'data',
      WORKERS: '4',
      TRAINING_BACKEND: 'wasm',
      API_KEYS: 'alice:a:b=,bob:c',
      HOST: '0.0.0.0',
      IMPORT_HOSTS: 'data.example, 10.0.0.5:8080',
      OUTBOUND_ALLOW_HTTP: 'true',
    })
    const config = loadConfig(env)
    assert.equal(config.port, 0)
    assert.equal(config.workers, 4)
    assert.equal(config.trainingBackend, 'wasm')
    assert.deepEqual(config.importHosts, ['data.example', '10.0.0.5:8080'])
    assert.deepEqual(config.outbound, { allowHttp: true, allowPrivate: false })
    assert.ok(isAbsolute(config.dataDir))
    assert.deepEqual(config.apiKeys, [
      { tenant: 'alice', secret: 'a:b=' },
      { tenant: 'bob', secret: 'c' },
    ])
  })

  it('the environment counts an empty variable as unset', () => {
    assert.equal(loadConfig({ PORT: '', DATABASE_URL: '', API_KEYS: '' }).port, 3000)
  })

  const bad: Record<string, [value: string, hint: RegExp]> = {
    HOST: ['not a host', /host name or an IP address/],
    PORT: ['70000', /0 to 65535/],
    DATABASE_URL: ['mysql://root:hunter2@db', /postgres:\/\//],
    REDIS_URL: ['http://:hunter2@cache', /redis:\/\//],
    API_KEYS: ['hunter2', /name:secret/],
    OPERATOR_KEYS: ['hunter2', /name:secret/],
    ALLOWED_HOSTS: ['https://trainyard.example', /without a scheme/],
    CORS_ORIGINS: ['https://app.example/', /without a path/],
    WORKERS: ['1.5', /whole number/],
    JOB_MEMORY_MIB: ['511', /from 512 on/],
    TRAINING_BACKEND: ['cuda', /tensorflow-gpu/],
    LOG_LEVEL: ['loud', /debug/],
    BODY_LIMIT_MIB: ['many', /MiB/],
    MAX_STORED_MIB: ['0', /from 1 on/],
    IMPORT_HOSTS: ['https://data.example', /host names separated by commas/],
    OUTBOUND_ALLOW_HTTP: ['yes', /true or false/],
    OUTBOUND_ALLOW_PRIVATE: ['on', /true or false/],
  }
  for (const [name, [value, hint]] of Object.entries(bad)) {
    it(`the environment refuses a bad ${name} with its name and what would be right`, () => {
      assert.throws(
        () => loadConfig({ [name]: value }),
        (error: Error) =>
          error.name === 'ConfigError' &&
          error.message.startsWith(`${name} `) &&
          hint.test(error.message) &&
          !error.message.includes('hunter2'),
      )
    })
  }

  it('the environment takes lists of hosts and of origins, and refuses what no address can hold', () => {
    const { allowedHosts, corsOrigins } = loadConfig({
      ALLOWED_HOSTS: 'trainyard.example, *.tunnel.example,10.0.0.5:8080,[fd00::1]',
      CORS_ORIGINS: 'https://app.example,http://localhost:5173',
    })
    assert.deepEqual(allowedHosts, ['trainyard.example', '*.tunnel.example', '10.0.0.5:8080', '[fd00::1]'])
    assert.deepEqual(corsOrigins, ['https://app.example', 'http://localhost:5173'])
    for (const [name, values] of Object.entries({
      ALLOWED_HOSTS: ['*', 'a.example/', 'a@b.example', 'a.example:70000', '300.1.1.1', 'a,,b'],
      CORS_ORIGINS: ['*', 'null', 'app.example', 'https://app.example/path', 'https://app.example:70000'],
    }))
      for (const value of values) assert.throws(() => loadConfig({ [name]: value }), new RegExp(`^ConfigError: ${name} `), value)
  })

  it('the environment names all bad variables at once', () => {
    assert.throws(() => loadConfig({ PORT: 'x', WORKERS: '0' }), /PORT is "x".*\n.*WORKERS is "0"/)
  })

  it('the environment accepts a HOST that others can reach only with API_KEYS', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'example.com', '127.example.com']) {
      assert.throws(() => loadConfig({ HOST }), /HOST is .*API_KEYS/)
      assert.equal(loadConfig({ HOST, API_KEYS: 'a:b' }).host, HOST)
    }
    for (const HOST of ['127.0.0.1', '127.1.2.3', '::1', 'localhost']) assert.equal(loadConfig({ HOST }).host, HOST)
  })

  it('the environment lets a process that does not listen have any HOST', () => {
    assert.equal(loadConfig({ HOST: '0.0.0.0' }, { listens: false }).host, '0.0.0.0')
  })

  it('the environment refuses one secret for two tenants, two operators, or one of each', () => {
    assert.throws(() => loadConfig({ API_KEYS: 'a:same,b:same' }), /API_KEYS/)
    assert.throws(() => loadConfig({ API_KEYS: 'a:one', OPERATOR_KEYS: 'b:same,c:same' }), /OPERATOR_KEYS/)
    assert.throws(() => loadConfig({ API_KEYS: 'a:same', OPERATOR_KEYS: 'a:same' }), /OPERATOR_KEYS/)
  })

  it('the environment accepts operators only where there are keys, and of a process that does not listen', () => {
    assert.throws(() => loadConfig({ OPERATOR_KEYS: 'a:b' }), /OPERATOR_KEYS.*API_KEYS/)
    assert.deepEqual(loadConfig({ API_KEYS: 'a:b', OPERATOR_KEYS: 'c:d' }).operatorKeys, [{ tenant: 'c', secret: 'd' }])
    assert.equal(loadConfig({ OPERATOR_KEYS: 'a:b' }, { listens: false }).operatorKeys.length, 1)
  })

  it('documents every variable', () => {
    for (const [name, property] of Object.entries(environmentSchema.properties)) {
      assert.ok('description' in property && property.description, name)
      assert.ok('expected' in property && property.expected, name)
    }
  })
})
