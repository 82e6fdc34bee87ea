import type { Config } from '../../new-job/draft.ts'
import { type Chapter, paragraphs } from './chapter.ts'
import { fewExamples, jobOf, linearData, normal, zeros } from './configs.ts'

const id = 'questions'

/** The same initializer for both layers of a net. */
const bothLayers = (initializer: Config): Config => ({
  'model.layers.0.weightInitializer': [initializer],
  'model.layers.1.weightInitializer': [initializer],
})

export const questions: Chapter = {
  id,
  title: 'Three questions',
  summary:
    'Ten patient epochs, and what readers of the notebook ask: must the sizes fit, may all weights start at zero, and what does net(X) do?',
  intro: paragraphs(`
    The last notebook trains the same model with a smaller learning rate for longer, and then answers three questions. Each of them can be tried.
  `),
  steps: [
    {
      id: 'ten-epochs',
      title: 'Ten epochs with a smaller learning rate',
      text: paragraphs(`
        0.01 in place of 0.03, and ten epochs in place of three. Watch the curve on its logarithmic scale: a straight fall, then a floor.
      `),
      notice: paragraphs(`
        Each epoch divides the loss by nearly the same factor until about the fourth; from then on it is the noise alone, 0.0001, and the remaining epochs add nothing.
      `),
      kind: 'job',
      body: jobOf(id, { learningRate: 0.01, training: { epochs: 10 } }),
      fields: [
        { label: 'learning rate', path: ['optimizer', 'learningRate'] },
        { label: 'epochs', path: ['training', 'epochs'] },
      ],
    },
    {
      id: 'sizes',
      title: 'Must the layer fit the data?',
      text: paragraphs(`
        In PyTorch \`nn.Linear(2, 1)\` names its inputs, and if they are not those of the data the program stops in the middle. Here they follow from the data. Whoever brings
        weights can still get it wrong, as this request does on purpose: three weights for two features. Run it, read what it says, then mend shape and values.
      `),
      notice: paragraphs(`
        Now it fits. The service checks all of a config before it queues anything, and names each place that is wrong.
      `),
      kind: 'check',
      body: {
        ...jobOf(id, {}),
        model: { layers: [{ type: 'dense', units: 1 }], initialWeights: { 'layers.0.weight': { shape: [3, 1], values: [0, 0, 0] } } },
      },
      fields: [
        { label: 'shape', path: ['model', 'initialWeights', 'layers.0.weight', 'shape'] },
        { label: 'values', path: ['model', 'initialWeights', 'layers.0.weight', 'values'] },
      ],
    },
    {
      id: 'zeros-linear',
      title: 'May all weights start at zero? In a linear model',
      text: paragraphs(`
        Four starts for one linear layer: zeros, and normal distributions of three widths.
      `),
      notice: paragraphs(`
        Zeros are as good as any. There is one best point, every step leads towards it, and each weight has a feature of its own to tell it apart from the
        others. A wide start only has further to go.
      `),
      kind: 'sweep',
      body: {
        base: { ...jobOf(id, { data: fewExamples, training: { epochs: 10 } }), metrics: ['rmse'] },
        grid: { 'model.layers.0.weightInitializer': [zeros, normal(0.01), normal(1), normal(10)] },
        metadata: { learn: id },
      },
      fields: [{ label: 'initializers', path: ['grid', 'model.layers.0.weightInitializer'], wide: true }],
    },
    {
      id: 'zeros-hidden',
      title: 'May all weights start at zero? With a hidden layer',
      text: paragraphs(`
        Now a net of eight hidden units is to learn a sine wave. Both layers start from zeros; from a constant ½; from normal distributions that are narrow, fitting and far too wide;
        and from Xavier’s.
      `),
      notice: paragraphs(`
        From zeros nothing reaches the hidden units: the weights behind them are zero, so is every gradient, and only the last bias learns. From a constant they
        do learn, but all of them the same: eight units, one opinion. A little randomness tells them apart. Too little costs time to get going, too much makes \`tanh\` flat at
        both ends, where gradients vanish. Biases may be zero in any case.
      `),
      kind: 'sweep',
      body: {
        base: {
          ...jobOf(id, {
            data: { kind: 'sine', examples: 200, noiseStd: 0.05, seed: 1 },
            layers: [
              { type: 'dense', units: 8, activation: 'tanh', biasInitializer: zeros },
              { type: 'dense', units: 1, biasInitializer: zeros },
            ],
            learningRate: 0.05,
            training: { epochs: 100, batchSize: 20 },
          }),
          metrics: ['rmse'],
        },
        grid: [zeros, { type: 'constant', val: 0.5 }, normal(0.01), normal(0.5), normal(10), { type: 'xavierUniform' }].map(bothLayers),
        metadata: { learn: id },
      },
      fields: [
        { label: 'hidden units', path: ['base', 'model', 'layers', 0, 'units'] },
        { label: 'activation', path: ['base', 'model', 'layers', 0, 'activation'] },
        { label: 'learning rate', path: ['base', 'optimizer', 'learningRate'] },
        { label: 'epochs', path: ['base', 'training', 'epochs'] },
      ],
    },
    {
      id: 'forward',
      title: 'What does net(X) do?',
      text: paragraphs(`
        It sends the rows of \`X\` through the layers, the forward pass, and what comes out are predictions; that is all. The training loop calls it
        once for each mini-batch and compares the result with the labels. We call it for rows of our own, with the model that the job of the first step left.
      `),
      notice: paragraphs(`
        One layer without an activation is \`xw + b\`, so both columns agree. Training does four things with it: predict, compute the loss, go back for the
        gradients, which start at zero for each batch, and take a step.
      `),
      kind: 'predictions',
      needs: 'job',
      body: {
        features: [
          [0, 0],
          [1, 1],
          [-0.5, 2],
        ],
      },
    },
    {
      id: 'least-squares',
      title: 'And without training at all?',
      text: paragraphs(`
        A linear model with a squared loss is one of the few whose best parameters can be computed at once. The service can do that, too.
      `),
      notice: paragraphs(`
        The errors are as small as those of training, or smaller. Nothing else in deep learning has such a formula, which is why we practise the other way.
      `),
      kind: 'job',
      body: {
        dataset: { synthetic: linearData },
        model: { layers: [{ type: 'dense', units: 1 }] },
        loss: { type: 'mse' },
        solver: { type: 'leastSquares' },
        metadata: { learn: id },
      },
    },
  ],
}
