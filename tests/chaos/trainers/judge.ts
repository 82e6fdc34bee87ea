/** Whether every trainer is where the same requests bring one that nothing happened to. */
import type { Client } from '../client.ts'
import { everyPage } from '../judge.ts'
import type { Driven, Driver } from './drive.ts'

/** What was wrong: an answer or a value that differs, a request that was done twice or never. */
export const judgeTrainers = async (driver: Driver, client: Client, all: readonly Driven[]): Promise<string[]> => {
  const groups = new Map<string, Driven[]>()
  for (const one of all) groups.set(`${one.kind}/${one.variant}`, [...(groups.get(`${one.kind}/${one.variant}`) ?? []), one])
  const faults = await Promise.all(
    [...groups].map(async ([name, group]) => {
      const undisturbed = await runUndisturbed(driver, name, group)
      const found = await Promise.all(group.map((one) => judge(driver, client, one, undisturbed)))
      return found.flat().map((fault) => `${name}: ${fault}`)
    }),
  )
  const stored = await everyPage<{ id: string }>(client, '/v1/trainers')
  const strange = stored.filter(({ id }) => !driver.trainers.has(id)).map(({ id }) => `trainer ${id} is one too many`)
  return [...faults.flat(), ...strange]
}

/** The answers to all requests, and the parameters wherever one of the group ended. */
type Undisturbed = { answers: readonly string[]; parametersAfter: ReadonlyMap<number, string> }

const runUndisturbed = async (driver: Driver, name: string, group: readonly Driven[]): Promise<Undisturbed> => {
  const ends = new Set(group.map(({ answers }) => answers.length))
  const [{ kind, variant }] = group as [Driven]
  const one = await driver.open(kind, variant, `undisturbed-${name}`)
  const parametersAfter = new Map<number, string>()
  while (one.answers.length < Math.max(...ends)) {
    await driver.next(one)
    if (ends.has(one.answers.length)) parametersAfter.set(one.answers.length, await driver.parameters(one.id))
  }
  return { answers: one.answers, parametersAfter }
}

const judge = async (driver: Driver, client: Client, one: Driven, undisturbed: Undisturbed): Promise<string[]> => {
  const { id, answers, version } = one
  const faults: string[] = []
  const other = answers.findIndex((text, at) => text !== undisturbed.answers[at])
  if (other >= 0) faults.push(`${id} answered ${answers[other]?.slice(0, 300)}, not ${undisturbed.answers[other]?.slice(0, 300)}`)
  const trainer = await client.get<{ version: number; lastSeq: number }>(`/v1/trainers/${id}`)
  if (trainer.lastSeq !== answers.length) faults.push(`${id} did ${trainer.lastSeq} requests, its client has ${answers.length} answers`)
  if (trainer.version !== version) faults.push(`${id} is at version ${trainer.version}, its client was told ${version}`)
  if ((await driver.parameters(id)) !== undisturbed.parametersAfter.get(answers.length)) faults.push(`${id} ended with other parameters`)
  // An answer is the same whenever it is asked for.
  const seq = Math.ceil(answers.length / 2)
  const again = await driver.ask(id, seq, driver.operationsOf(one, seq))
  if (again !== answers[seq - 1]) faults.push(`${id} answered request ${seq} another time with ${again.slice(0, 300)}`)
  return faults
}
