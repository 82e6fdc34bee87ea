import { type Chapter, paragraphs } from './chapter.ts'
import { jobOf, linearData, tomorrow } from './configs.ts'

const id = 'from-scratch'
const halfSquared = { type: 'halfSquared', reduction: 'mean' }

export const fromScratch: Chapter = {
  id,
  title: 'From scratch',
  summary:
    'Data that we know the truth of, one mini-batch, one prediction, one step of gradient descent by hand, and then all of them in a loop.',
  intro: paragraphs(`
    A linear model says that a label is a weighted sum of the features plus a constant: \`y = x1·w1 + x2·w2 + b\`. Training means to find
    the weights \`w\` and the bias \`b\` from examples alone. Here nothing is hidden: every number on the way can be recomputed with a pocket calculator.
  `),
  steps: [
    {
      id: 'data',
      title: 'Draw the data',
      text: paragraphs(`
        To see whether training works we need data of which we know the truth. The service draws the features from a normal distribution, computes the
        labels with the weights and the bias below, and adds a little noise to them. The seed makes it the same data each time.
      `),
      notice: paragraphs(`
        The label rises with \`x1\` and falls, more steeply, with \`x2\`: that is the 2 and the −3.4. In each picture the other feature is what
        spreads the points. Give one feature the weight 0, or the noise a standard deviation of 3, and run it again.
      `),
      kind: 'data',
      body: { synthetic: linearData, metadata: { learn: id }, expiresAt: tomorrow() },
      fields: [
        { label: 'weights w', path: ['synthetic', 'weights'] },
        { label: 'bias b', path: ['synthetic', 'bias'] },
        { label: 'noise', path: ['synthetic', 'noiseStd'], hint: 'standard deviation' },
        { label: 'examples', path: ['synthetic', 'examples'] },
        { label: 'seed', path: ['synthetic', 'seed'] },
      ],
    },
    {
      id: 'batch',
      title: 'Look at one mini-batch',
      text: paragraphs(`
        Training does not look at all examples before each step: it shuffles them and takes a few at a time, a mini-batch. This is one of ten. Another seed is
        another order, and so another batch. (A job shuffles with its own seed, anew for each epoch.)
      `),
      kind: 'batch',
      needs: 'data',
      body: { batchSize: 10, seed: 1 },
      fields: [
        { label: 'batch size', path: ['batchSize'] },
        { label: 'seed', path: ['seed'] },
      ],
    },
    {
      id: 'loss',
      title: 'How wrong is a prediction?',
      text: paragraphs(`
        The loss says it in one number for each example: half of the squared difference between prediction and label. Take the first row: the
        prediction is 3, the label 5, so the loss is (3 − 5)² / 2 = 2. The gradient says how the loss changes with the prediction; here it is simply the
        difference, −2: a larger prediction would be a better one.
      `),
      notice: paragraphs(`
        A difference twice as large costs four times as much. With \`"reduction": "mean"\` in place of \`none\` the three losses become one number, their mean, and
        each gradient is divided by three.
      `),
      kind: 'loss',
      types: ['halfSquared', 'mse'],
      body: {
        inputs: [{ shape: [3], values: [3, 4.5, -1] }],
        target: { shape: [3], values: [5, 4, -1] },
        reduction: 'none',
      },
    },
    {
      id: 'step',
      title: 'Take one step by hand',
      text: paragraphs(`
        We begin with weights and a bias of 0, so every prediction is 0. The service draws a mini-batch and gives the loss with its gradient for each
        prediction. The chain rule leads from there to the parameters: the gradient of a weight is the sum, over the batch, of its feature times the gradient of
        the prediction; that of the bias is the plain sum. Each parameter then goes a little way against its gradient: the learning rate times it.
      `),
      notice: paragraphs(`
        Press “One more step” until the parameters come close to the true ones; each step sees a mini-batch of its own. The loss jumps about, since every
        batch is a different one, but it falls. With \`"reduction": "sum"\` the gradients are those of ten examples together: a tenth of the learning
        rate makes exactly the same steps. That is why the notebook, which sums, divides by the batch size in its \`sgd\`.
      `),
      kind: 'descent',
      needs: 'data',
      body: { weights: [0, 0], bias: 0, loss: 'halfSquared', reduction: 'mean', learningRate: 0.03, batchSize: 10, seed: 1 },
      fields: [
        { label: 'weights w', path: ['weights'] },
        { label: 'bias b', path: ['bias'] },
        { label: 'learning rate', path: ['learningRate'] },
        { label: 'batch size', path: ['batchSize'] },
        { label: 'reduction', path: ['reduction'], hint: 'mean or sum' },
      ],
    },
    {
      id: 'loop',
      title: 'Let the service take all of them',
      text: paragraphs(`
        A job is that loop: for each epoch, shuffle; for each mini-batch, predict, compute the loss and the gradients, take a step. Three epochs of 100 steps
        are 300 of the steps above. The loss that is shown is measured over all examples after each epoch.
      `),
      notice: paragraphs(`
        It ends near 0.00005, half of the noise squared (0.01² / 2): no line through these points can do better. What was learned stands beside what is true.
      `),
      kind: 'job',
      body: jobOf(id, { loss: halfSquared }),
      fields: [
        { label: 'learning rate', path: ['optimizer', 'learningRate'] },
        { label: 'epochs', path: ['training', 'epochs'] },
        { label: 'batch size', path: ['training', 'batchSize'] },
      ],
    },
    {
      id: 'by-hand',
      title: 'Exercise: what does automatic differentiation do? By hand',
      text: paragraphs(`
        Whatever is made of differentiable pieces can be differentiated piece by piece: remember the operations on the way to the loss, then go
        back through them and multiply the derivatives. That is all that automatic differentiation is. We can test it. This is one step by hand, over all
        1000 examples at once.
      `),
      kind: 'descent',
      needs: 'data',
      body: { weights: [0, 0], bias: 0, loss: 'halfSquared', reduction: 'mean', learningRate: 0.03, batchSize: 1000, seed: 1 },
    },
    {
      id: 'autograd',
      title: 'Exercise: the same, automatically',
      text: paragraphs(`
        And this is a job on the same dataset that starts from the same zeros and takes a single step over all rows. Its gradients come from automatic
        differentiation, and it never saw our chain rule.
      `),
      notice: paragraphs(`
        The gradients are those of the step by hand, and so are the new weights and the new bias.
      `),
      kind: 'job',
      needs: 'data',
      body: {
        dataset: { id: '$DATASET' },
        model: {
          layers: [{ type: 'dense', units: 1 }],
          initialWeights: { 'layers.0.weight': { shape: [2, 1], values: [0, 0] }, 'layers.0.bias': { shape: [1], values: [0] } },
        },
        loss: halfSquared,
        optimizer: { type: 'sgd', learningRate: 0.03 },
        training: { epochs: 1, batchSize: 1000, seed: 42 },
        metadata: { learn: id },
      },
    },
  ],
}
