/** `trainyard cancel`, `pause`, `resume` and `delete` */
import type { Command } from 'commander'
import { contextOf } from '../context.ts'

const actions = {
  cancel: 'end a job; its finished epochs stay',
  pause: 'let go of a job for now',
  resume: 'let a paused job go on',
} as const

export const addJobActions = (program: Command, signal: AbortSignal): void => {
  for (const action of ['cancel', 'pause', 'resume'] as const)
    program
      .command(action)
      .description(actions[action])
      .argument('<job>', 'its id')
      .action(async (id: string, _flags: object, command: Command) => {
        const { client, result } = contextOf(command)
        result(await client.jobs[action](id, { signal }), (job) => `${job.id} ${job.status}`)
      })

  program
    .command('delete')
    .description('delete a job that has ended, with all its results')
    .argument('<job>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      await client.jobs.delete(id, { signal })
      result({ id, deleted: true }, () => `${id} deleted`)
    })
}
