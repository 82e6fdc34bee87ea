/** `trainyard train` */
import type { Command } from 'commander'
import type { Job } from '../../job.ts'
import type { JobConfig } from '../../types.ts'
import { type Context, contextOf } from '../context.ts'
import { drawCurve } from '../curve.ts'
import { describeEnd } from '../describe-job.ts'
import { loss, numbers } from '../format.ts'
import { createProgressBar } from '../progress-bar.ts'
import { readJson } from '../read-input.ts'
import { names, uploadFile } from '../upload-file.ts'

type Flags = { watch?: boolean; gradients?: boolean; detach?: boolean; data?: string; labels?: string[] }

export const addTrain = (program: Command, signal: AbortSignal): void => {
  program
    .command('train')
    .description('train a job and wait for its end; exit code 0 only if it succeeds')
    .argument('[file]', 'the config as JSON, - for standard input; may be left out with --data')
    .option('-w, --watch', 'show its progress, a line per epoch where that is no terminal, and its curve at the end')
    .option('--gradients', 'a line per epoch, with the gradients of each')
    .option('-d, --detach', 'print its id and do not wait')
    .option('--data <table>', 'upload this table first, and train on it')
    .option('--labels <columns>', 'what to learn of that table: names separated by commas', names)
    .action(async (file: string | undefined, flags: Flags, command: Command) => {
      const context = contextOf(command)
      const config = await readConfig(file, flags, context, signal)
      const job = await context.client.jobs.create(config, { signal })
      if (flags.detach) return context.result(job, ({ id }) => id)
      await follow(job, flags, context, signal)
      context.result(job, describeEnd)
      if (job.status !== 'succeeded') process.exitCode = 1
      else if (!context.json) await tellWhatWasLearned(job, flags, context)
    })
}

/** @throws TypeError if nothing says what to train */
const readConfig = async (file: string | undefined, { data, labels }: Flags, context: Context, signal: AbortSignal): Promise<JobConfig> => {
  if (file === undefined && data === undefined)
    throw new TypeError('name the file of a config, - for standard input, or a table with --data')
  const config = (file === undefined ? {} : await readJson(file)) as JobConfig
  if (data === undefined) return config
  const { id } = await uploadFile(data, {}, context, signal)
  const dataset = { ...config.dataset, id, ...(labels ? { labels } : {}) }
  return { ...config, dataset } as JobConfig
}

const follow = async (job: Job, { watch, gradients }: Flags, context: Context, signal: AbortSignal): Promise<void> => {
  const farewell = (): void =>
    context.note(`\n${job.id} goes on: \`trainyard logs -f ${job.id}\` follows it, \`trainyard cancel ${job.id}\` ends it`)
  signal.addEventListener('abort', farewell)
  const byLine = !context.json && (gradients || (watch && !process.stderr.isTTY))
  if (byLine) await tellEpochs(job, gradients === true, context, signal)
  const bar = createProgressBar()
  const onChange = watch ? ({ status, progress }: Job) => bar.show(progress.fraction, describeProgress(status, progress)) : undefined
  await job.wait({ signal, ...(onChange ? { onChange } : {}) }).finally(bar.clear)
  signal.removeEventListener('abort', farewell)
}

const tellEpochs = async (job: Job, withGradients: boolean, { print }: Context, signal: AbortSignal): Promise<void> => {
  for await (const event of job.events({ signal })) {
    if (event.type !== 'epoch') continue
    const { epoch, validationLoss, metrics = {} } = event.data
    if (withGradients)
      for (const { parameter, values, norm } of await job.gradients({ epoch }, { signal }))
        print(`gradient of ${parameter}: ${values ? numbers(values) : `norm ${norm.toFixed(4)}`}`)
    const measured = Object.entries({ ...(validationLoss === undefined ? {} : { 'validation loss': validationLoss }), ...metrics })
    print([`epoch ${epoch}, loss ${loss(event.data.loss)}`, ...measured.map(([name, value]) => `${name} ${loss(value)}`)].join(', '))
  }
}

const describeProgress = (status: string, { epoch, epochs, latestLoss, etaSeconds }: Job['progress']): string => {
  const left = etaSeconds === null || status !== 'running' ? '' : `, ${Math.ceil(etaSeconds)} s left`
  return `${status}, epoch ${epoch} of ${epochs}${latestLoss === null ? '' : `, loss ${loss(latestLoss)}`}${left}`
}

/** The curve in a terminal, and what small models have learned. */
const tellWhatWasLearned = async (job: Job, { watch, gradients }: Flags, { print }: Context): Promise<void> => {
  const curve = watch && process.stdout.isTTY ? drawCurve(await job.epochs({ maxPoints: 200 }), process.stdout.columns) : undefined
  if (curve) print(curve)
  if (!gradients) return
  const { tensors } = await job.weights()
  for (const [name, { values }] of Object.entries(tensors)) print(`${name}: ${numbers(values)}`)
  const errors = job.result?.estimationError
  if (errors)
    print(`error in estimating w: ${numbers(errors.weights.map(Number))}\nerror in estimating b: ${numbers([Number(errors.bias)])}`)
}
