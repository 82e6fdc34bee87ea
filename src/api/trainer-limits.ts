/** What one request may ask of a trainer. */
export const trainerLimits = {
  /** Operations of a request, those of a `repeat` counted once. */
  operations: 1000,
  /** Rounds of a `repeat`. */
  times: 100_000,
  /** Operations that a request comes to with all rounds of its repeats. */
  executed: 1_000_000,
  /** Numbers that all answers of a request may have together. */
  answered: 262_144,
  /** Bytes of a request. */
  requestBytes: 8 * 2 ** 20,
  /** Numbers of parameters, optimizer slots, running statistics and gradients together. */
  state: 16 * 2 ** 20,
  /** Other datasets that the evaluations of a request name, and cells that these read with all rounds. */
  evaluatedDatasets: 16,
  evaluatedCells: 2 ** 30,
  /** Forward passes since the last update that `backward` may go back through, and the numbers of their given rows. */
  passes: 64,
  passValues: 2 ** 20,
  /** Saved checkpoints of a trainer. */
  checkpoints: 100,
  /** Trainers of a tenant that are not closed. */
  live: 1000,
  /** Answers that are kept besides those that a restart needs. */
  keptAnswers: 1000,
}
