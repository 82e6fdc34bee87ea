/** Small jobs: how many a second from many clients, what each costs, and how long one takes alone. Both are benchmarks of their own. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../service.mjs'
import { ms } from './timing.mjs'

export const measureJobs = async ({ small }) => {
  const folder = await mkdtemp(join(tmpdir(), 'trainyard-bench-load-'))
  /** Runs a benchmark that writes its figures to a file. */
  const run = async (...args) => {
    const file = join(folder, 'figures.json')
    await promisify(execFile)(process.execPath, [...args, '--json', file], { cwd: root })
    return JSON.parse(await readFile(file, 'utf8'))
  }
  try {
    const many = await run('bench/throughput.mjs', '--jobs', small ? '150' : '600')
    const alone = await run('bench/latency.mjs', small ? '40' : '200')
    const { all, ...parts } = many.cpuMillisecondsPerJob
    return {
      head: ['what', 'figure', 'wanted'],
      rows: [
        [`notebook jobs a second, ${many.clients} clients, two training processes`, String(many.jobsPerSecond), '≥ 110'],
        ['CPU time of a job, all processes', `${all} ms`, '≤ 13.3 ms'],
        ...Object.entries(parts).map(([role, cpu]) => [`of that: ${role}`, `${cpu} ms`, '']),
        ['commits of a job', String(many.databasePerJob.commits), ''],
        ['updates of its row, of these HOT', `${many.databasePerJob.updates}, ${many.databasePerJob.hot}`, ''],
        ['one client, POST to the end, p50', ms(alone.postToSucceeded.p50), '≤ 25 ms'],
        ['the same, p99', ms(alone.postToSucceeded.p99), '≤ 60 ms'],
        ['of that training, p50', ms(alone.training.p50), ''],
      ],
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
