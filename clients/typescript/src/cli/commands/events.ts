/** `trainyard events` */
import { type Command, InvalidArgumentError } from 'commander'
import type { AllJobsEvent, AllJobsEventQuery } from '../../types.ts'
import { contextOf } from '../context.ts'
import { describeEvent } from '../describe-event.ts'
import { whole } from '../whole.ts'

type Type = NonNullable<AllJobsEventQuery['type']>[number]
type Flags = { follow?: boolean; type?: Type[]; metadata?: Record<string, string>; after?: string; limit?: number }

export const addEvents = (program: Command, signal: AbortSignal): void => {
  program
    .command('events')
    .description('what happened to all jobs, oldest first, a line per event; with --json an object a line')
    .option('-f, --follow', 'what happens from now on, or after that of --after, without an end')
    .option('-t, --type <type...>', 'only those, as job.failed')
    .option('-m, --metadata <entry>', 'only of jobs with this entry, as team=blue; may come several times', entry)
    .option('--after <id>', 'only what came after the event with this id')
    .option('-n, --limit <count>', 'how many; all unless said', whole)
    .action(async ({ follow, limit = Number.POSITIVE_INFINITY, after, ...filter }: Flags, command: Command) => {
      const { client, result } = contextOf(command)
      const events = follow
        ? client.events.follow({ after: after ?? 'latest', ...filter, signal })
        : client.events.list({ after, ...filter, limit: Math.min(limit, 1000) }, { signal })
      let count = 0
      for await (const event of events) {
        result(event, describe)
        count += 1
        if (count >= limit) return
      }
    })
}

const describe = ({ jobId, ...event }: AllJobsEvent): string => {
  const line = describeEvent(event as AllJobsEvent)
  return `${line.slice(0, event.at.length)}  ${jobId}${line.slice(event.at.length)}`
}

/** Adds `key=value` to those that were given before. */
const entry = (text: string, before: Record<string, string> = {}): Record<string, string> => {
  const [, key = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (key === '') throw new InvalidArgumentError('It must be KEY=VALUE.')
  return { ...before, [key]: value }
}
