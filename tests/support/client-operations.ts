/** A call of the TypeScript client for each operation that it performs, by the operation's id in openapi.json. */

// biome-ignore lint/suspicious/noExplicitAny: what is sent does not matter here, and nobody looks at what comes back
type Any = any

const job = (client: Any) => client.jobs.get('x')
const trainer = (client: Any) => client.trainers.create({})
const inParts = (client: Any) => client.datasets.upload(new Blob(['x,y\n1,2\n']), { partBytes: 4 })

export const operationsOfTypescript: Record<string, (client: Any) => Promise<unknown>> = {
  createDataset: (client) => client.datasets.create({ rows: [] }),
  listDatasets: (client) => client.datasets.list().toArray(),
  getDataset: (client) => client.datasets.get('x'),
  deleteDataset: (client) => client.datasets.delete('x'),
  listDatasetRows: (client) => client.datasets.rows('x').toArray(),
  previewBatch: (client) => client.datasets.batch('x'),
  correlateDataset: (client) => client.datasets.correlations('x', 'y'),

  createUpload: inParts,
  putUploadPart: inParts,
  completeUpload: inParts,
  listUploads: (client) => client.uploads.list(),
  getUpload: (client) => client.uploads.get('x'),
  deleteUpload: (client) => client.uploads.delete('x'),

  listImports: (client) => client.imports.list().toArray(),
  getImport: (client) => client.imports.get('x'),
  deleteImport: (client) => client.imports.delete('x'),
  cancelImport: (client) => client.imports.cancel('x'),

  createJob: (client) => client.jobs.create({}),
  listJobs: (client) => client.jobs.list().toArray(),
  getJob: job,
  deleteJob: (client) => client.jobs.delete('x'),
  cancelJob: (client) => client.jobs.cancel('x'),
  pauseJob: (client) => client.jobs.pause('x'),
  resumeJob: (client) => client.jobs.resume('x'),
  listCurves: (client) => client.jobs.curves(['x']),
  getLossPicture: async (client) => (await job(client)).picture('svg'),
  getLossPng: async (client) => (await job(client)).picture('png'),
  createPictureLink: async (client) => (await job(client)).pictureLink(),
  listEpochs: async (client) => (await job(client)).epochs(),
  listCheckpoints: async (client) => (await job(client)).checkpoints(),
  listGradients: async (client) => (await job(client)).gradients(),
  listHistograms: async (client) => (await job(client)).histograms(),
  listEvents: async (client) => (await job(client)).events().next(),
  getWeights: async (client) => (await job(client)).weightsFile('npz'),
  predict: async (client) => (await job(client)).predict([[1]]),
  listAllEvents: (client) => client.events.follow().next(),

  evaluateLoss: (client) => client.evaluateLoss('mse', { inputs: [], target: { shape: [], values: [] } }),
  sampleInitializer: (client) => client.sampleInitializer('zeros', { shape: [1] }),

  listModels: (client) => client.models.list(),
  getModel: (client) => client.models.get('x'),
  putModel: (client) => client.models.put('x', { jobId: 'x' }),
  deleteModel: (client) => client.models.delete('x'),
  predictByModel: (client) => client.models.predict('x', [[1]]),

  listPredictions: (client) => client.predictions.list().toArray(),
  getPrediction: (client) => client.predictions.get('x'),
  listPredictionRows: async (client) => (await client.predictions.get('x')).file('csv'),
  deletePrediction: (client) => client.predictions.delete('x'),

  createTrainer: trainer,
  listTrainers: (client) => client.trainers.list().toArray(),
  getTrainer: (client) => client.trainers.get('x'),
  deleteTrainer: (client) => client.trainers.delete('x'),
  closeTrainer: async (client) => (await trainer(client)).close(),
  listTrainerCheckpoints: async (client) => (await trainer(client)).checkpoints(),
  performOperations: async (client) => (await trainer(client)).zeroGradients(),

  createSweep: (client) => client.sweeps.create({}),
  listSweeps: (client) => client.sweeps.list().toArray(),
  getSweep: (client) => client.sweeps.get('x'),
  deleteSweep: (client) => client.sweeps.delete('x'),
  cancelSweep: (client) => client.sweeps.cancel('x'),

  createKey: (client) => client.keys.create({ scope: 'read' }),
  listKeys: (client) => client.keys.list().toArray(),
  getCurrentKey: (client) => client.keys.current(),
  getKey: (client) => client.keys.get('x'),
  revokeKey: (client) => client.keys.revoke('x'),

  createWebhook: (client) => client.webhooks.create({ url: 'https://hooks.example', events: ['job.failed'] }),
  listWebhooks: (client) => client.webhooks.list().toArray(),
  getWebhook: (client) => client.webhooks.get('x'),
  updateWebhook: (client) => client.webhooks.update('x', { status: 'enabled' }),
  deleteWebhook: (client) => client.webhooks.delete('x'),
  rotateSecretOfWebhook: (client) => client.webhooks.rotateSecret('x'),
  testWebhook: (client) => client.webhooks.test('x'),
  listDeliveries: (client) => client.webhooks.deliveries('x').toArray(),
  getDelivery: (client) => client.webhooks.delivery('x', 'y'),
  replayDelivery: (client) => client.webhooks.replay('x', 'y'),
  replayDeliveries: (client) => client.webhooks.replayRange('x', { from: '2026-01-01T00:00:00Z' }),
  getWebhookSecret: (client) => client.webhooks.tenantSecret(),
  rotateWebhookSecret: (client) => client.webhooks.rotateTenantSecret(),

  getCatalog: (client) => client.catalog(),
}
