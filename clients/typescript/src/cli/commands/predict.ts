/** `trainyard predict` */
import { type Command, Option } from 'commander'
import type { PredictionRows } from '../../results.ts'
import type { Predictions } from '../../types.ts'
import { contextOf } from '../context.ts'
import { readJsonLines } from '../read-input.ts'

type Flags = { output?: 'class' | 'probability' | 'raw' }

export const addPredict = (program: Command, signal: AbortSignal): void => {
  program
    .command('predict')
    .description('what a job predicts for rows: a line for each')
    .argument('<job>', 'its id')
    .argument('<file>', 'rows as a JSON array or an object a line, - for standard input; {"rows": …} and {"features": …} too')
    .addOption(new Option('--output <output>', 'what to tell of each row').choices(['class', 'probability', 'raw']))
    .action(async (id: string, file: string, { output }: Flags, command: Command) => {
      const { client, result } = contextOf(command)
      const job = await client.jobs.get(id, { signal })
      const predictions = await job.predict(rowsOf(await readJsonLines(file)), { signal, ...(output ? { output } : {}) })
      result(predictions, describe)
    })
}

/** A single object is one row, unless it is the body of a request. */
const rowsOf = (read: unknown): PredictionRows => {
  if (typeof read !== 'object' || read === null) throw new TypeError('The rows must be a JSON array or an object a line')
  if (Array.isArray(read)) return read
  const body = read as { rows?: PredictionRows; features?: PredictionRows }
  return body.rows ?? body.features ?? ([read] as PredictionRows)
}

const describe = ({ predictions }: Predictions): string =>
  predictions.map((one) => (Array.isArray(one) ? one.join('\t') : String(one))).join('\n')
