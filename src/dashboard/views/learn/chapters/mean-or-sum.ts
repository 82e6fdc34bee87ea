import { type Chapter, paragraphs } from './chapter.ts'
import { fewExamples, jobOf } from './configs.ts'

const id = 'mean-or-sum'
const sweep = (base: object, grid: Chapter['steps'][number]['body'][string]) => ({
  base: { ...base, metrics: ['rmse'] },
  grid,
  metadata: { learn: id },
})

export const meanOrSum: Chapter = {
  id,
  title: 'Mean or sum, learning rate and batch size',
  summary:
    'What a sum in place of a mean does to the steps, and how learning rate and batch size decide whether, and how fast, training arrives.',
  intro: paragraphs(`
    How long a step is depends on the learning rate, on how the losses of a mini-batch are put together, and on how many there are. Here several jobs
    that differ in one thing run side by side: a sweep. Their losses themselves cannot be compared (a sum over 1000 examples is 1000 times a mean), so the
    curves show the root of the mean squared error, \`rmse\`, which means the same for all of them.
  `),
  steps: [
    {
      id: 'mean-and-sum',
      title: 'Exercise: the sum in place of the mean',
      text: paragraphs(`
        Four jobs on the same data, with the same seed: the mean with a learning rate of 0.03; the sum with a tenth of that, 0.003, since a batch has ten
        examples; the sum with the same 0.03; and the sum with 0.3.
      `),
      notice: paragraphs(`
        The first two are one curve: a sum with a learning rate divided by the batch size makes exactly the steps of the mean. The same 0.03 with a sum is a rate of
        0.3 with a mean: here it still arrives, and sooner, but each step is so long that it keeps shaking about the best point. With 0.3 every step overshoots
        by more than the one before: the loss grows until it is no number any more, and the job ends as \`LOSS_DIVERGED\`.
      `),
      kind: 'sweep',
      body: sweep(jobOf(id, { data: fewExamples, training: { epochs: 10 } }), [
        { 'loss.reduction': ['mean'], 'optimizer.learningRate': [0.03] },
        { 'loss.reduction': ['sum'], 'optimizer.learningRate': [0.003, 0.03, 0.3] },
      ]),
    },
    {
      id: 'batch-sizes-sum',
      title: 'The sum knows the batch size',
      text: paragraphs(`
        With a sum the length of a step grows with the number of examples in the batch. Here the learning rate stays 0.006, and the batch size changes.
      `),
      notice: paragraphs(`
        Larger batches take longer but fewer steps, and over an epoch both nearly cancel out, until a step is too long: with all 200 examples in one batch
        it diverges. Whoever changes the batch size of a sum changes the length of its steps without having asked for it; with a mean, the learning rate
        alone decides. That is why the mean is what frameworks do unless told otherwise.
      `),
      kind: 'sweep',
      body: sweep(
        jobOf(id, { data: fewExamples, loss: { type: 'mse', reduction: 'sum' }, learningRate: 0.006, training: { epochs: 10 } }),
        {
          'training.batchSize': [1, 10, 50, 200],
        },
      ),
    },
    {
      id: 'learning-rates',
      title: 'Learning rates',
      text: paragraphs(`
        Back to the mean, and to 200 examples, so that an epoch has only 20 steps. Five learning rates, each a few times the one before.
      `),
      notice: paragraphs(`
        Far too small: ten epochs are not enough. Small: slow, but on its way. Then two that arrive and stay at the noise, 0.01. The last one is too large and
        diverges. A good learning rate is as large as it can be without shaking.
      `),
      kind: 'sweep',
      body: sweep(jobOf(id, { data: fewExamples, training: { epochs: 10 } }), { 'optimizer.learningRate': [0.001, 0.01, 0.03, 0.1, 2] }),
      fields: [
        { label: 'learning rates', path: ['grid', 'optimizer.learningRate'], wide: true },
        { label: 'epochs', path: ['base', 'training', 'epochs'] },
      ],
    },
    {
      id: 'batch-sizes',
      title: 'Batch sizes',
      text: paragraphs(`
        The same learning rate, 0.03, and the mean; the batch size goes from a single example to all 200 of them.
      `),
      notice: paragraphs(`
        With one example a step, an epoch has 200 steps and is done at once. With all in one batch it has one step, whose direction is the best there is, but one step is
        one step. Larger batches want a larger learning rate, or more epochs.
      `),
      kind: 'sweep',
      body: sweep(jobOf(id, { data: fewExamples, training: { epochs: 10 } }), { 'training.batchSize': [1, 10, 50, 200] }),
      fields: [
        { label: 'batch sizes', path: ['grid', 'training.batchSize'], wide: true },
        { label: 'learning rate', path: ['base', 'optimizer', 'learningRate'] },
      ],
    },
    {
      id: 'huber',
      title: 'Exercise: Huber’s loss in place of the squared one',
      text: paragraphs(`
        The exercise writes it with a σ: a parabola as long as the difference is below σ, a straight line beyond. As it stands there it is called \`smoothL1\` here and
        in PyTorch, its σ \`beta\`; \`huber\` is the same times its \`delta\`. On clean data, does it matter?
      `),
      notice: paragraphs(`
        All of them end at the same line: without outliers they agree on what is best. The straight part makes the first steps shorter, so they take
        longer to come near. What it is good for is the next chapter.
      `),
      kind: 'sweep',
      body: sweep(jobOf(id, { data: fewExamples, training: { epochs: 20 } }), {
        loss: [{ type: 'mse' }, { type: 'huber', delta: 1 }, { type: 'smoothL1', beta: 0.5 }],
      }),
    },
  ],
}
