/**
 * Tables with one function for each type of a catalog. What branches by type outside the catalog is written as one, so that
 * it does not compile once a type is new, and no branch takes a type that it was not made for.
 */

/** One function for each type of a union of configs, given the config of its own type and whatever else is needed. */
export type ByType<Config extends { type: string }, Rest extends unknown[], Result> = {
  [Type in Config['type']]: (config: Extract<Config, { type: Type }>, ...rest: Rest) => Result
}

/** Calls the function of a config's type. */
export const callByType = <Config extends { type: string }, Rest extends unknown[], Result>(
  table: ByType<Config, Rest, Result>,
  config: Config,
  ...rest: Rest
): Result => {
  const call = table[config.type as Config['type']] as (config: Config, ...rest: Rest) => Result
  return call(config, ...rest)
}
