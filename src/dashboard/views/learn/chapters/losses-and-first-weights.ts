import { type Chapter, paragraphs } from './chapter.ts'
import { jobOf, tomorrow } from './configs.ts'

const id = 'losses-and-first-weights'

/** About y = 2x + 1; the last but one is far off. */
const xs = [-2, -1.8, -1.5, -1.3, -1, -0.8, -0.6, -0.4, -0.1, 0.1, 0.3, 0.6, 0.8, 1, 1.2, 1.5, 1.7, 2]
const ys = [-2.9, -2.72, -1.95, -1.4, -1.15, -0.58, -0.28, 0.32, 0.75, 1.35, 1.5, 2.23, 2.42, 3.08, 3.5, 3.96, -12, 5.06]

export const lossesAndFirstWeights: Chapter = {
  id,
  title: 'Losses, outliers and first weights',
  summary: 'Huber’s loss by its parts, what a single outlier does to a line, and the initializers that deeper networks start from.',
  intro: paragraphs(`
    Which loss and which first weights? Both have names that one can look up, and reasons that one can see. Most of the steps train nothing:
    losses and initializers can be asked directly.
  `),
  steps: [
    {
      id: 'huber',
      title: 'Three predictions, one far off',
      text: paragraphs(`
        Two predictions miss their labels by 0.2, the third by 5. Huber’s loss squares small differences, (0.2)² / 2 = 0.02 each, and counts large ones
        straight: 5 − ½ = 4.5. The mean of the three is 1.5133.
      `),
      notice: paragraphs(`
        With \`smoothL1\` it is the same number: for a delta of 1 both are one. With \`mse\` the one outlier makes it 8.36, and the gradient of that example is ten times
        as large as here; with \`l1\` the gradients are all of the same size.
      `),
      kind: 'loss',
      types: ['huber', 'smoothL1', 'mse', 'l1'],
      body: {
        inputs: [{ shape: [3], values: [1.8, 3.2, 10] }],
        target: { shape: [3], values: [2, 3, 5] },
        reduction: 'mean',
      },
    },
    {
      id: 'curves',
      title: 'Losses side by side',
      text: paragraphs(`
        One request asks for losses of 17 differences, from −4 to 4, and it is sent to four losses. The second chart is the gradient: how hard an example pulls
        at its prediction.
      `),
      notice: paragraphs(`
        The pull of a squared loss grows with the difference and never ends. That of \`l1\` is the same however far it is, and jumps at 0: near
        the best point it keeps overshooting. \`huber\` is round in the middle and straight outside.
      `),
      kind: 'lossCurves',
      types: ['mse', 'halfSquared', 'huber', 'l1'],
      body: {
        inputs: [{ shape: [17], values: [-4, -3.5, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4] }],
        target: { shape: [17], values: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        reduction: 'none',
      },
    },
    {
      id: 'outlier',
      title: 'Data with an outlier',
      text: paragraphs(`
        Eighteen points about the line \`y = 2x + 1\`. One of them is a mistake, at x = 1.7: somebody wrote −12 where 4.3 should be.
      `),
      kind: 'data',
      body: {
        features: xs.map((x) => [x]),
        labels: ys.map((y) => [y]),
        name: 'Eighteen points, one of them wrong',
        metadata: { learn: id },
        expiresAt: tomorrow(),
      },
    },
    {
      id: 'lines',
      title: 'Huber against squared against absolute',
      text: paragraphs(`
        Three jobs on these points that differ in their loss alone. Every step looks at all of them, so that nothing but the loss makes a difference.
      `),
      notice: paragraphs(`
        The squared loss cannot leave the outlier alone: its line turns towards it and fits none of the others. With Huber’s loss it pulls no harder than any other
        point that is more than 1 away; with the absolute loss no harder than any at all. Mend the −12 above, run both again, and the three lines are one.
      `),
      kind: 'sweep',
      needs: 'data',
      truth: { weights: [2], bias: 1 },
      body: {
        base: {
          dataset: { id: '$DATASET' },
          model: { layers: [{ type: 'dense', units: 1, weightInitializer: { type: 'zeros' }, biasInitializer: { type: 'zeros' } }] },
          optimizer: { type: 'sgd', learningRate: 0.05 },
          training: { epochs: 200, batchSize: 18, seed: 42 },
          metrics: ['mae'],
          metadata: { learn: id },
        },
        grid: { loss: [{ type: 'mse' }, { type: 'huber', delta: 1 }, { type: 'l1' }] },
        metadata: { learn: id },
      },
      fields: [
        { label: 'losses', path: ['grid', 'loss'], wide: true },
        { label: 'learning rate', path: ['base', 'optimizer', 'learningRate'] },
        { label: 'epochs', path: ['base', 'training', 'epochs'] },
      ],
    },
    {
      id: 'initializers',
      title: 'Exercise: which initializers are there?',
      text: paragraphs(`
        A layer of 64 inputs and 32 outputs. The bounds of Xavier’s come from both, ±√(6 / (64 + 32)) = ±0.25, so that signals neither grow nor fade on their way
        through many layers, forwards or backwards. Kaiming’s come from the inputs alone and allow for \`relu\`, which cuts off half of what passes.
      `),
      notice: paragraphs(`
        Compare the standard deviations: 0.144 for both of Xavier’s, 0.177 for both of Kaiming’s, whether evenly spread or normal. Double the inputs and they shrink. \`normal\`
        without options is far wider, 1; it ignores how large the layer is.
      `),
      kind: 'sample',
      types: ['xavierUniform', 'xavierNormal', 'kaimingUniform', 'kaimingNormal', 'normal', 'uniform', 'orthogonal', 'constant', 'zeros'],
      body: { shape: [64, 32], options: {}, seed: 1 },
      fields: [
        { label: 'inputs, outputs', path: ['shape'] },
        { label: 'seed', path: ['seed'] },
      ],
    },
    {
      id: 'smooth-l1',
      title: 'Exercise: train with it',
      text: paragraphs(`
        Huber’s loss in place of the squared one in the job of the notebook: nothing else changes.
      `),
      notice: paragraphs(`
        After three epochs the loss is still 0.0005: as long as a prediction is off by more than 1 its gradient is cut off at 1, so the first steps are
        short ones. Set the epochs to 6, and it ends at 0.00005. Near the labels Huber’s loss is half the squared one, and so is what the noise leaves of it.
      `),
      kind: 'job',
      body: jobOf(id, { loss: { type: 'huber', delta: 1 } }),
      fields: [
        { label: 'delta', path: ['loss', 'delta'] },
        { label: 'learning rate', path: ['optimizer', 'learningRate'] },
        { label: 'epochs', path: ['training', 'epochs'] },
      ],
    },
  ],
}
