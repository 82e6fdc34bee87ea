/** `trainyard jobs` */
import { Argument, type Command, Option } from 'commander'
import type { JobStatus } from '../../types.ts'
import { contextOf } from '../context.ts'
import { drawCurve } from '../curve.ts'
import { describeJob, describeJobs } from '../describe-job.ts'
import { whole } from '../whole.ts'

const statuses = ['queued', 'running', 'pausing', 'paused', 'cancelling', 'succeeded', 'failed', 'cancelled']

export const addJobCommands = (program: Command, signal: AbortSignal): void => {
  const jobs = program.command('jobs').description('list jobs, or show one')

  jobs
    .command('list', { isDefault: true })
    .description('the newest jobs, or the first by a metric')
    .addOption(new Option('-s, --status <status...>', 'only those').choices(statuses))
    .option(
      '--sort <metric>',
      'by the best value of a metric, the smallest first; -metric the largest first; metric.min, .max and .last by another value than the best',
    )
    .option('-n, --limit <count>', 'how many', whole, 20)
    .action(async ({ status, sort, limit }: { status?: JobStatus[]; sort?: string; limit: number }, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.jobs.list({ status, sort, limit: Math.min(limit, 100) }, { signal }).toArray(limit), describeJobs)
    })

  jobs
    .command('get')
    .description('one job; in a terminal with its curve')
    .addArgument(new Argument('<job>', 'its id'))
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result, json, print } = contextOf(command)
      const job = await client.jobs.get(id, { signal })
      result(job, describeJob)
      const curve = json || !process.stdout.isTTY ? undefined : drawCurve(await job.epochs({ maxPoints: 200 }), process.stdout.columns)
      if (curve) print(curve)
    })
}
