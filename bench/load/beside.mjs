/** The same beside others: a route of Fastify that does nothing, the row in psql, and a process for each job. */
import { execFile, spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fastify from 'fastify'
import { ended, root, startService, summary } from '../service.mjs'
import { ms } from './timing.mjs'

/** Requests a second from 32 kept connections, and the median of one alone. */
const measureGet = async (url, requests) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  const ask = () =>
    new Promise((done, failed) => {
      const began = performance.now()
      get(url, { agent }, (response) => response.resume().on('end', () => done(performance.now() - began))).on('error', failed)
    })
  const alone = []
  for (let at = 0; at < 200; at++) alone.push(await ask())
  let left = requests
  const client = async () => {
    while (left-- > 0) await ask()
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: 32 }, client))
  const seconds = (performance.now() - began) / 1000
  agent.destroy()
  return { p50: summary(alone).p50, rate: requests / seconds }
}

/** The median of a statement in one session of psql; undefined without psql. */
const measurePsql = async (databaseUrl, statement) => {
  const child = spawn('psql', ['-X', '-q', '-o', '/dev/null', databaseUrl], { stdio: ['pipe', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  child.stdin.on('error', () => {})
  child.stdin.end(`\\timing on\n${`${statement};\n`.repeat(50)}`)
  await new Promise((done) => child.once('close', done).once('error', done))
  const times = [...text.matchAll(/Time: ([\d.]+) ms/g)].slice(5).map(([, time]) => Number(time))
  return times.length > 0 ? summary(times).p50 : undefined
}

/** The notebook's regression as a script of PyTorch's: what a person starts by hand. */
const script = `
import torch
from torch import nn
torch.manual_seed(42)
w = torch.tensor([[2.0], [-3.4]])
x = torch.randn(1000, 2)
y = x @ w + 4.2 + 0.01 * torch.randn(1000, 1)
net = nn.Linear(2, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.03)
for _ in range(3):
    order = torch.randperm(1000)
    for at in range(0, 1000, 10):
        rows = order[at:at + 10]
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
print(nn.functional.mse_loss(net(x), y).item())
`

/** Seconds of a process that trains it from start to end; undefined where Python has no PyTorch. */
const measureProcess = async (python, runs) => {
  const times = []
  for (let at = 0; at < runs; at++) {
    const began = performance.now()
    const failed = await promisify(execFile)(python, ['-c', script]).then(
      () => false,
      () => true,
    )
    if (failed) return undefined
    times.push(performance.now() - began)
  }
  return summary(times).p50
}

export const measureBeside = async ({ small, python }) => {
  const requests = small ? 1000 : 5000
  const service = await startService()
  const bare = fastify()
  try {
    const config = JSON.parse(await readFile(join(root, 'examples/linear-regression-concise.json'), 'utf8'))
    const times = []
    let job
    for (let at = 0; at < (small ? 20 : 100); at++) {
      const began = performance.now()
      job = await service.call('POST', '/v1/jobs', config)
      while (!ended(job.status)) job = await service.call('GET', `/v1/jobs/${job.id}?waitFor=end`)
      times.push(performance.now() - began)
    }
    bare.get('/job', async () => job)
    const ours = await measureGet(`${service.url}/v1/jobs/${job.id}`, requests)
    const theirs = await measureGet(`${await bare.listen({ port: 0, host: '127.0.0.1' })}/job`, requests)
    const psql = await measurePsql(await service.databaseUrl(), `select * from "Job" where id = '${job.id}'`)
    const jobMs = summary(times).p50
    const processMs = await measureProcess(python, small ? 2 : 5)
    return {
      head: ['what', 'Trainyard', 'beside it', 'times'],
      rows: [
        ['`GET` of a job; a bare Fastify route with the same answer', ms(ours.p50), ms(theirs.p50), (ours.p50 / theirs.p50).toFixed(1)],
        ['the same from 32 clients, a second', ours.rate.toFixed(0), theirs.rate.toFixed(0), (ours.rate / theirs.rate).toFixed(2)],
        [
          '`GET` of a job; its row in a session of psql',
          ms(ours.p50),
          psql ? ms(psql) : 'no psql here',
          psql ? (ours.p50 / psql).toFixed(1) : '',
        ],
        [
          'the notebook job, POST to the end; a process with PyTorch for it',
          ms(jobMs),
          processMs ? ms(processMs) : `no PyTorch in ${python}`,
          processMs ? (jobMs / processMs).toFixed(3) : '',
        ],
      ],
    }
  } finally {
    await bare.close()
    await service.stop()
  }
}
