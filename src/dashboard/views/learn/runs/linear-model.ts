/** The linear model by hand: forwards, and back by the chain rule. */

/** Xw + b. */
export const predict = (features: number[][], weights: number[], bias: number): number[] =>
  features.map((row) => row.reduce((sum, x, at) => sum + x * (weights[at] ?? 0), bias))

/** From ∂loss/∂ŷ to ∂loss/∂w = Xᵀ ∂loss/∂ŷ and ∂loss/∂b = Σ ∂loss/∂ŷ. */
export const backward = (features: number[][], predictionGradients: number[]): { weightGradients: number[]; biasGradient: number } => ({
  weightGradients: (features[0] ?? []).map((_, at) =>
    features.reduce((sum, row, example) => sum + (row[at] ?? 0) * (predictionGradients[example] ?? 0), 0),
  ),
  biasGradient: predictionGradients.reduce((sum, gradient) => sum + gradient, 0),
})
