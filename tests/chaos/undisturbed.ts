/** Every config once before anything goes wrong: what all later runs of it must equal. */
import type { Client } from './client.ts'
import { fingerprint } from './results.ts'
import type { Done, Submitter } from './submitter.ts'
import { kinds } from './workload.ts'

export type Undisturbed = {
  done: Done[]
  /** Fingerprints by name. */
  expected: Map<string, string>
}

/** @param jobs takes in the jobs' ids by name @throws where a job does not succeed */
export const runUndisturbed = async (
  { client, submitter, jobs }: { client: Client; submitter: Submitter; jobs: Map<string, string> },
  names: readonly string[],
  variants: number,
): Promise<Undisturbed> => {
  const undisturbed: Undisturbed = { done: [], expected: new Map() }

  const run = async (name: string, variant: number): Promise<void> => {
    const make = kinds[name]
    if (!make) throw new Error(`there is no kind of job ${name}`)
    const order = {
      name: `${name}/${variant}`,
      key: `undisturbed-${name}-${variant}`,
      work: { ...make(variant), action: undefined },
      cancel: false,
    }
    for (const done of await submitter.carryOut(order)) {
      if (done.status !== 'succeeded') throw new Error(`undisturbed ${done.name} ${done.status}: ${JSON.stringify(done.error)}`)
      undisturbed.expected.set(done.name, await fingerprint(client, done.id, done.everyEpoch))
      undisturbed.done.push(done)
      jobs.set(done.name, done.id)
    }
  }

  // Kind after kind, since some start from another's weights.
  for (const name of names) await Promise.all(Array.from({ length: variants }, (_, variant) => run(name, variant)))
  return undisturbed
}
