/** `trainyard epochs` */
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { contextOf } from '../context.ts'

export const addEpochs = (program: Command, signal: AbortSignal): void => {
  program
    .command('epochs')
    .description('losses, metrics and more of each epoch of a job, as CSV; with --json as an array')
    .argument('<job>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, json, print } = contextOf(command)
      const job = await client.jobs.get(id, { signal })
      if (json) return print(JSON.stringify(await job.epochs({}, { signal })))
      const { chunks } = await job.epochsFile('csv', {}, { signal })
      await pipeline(Readable.from(chunks), process.stdout, { end: false })
    })
}
