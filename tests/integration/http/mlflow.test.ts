/** Jobs as runs of a real MLflow server, also of one that is away for a while. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { openTestApi, type TestApi } from '../../support/api.ts'
import { assertNear } from '../../support/dataset-predictions.ts'
import { type MlflowServer, openMlflow, whyNoMlflow } from '../../support/mlflow.ts'
import { createTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { notebook } from '../../support/worker.ts'

type Pair = { key: string; value: unknown }
const asObject = (pairs: Pair[] = []) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]))

describe('runs in MLflow', { skip: await whyNoMlflow() }, () => {
  let server: MlflowServer
  let database: TestDatabase
  let api: TestApi
  /** A job that ended before anybody asked for MLflow. */
  let earlier: string
  const stored = () => ({ url: database.url, close: async () => {} })
  const open = () =>
    openTestApi({
      stored: stored(),
      mlflow: { uri: server.uri, experiment: 'ours', username: undefined, password: undefined, token: undefined },
    })
  before(async () => {
    server = await openMlflow()
    database = await createTestDatabase()
    const before = await openTestApi({ stored: stored() })
    before.bench.work()
    earlier = (await before.submit()).id
    await before.bench.ended(earlier)
    await before.close()
    api = await open()
  })
  after(async () => {
    await api?.close()
    await database?.close()
    await server?.close()
  })

  const runsOf = async (jobId: string) => {
    const { experiments = [] } = await server.ask('api/2.0/mlflow/experiments/search', { max_results: 100 })
    const filter = `tags.\`trainyard.job_id\` = '${jobId}'`
    const ids = experiments.map(({ experiment_id }: { experiment_id: string }) => experiment_id)
    return (await server.ask('api/2.0/mlflow/runs/search', { experiment_ids: ids, filter, max_results: 10 })).runs ?? []
  }
  const endedRun = async (jobId: string) => {
    for (let end = Date.now() + 120_000; ; await new Promise((done) => setTimeout(done, 250))) {
      const runs = await runsOf(jobId)
      if (runs.length > 0 && runs[0].info.status !== 'RUNNING') {
        assert.equal(runs.length, 1)
        return runs[0]
      }
      assert.ok(Date.now() < end, JSON.stringify(runs))
    }
  }
  const ended = async (id: string) => {
    await api.bench.ended(id)
    return (await api.get(`/v1/jobs/${id}`)).body
  }

  it('a job is a run: its config, each epoch, its end, and its model as one of ONNX', async () => {
    api.bench.work()
    const training = { epochs: 120, batchSize: 100, seed: 42, validationSplit: 0.2 }
    const { id } = await api.submit({ training, metrics: ['mae'], metadata: { name: 'the notebook', 'team/of': 7 } })
    const job = await ended(id)
    assert.equal(job.status, 'succeeded')
    const { info, data } = await endedRun(id)
    assert.deepEqual([info.status, info.run_name, Number(info.end_time)], ['FINISHED', 'the notebook', Date.parse(job.finishedAt)])
    assert.equal(Number(info.start_time), Date.parse(job.startedAt))
    const params = asObject(data.params)
    assert.equal(params['optimizer.learningRate'], '0.03')
    assert.equal(params['model.layers.0.units'], '1')
    assert.equal(params['dataset.synthetic.weights'], '[2,-3.4]')
    const tags = asObject(data.tags)
    assert.deepEqual(
      ['trainyard.job_id', 'metadata.team_of', 'trainyard.status', 'trainyard.model'].map((key) => tags[key]),
      [id, '7', 'succeeded', 'onnx'],
    )
    const epochs = (await api.get(`/v1/jobs/${id}/epochs`)).body.data
    for (const [key, read] of [
      ['loss', (epoch: { loss: number }) => epoch.loss],
      ['validationLoss', (epoch: { validationLoss: number }) => epoch.validationLoss],
      ['learningRate', (epoch: { learningRate: number }) => epoch.learningRate],
      ['mae', (epoch: { metrics: { mae: number } }) => epoch.metrics.mae],
    ] as const) {
      const { metrics = [] } = await server.ask(
        `api/2.0/mlflow/metrics/get-history?run_id=${info.run_id}&metric_key=${key}&max_results=1000`,
      )
      assert.deepEqual(
        metrics.map(({ step, value }: { step: number; value: number }) => [Number(step), value]),
        epochs.map((epoch: never) => [(epoch as { epoch: number }).epoch, read(epoch)]),
      )
    }
    const { files = [] } = await server.ask(`api/2.0/mlflow/artifacts/list?run_id=${info.run_id}&path=model`)
    assert.deepEqual(files.map(({ path }: { path: string }) => path).sort(), ['model/MLmodel', 'model/model.onnx'])
    const described = await server.ask(`get-artifact?run_uuid=${info.run_id}&path=model/MLmodel`)
    assert.deepEqual(Object.keys(described.flavors), ['onnx', 'python_function'])
    assert.equal(JSON.parse(String(tags['mlflow.log-model.history']))[0].artifact_path, 'model')
  })

  it('MLflow loads the model, which predicts what the service does, from whole numbers too', async (t) => {
    api.bench.work()
    const features = [
      [1, 2],
      [-3, 4],
    ]
    const images = features.map(([left = 0, right = 0]) => [[[left], [right]]])
    const { id: dataset } = (await api.post('/v1/datasets', { features, labels: [[1], [2]], inputShape: [1, 2, 1] })).body
    const layers = [{ type: 'flatten' }, { type: 'dense', units: 1 }]
    for (const [inputs, parts] of [
      [features, { model: { layers: [{ type: 'dense', units: 3 }, ...layers] } }],
      [images, { dataset: { id: dataset }, model: { layers } }],
    ] as const) {
      const { id } = await api.submit(parts)
      assert.equal((await ended(id)).status, 'succeeded')
      const given = await server.predict((await endedRun(id)).info.run_id, inputs)
      if (given === null) return t.skip('MLflow needs the packages onnx and onnxruntime to load a model')
      const { predictions } = (await api.post(`/v1/jobs/${id}/predictions`, { features })).body
      assert.equal(given.predictions.length, features.length)
      for (const [at, [value]] of predictions.entries()) assertNear(given.predictions[at]?.[0] ?? Number.NaN, value)
    }
  })

  it('a server that is away holds up no job, and is told of all of them once it is back, by another process too', async () => {
    await server.stop()
    const first = await api.submit()
    assert.equal((await ended(first.id)).status, 'succeeded')
    await api.close()
    api = await open()
    api.bench.work()
    const diverging = await api.submit({ optimizer: { type: 'sgd', learningRate: 1e6 } })
    const failed = await ended(diverging.id)
    const waits = await api.submit()
    await api.post(`/v1/jobs/${waits.id}/cancel`)
    const cancelled = await ended(waits.id)
    await server.start()
    assert.equal((await endedRun(first.id)).info.status, 'FINISHED')
    assert.equal((await endedRun(diverging.id)).info.status, failed.status === 'failed' ? 'FAILED' : 'FINISHED')
    assert.equal((await endedRun(waits.id)).info.status, cancelled.status === 'cancelled' ? 'KILLED' : 'FINISHED')
    const { data } = await endedRun(first.id)
    assert.equal(asObject(data.tags)['trainyard.model'], 'onnx')
    assert.equal(Number(data.metrics.find(({ key }: Pair) => key === 'loss').step), notebook().training.epochs)
  })

  it('a job that ended before is no run, not even once it predicts', async () => {
    const { body } = await api.post(`/v1/jobs/${earlier}/predictions`, { dataset: notebook().dataset })
    assert.equal((await api.get(`/v1/predictions/${body.id}?wait=60`)).body.status, 'succeeded')
    const later = await api.submit()
    await ended(later.id)
    await endedRun(later.id)
    assert.deepEqual(await runsOf(earlier), [])
  })
})
