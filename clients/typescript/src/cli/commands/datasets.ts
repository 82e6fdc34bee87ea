/** `trainyard datasets` */
import type { Command } from 'commander'
import type { UploadOptions } from '../../types.ts'
import { contextOf } from '../context.ts'
import { describeDataset, describeDatasets } from '../describe-dataset.ts'
import { names, uploadFile } from '../upload-file.ts'
import { whole } from '../whole.ts'

type UploadFlags = Pick<UploadOptions, 'name' | 'labels' | 'features' | 'delimiter'> & { type?: string; upload?: string }

export const addDatasetCommands = (program: Command, signal: AbortSignal): void => {
  const datasets = program.command('datasets').description('upload tables, list, show and delete them')

  datasets
    .command('upload')
    .description('make a dataset of a CSV, TSV, JSON, NDJSON, Parquet, Arrow or NumPy file, also .gz and .zst')
    .argument('<file>', 'its path, - for standard input')
    .option('--name <name>', 'what to call it')
    .option('--labels <columns>', 'what is to be learned: names separated by commas', names)
    .option('--features <columns>', 'what it is learned from; all other columns unless said', names)
    .option('--delimiter <character>', 'what separates the cells of a CSV, if that is not to be found out')
    .option('--type <type>', 'its media type, if its name does not tell; text/csv for standard input')
    .option('--upload <id>', 'go on with an upload that broke off')
    .action(async (file: string, { type, upload, ...said }: UploadFlags, command: Command) => {
      const context = contextOf(command)
      const options = { ...said, ...(type ? { contentType: type } : {}), ...(upload ? { uploadId: upload } : {}) }
      context.result(await uploadFile(file, options, context, signal), describeDataset)
    })

  datasets
    .command('list', { isDefault: true })
    .description('the newest datasets')
    .option('-n, --limit <count>', 'how many', whole, 20)
    .action(async ({ limit }: { limit: number }, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.datasets.list({ limit: Math.min(limit, 100) }, { signal }).toArray(limit), describeDatasets)
    })

  datasets
    .command('get')
    .description('one dataset with its columns')
    .argument('<dataset>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      result(await client.datasets.get(id, { signal }), describeDataset)
    })

  datasets
    .command('delete')
    .description('delete a dataset that no unfinished job needs')
    .argument('<dataset>', 'its id')
    .action(async (id: string, _flags: object, command: Command) => {
      const { client, result } = contextOf(command)
      await client.datasets.delete(id, { signal })
      result({ id, deleted: true }, () => `${id} deleted`)
    })
}
