/** `trainyard logs` */
import type { Command } from 'commander'
import { contextOf } from '../context.ts'
import { describeEvent } from '../describe-event.ts'

export const addLogs = (program: Command, signal: AbortSignal): void => {
  program
    .command('logs')
    .description('what happened to a job, a line per event; with --json an object a line')
    .argument('<job>', 'its id')
    .option('-f, --follow', 'go on until it has ended')
    .action(async (id: string, { follow }: { follow?: boolean }, command: Command) => {
      const { client, result } = contextOf(command)
      const job = await client.jobs.get(id, { signal })
      const events = follow ? job.events({ signal }) : job.history({ signal })
      for await (const event of events) result(event, describeEvent)
    })
}
