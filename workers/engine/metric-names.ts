/** `accuracy` of the rows held back is `validationAccuracy`. */
export const ofValidation = (metrics: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`validation${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]))
