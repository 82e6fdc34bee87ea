import { type Chapter, paragraphs } from './chapter.ts'
import { jobOf, linearData, linearLayer } from './configs.ts'

const id = 'in-a-few-lines'

export const inAFewLines: Chapter = {
  id,
  title: 'In a few lines',
  summary:
    'The same model out of ready-made parts: a layer, first weights, a loss, an optimizer. One request trains it and keeps its gradients.',
  intro: paragraphs(`
    Nobody writes the loop anew for each model. A framework brings layers, losses and optimizers, and one names those that are wanted. Here that is a
    JSON config: what the notebook says with \`nn.Linear\`, \`nn.MSELoss\` and \`optim.SGD\` are three of its fields.
  `),
  steps: [
    {
      id: 'model',
      title: 'Describe the model',
      text: paragraphs(`
        One fully connected layer with one unit is the linear model. How many features come in follows from the data. The service can say what a config comes
        to without training it.
      `),
      notice: paragraphs(`
        Three parameters: two weights, which PyTorch keeps as one row \`[1, 2]\` and this service as one column \`[2, 1]\`, and a bias. 1000 rows in batches of ten make
        100 steps for each epoch. Add a second layer in front of it, \`{"type": "dense", "units": 8, "activation": "relu"}\`, and see what that costs.
      `),
      kind: 'check',
      body: jobOf(id, {}),
    },
    {
      id: 'initial-weights',
      title: 'Where the weights begin',
      text: paragraphs(`
        Training starts somewhere. The notebooks draw each weight from a normal distribution with mean 0 and a standard deviation of 0.01, close to
        nothing, and set the bias to 0. An initializer draws as many values as you like, so here are a thousand.
      `),
      notice: paragraphs(`
        Two out of three values lie within one standard deviation. PyTorch's own start for a linear layer, if nobody asks for another, is \`fanInUniform\`: evenly
        between ±1/√inputs. Choose it as the type and empty the options, \`{}\`.
      `),
      kind: 'sample',
      types: ['normal', 'fanInUniform', 'uniform', 'constant', 'zeros'],
      body: { shape: [1000, 1], options: { mean: 0, std: 0.01 }, seed: 1 },
    },
    {
      id: 'train',
      title: 'Train it',
      text: paragraphs(`
        The mean squared error, stochastic gradient descent with a learning rate of 0.03, three epochs. This is the whole notebook in one request.
      `),
      notice: paragraphs(`
        After one epoch the loss is already close to the noise squared, 0.0001, and the other two change little. What is left in the gradient after the loop,
        \`.grad\` in PyTorch, is that of the very last mini-batch: no longer anything but noise.
      `),
      kind: 'job',
      body: jobOf(id, {}),
      fields: [
        { label: 'learning rate', path: ['optimizer', 'learningRate'] },
        { label: 'epochs', path: ['training', 'epochs'] },
        { label: 'batch size', path: ['training', 'batchSize'] },
        { label: 'seed', path: ['training', 'seed'] },
      ],
    },
    {
      id: 'predict',
      title: 'Ask it about new examples',
      text: paragraphs(`
        The model of the step before predicts for rows that it has not seen. For a linear model that is a sum of three terms, which we can do too.
      `),
      notice: paragraphs(`
        The first row is all zeros, so its prediction is the learned bias. From the first to the second only \`x1\` changes, by one: the difference is the weight \`w1\`.
      `),
      kind: 'predictions',
      needs: 'job',
      body: {
        features: [
          [0, 0],
          [1, 0],
          [0, 1],
          [1.5, -0.5],
        ],
      },
    },
    {
      id: 'gradients',
      title: 'Exercise: where are the gradients?',
      text: paragraphs(`
        In PyTorch they are in \`weight.grad\` and \`bias.grad\` after \`backward()\`. Here a job records them for each epoch. This one takes a single step over a
        single mini-batch, the best moment to look: the gradients still point at the way to go.
      `),
      notice: paragraphs(`
        Each gradient has the opposite sign of what is missing: to reach 2 the first weight must grow, so its gradient is negative. The weights have gone
        0.03 times the gradient from where they began.
      `),
      kind: 'job',
      body: jobOf(id, { data: { ...linearData, examples: 10 }, layers: [linearLayer], training: { epochs: 1 } }),
      fields: [
        { label: 'learning rate', path: ['optimizer', 'learningRate'] },
        { label: 'epochs', path: ['training', 'epochs'] },
        { label: 'examples', path: ['dataset', 'synthetic', 'examples'] },
      ],
    },
    {
      id: 'sum',
      title: 'Exercise: from the sum to the mean',
      text: paragraphs(`
        If the loss of a mini-batch becomes the mean of what was a sum, how must the learning rate change? Look at the gradients first. This is the sum of
        five squared errors; then set the reduction to \`mean\` and run it again.
      `),
      notice: paragraphs(`
        The mean is the sum divided by five, the number of values, and so is every gradient. To keep taking the same steps the learning rate must be five times as
        large; from the mean to the sum, a fifth. The next chapter trains with both.
      `),
      kind: 'loss',
      types: ['mse', 'halfSquared', 'l1'],
      body: {
        inputs: [{ shape: [5], values: [4.9, 3.7, -1.4, 4.4, 2] }],
        target: { shape: [5], values: [5.4, 3.2, -1.9, 4.4, 3] },
        reduction: 'sum',
      },
      fields: [{ label: 'reduction', path: ['reduction'], hint: 'sum or mean' }],
    },
  ],
}
