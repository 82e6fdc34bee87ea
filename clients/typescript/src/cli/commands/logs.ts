/** `trainyard logs` */
import type { Command } from 'commander'
import type { JobEvent } from '../../types.ts'
import { contextOf } from '../context.ts'
import { loss } from '../format.ts'

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
      for await (const event of events) result(event, describe)
    })
}

const describe = ({ at, type, data }: JobEvent): string => {
  const fields = Object.entries(data).filter(([, value]) => typeof value !== 'object')
  // The number of an epoch first, as it counts the lines.
  const told = fields.sort(([one], [other]) => Number(other === 'epoch') - Number(one === 'epoch'))
  return `${at}  ${type.padEnd(10)} ${told.map(([name, value]) => `${name} ${shortly(name, value)}`).join(', ')}`.trimEnd()
}

const shortly = (name: string, value: unknown): string => {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value)
  return /loss/i.test(name) ? loss(value) : String(Number(value.toPrecision(4)))
}
