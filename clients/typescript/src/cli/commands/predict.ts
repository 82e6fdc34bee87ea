/** `trainyard predict` */
import { type Command, Option } from 'commander'
import type { Trainyard } from '../../client.ts'
import { NotFoundError } from '../../errors.ts'
import type { PredictionRows } from '../../results.ts'
import type { Dataset, Predictions } from '../../types.ts'
import { contextOf } from '../context.ts'
import { readCsv, toCsv } from '../csv.ts'
import { formatOfFile } from '../format-of-file.ts'
import { nameOf, parseJsonLines, readText } from '../read-input.ts'
import { saveFile } from '../save-file.ts'

type Flags = { output?: 'class' | 'probability' | 'raw'; csv?: true; from?: 'csv' | 'json'; dataset?: string; out?: string }

/** Rows that are sent at a time. */
const rowsAtOnce = 1000

export const addPredict = (program: Command, signal: AbortSignal): void => {
  program
    .command('predict')
    .description('what a job or a model predicts for rows: a line for each')
    .argument('<job>', 'its id, or the name of a model')
    .argument(
      '[file]',
      'rows as CSV with a header, as a JSON array or an object a line, - for standard input; {"rows": …} and {"features": …} too',
    )
    .addOption(new Option('--output <output>', 'what to tell of each row').choices(['class', 'probability', 'raw']))
    .addOption(new Option('--from <format>', 'what the file is; else CSV if its name ends with .csv').choices(['csv', 'json']))
    .option('--csv', 'CSV with a header in place of tabs')
    .option('--dataset <id>', 'in place of a file: all rows of a dataset of the service, `ds_…`')
    .option('-o, --out <file>', 'with --dataset, where to: .csv or .ndjson, - for standard output, which it is unless said')
    .action(async (of: string, file: string | undefined, { output, csv, from, dataset, out }: Flags, command: Command) => {
      const { client, result } = contextOf(command)
      if ((file === undefined) === (dataset === undefined)) throw new TypeError('Name a file with rows, or a dataset with --dataset')
      if (file === undefined) return predictDataset(command, of, { dataset: dataset ?? '', output, csv, out }, signal)
      const content = await readText(file)
      const isCsv = from === undefined ? /\.csv$/i.test(file) : from === 'csv'
      const source = await sourceOf(client, of, signal)
      const rows = isCsv
        ? readCsv(content, nameOf(file), await columnsOf(client, source.jobId, signal))
        : rowsOf(parseJsonLines(content, nameOf(file)))
      const predictions = await inPieces(rows, (some) => source.predict(some, { signal, output }))
      result(predictions, csv ? describeAsCsv : describe)
    })
}

/** Waits for the predictions of all rows of a dataset, and writes them. */
const predictDataset = async (
  command: Command,
  of: string,
  { dataset, output, csv, out = '-' }: Pick<Flags, 'output' | 'csv' | 'out'> & { dataset: string },
  signal: AbortSignal,
): Promise<void> => {
  const { client, result, note } = contextOf(command)
  const format = csv ? 'csv' : formatOf(out)
  const source = of.startsWith('job_') ? await client.jobs.get(of, { signal }) : undefined
  const options = { output, signal }
  const asked = await (source ? source.predictDataset(dataset, options) : client.models.predictDataset(of, dataset, options))
  const { id, metrics } = await asked.succeed({ signal })
  for (const [name, value] of Object.entries(metrics ?? {})) note(`${name} ${value}`)
  const path = await saveFile(await asked.file(format, { signal }), out)
  if (path !== undefined) result({ predictionId: id, file: path, metrics }, () => path)
}

const formatOf = (out: string): 'csv' | 'ndjson' =>
  out !== '-' && formatOfFile(out, ['csv', 'ndjson', 'jsonl'], 'say --csv') === 'csv' ? 'csv' : 'ndjson'

/** A job, or what a model stands for. */
const sourceOf = async (client: Trainyard, of: string, signal: AbortSignal) => {
  if (!of.startsWith('job_')) {
    const { name, jobId } = await client.models.get(of, { signal })
    return { jobId, predict: (rows: PredictionRows, options: PredictOptions) => client.models.predict(name, rows, options) }
  }
  const job = await client.jobs.get(of, { signal })
  return { jobId: job.id, predict: (rows: PredictionRows, options: PredictOptions) => job.predict(rows, options) }
}
type PredictOptions = { signal: AbortSignal; output: Flags['output'] }

/** The columns that a job was trained on; undefined if its table was deleted. */
const columnsOf = async (client: Trainyard, jobId: string, signal: AbortSignal): Promise<Dataset['columns'] | undefined> => {
  const { data } = await client.jobs.get(jobId, { signal })
  try {
    return (await client.datasets.get(data.dataset.id, { signal })).columns
  } catch (error) {
    if (error instanceof NotFoundError) return undefined
    throw error
  }
}

/** A file of any length is several requests, and one answer. */
const inPieces = async (rows: PredictionRows, predict: (some: PredictionRows) => Promise<Predictions>): Promise<Predictions> => {
  if (!Array.isArray(rows) || rows.length <= rowsAtOnce) return predict(rows)
  const { predictions: first, ...about } = await predict(rows.slice(0, rowsAtOnce))
  const predictions = [...first]
  for (let from = rowsAtOnce; from < rows.length; from += rowsAtOnce)
    predictions.push(...(await predict(rows.slice(from, from + rowsAtOnce))).predictions)
  return { ...about, predictions }
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

const describeAsCsv = ({ predictions, output, classes }: Predictions): string => {
  const cells = predictions.map((one) => (Array.isArray(one) ? one : [one]))
  const width = cells[0]?.length ?? 1
  const named = output === 'probability' && classes?.length === width ? classes.map(String) : undefined
  const numbered = width === 1 ? ['prediction'] : Array.from({ length: width }, (_, at) => `prediction${at + 1}`)
  return toCsv([named ?? numbered, ...cells])
}
