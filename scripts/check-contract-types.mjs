#!/usr/bin/env node
/** The types of those who know the product by openapi.json alone, the page and the client: first what is made of that is made anew. */
import { join } from 'node:path'
import { writeContractTypes } from './support/contract-types.mjs'
import { root, run } from './support/steps.mjs'

const folders = { dashboard: 'src/dashboard', client: 'clients/typescript/src' }
for (const folder of Object.values(folders)) await writeContractTypes(`${folder}/generated/api.d.ts`)

const projects = ['src/dashboard/tsconfig.json', 'clients/typescript/tsconfig.json']
const compiler = join(root, 'node_modules/typescript/bin/tsc')
const verdicts = await Promise.all(projects.map((project) => run(process.execPath, [compiler, '-p', project], { quiet: true })))
for (const { output } of verdicts) if (output.trim()) console.log(output.trim())
process.exitCode = Math.max(...verdicts.map(({ code }) => code))
