/** `trainyard weights` */
import { type Command, Option } from 'commander'
import type { WeightsFormat } from '../../types.ts'
import { contextOf } from '../context.ts'
import { formatOfFile } from '../format-of-file.ts'
import { saveFile } from '../save-file.ts'
import { whole } from '../whole.ts'

const formats = ['safetensors', 'npz', 'json', 'onnx', 'layersModel'] as const
type Flags = { output?: string; format?: WeightsFormat; layout?: 'torch'; epoch?: number }

export const addWeights = (program: Command, signal: AbortSignal): void => {
  program
    .command('weights')
    .description('save what a job has learned')
    .argument('<job>', 'its id')
    .option('-o, --output <file>', 'where to, - for standard output; the name that the service gives it unless said')
    .addOption(
      new Option(
        '--format <format>',
        'what to write; unless said, what the name of the file ends with, safetensors where it has none',
      ).choices(formats),
    )
    .addOption(new Option('--layout <layout>', 'names and layouts of PyTorch').choices(['torch']))
    .option('--epoch <epoch>', 'those of an earlier epoch', whole)
    .action(async (id: string, { output, format, layout, epoch }: Flags, command: Command) => {
      const { client, result } = contextOf(command)
      const chosen = format ?? formatOf(output)
      const job = await client.jobs.get(id, { signal })
      const file = await job.weightsFile(chosen, { layout, epoch }, { signal })
      const path = await saveFile(file, output)
      if (path !== undefined) result({ jobId: id, file: path }, () => path)
    })
}

/** Standard output has no name, and the service gives files that have none theirs. */
const formatOf = (path: string | undefined): WeightsFormat =>
  path === undefined || path === '-' ? 'safetensors' : formatOfFile(path, ['safetensors', 'npz', 'json', 'onnx'], 'say it with --format')
