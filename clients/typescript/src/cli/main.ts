/** `trainyard`: the API for shells and scripts. Exit codes: 0 done, 1 refused or not succeeded, 2 a wrong command, 130 broken off. */
import { Command, CommanderError } from 'commander'
import { addCompletion } from './commands/completion.ts'
import { addDatasetCommands } from './commands/datasets.ts'
import { addEpochs } from './commands/epochs.ts'
import { addEvents } from './commands/events.ts'
import { addJobActions } from './commands/job-actions.ts'
import { addJobCommands } from './commands/jobs.ts'
import { addKeys } from './commands/keys.ts'
import { addLogs } from './commands/logs.ts'
import { addPredict } from './commands/predict.ts'
import { addTrain } from './commands/train.ts'
import { addWebhooks } from './commands/webhooks.ts'
import { addWeights } from './commands/weights.ts'
import { tellError } from './tell-error.ts'

declare const __VERSION__: string

const usageExitCode = 2
const brokenOffExitCode = 130

/** Runs one command line, as of `process.argv`, and sets the exit code. */
export const main = async (argv: readonly string[]): Promise<void> => {
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort())
  // Who reads has seen enough, as `head` does.
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => process.exit(code === 'EPIPE' ? 0 : 1))
  const program = createProgram(interruption.signal)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = exitCodeOf(error, interruption.signal)
    if (!interruption.signal.aborted) tellError(error, program.opts().json === true)
  }
}

const createProgram = (signal: AbortSignal): Command => {
  const program = new Command('trainyard')
  program
    .description('Trains models over HTTP. TRAINYARD_URL says where the service is, TRAINYARD_API_KEY has its key, if it asks for one.')
    .version(__VERSION__)
    .option('--url <url>', 'where the service is, in place of TRAINYARD_URL; http://127.0.0.1:3000 if neither is given')
    .option('--json', 'JSON for programs in place of text for people')
    .showHelpAfterError('(--help shows what there is)')
    .configureOutput({ writeErr: (text) => void (program.opts().json === true || process.stderr.write(text)) })
    .exitOverride()
  addTrain(program, signal)
  addJobCommands(program, signal)
  addLogs(program, signal)
  addEvents(program, signal)
  addEpochs(program, signal)
  addJobActions(program, signal)
  addDatasetCommands(program, signal)
  addWeights(program, signal)
  addPredict(program, signal)
  addWebhooks(program, signal)
  addKeys(program, signal)
  addCompletion(program)
  return program
}

const exitCodeOf = (error: unknown, signal: AbortSignal): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode
  if (signal.aborted) return brokenOffExitCode
  return error instanceof TypeError ? usageExitCode : 1
}
