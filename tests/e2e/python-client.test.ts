/** The package in clients/python as its users get it: a wheel in an environment of its own, against a running service. */
import assert from 'node:assert/strict'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { run } from '../support/e2e/client-package.ts'
import { cleanEnvironment, discard, type Product, root, startProduct } from '../support/e2e/product.ts'
import { findTorchPython, installPythonClient, type PythonProject } from '../support/e2e/python-package.ts'

let installed: PythonProject | { reason: string }
let product: Product | undefined
before(async () => {
  installed = await installPythonClient()
  if ('python' in installed) product = await startProduct({ OUTBOUND_ALLOW_HTTP: 'true', OUTBOUND_ALLOW_PRIVATE: 'true' })
})
after(async () => {
  await discard(product)
  if ('python' in installed) await installed.remove()
})

/** The project, or undefined for a test that is skipped. */
const openProject = (t: TestContext): (PythonProject & { environment: NodeJS.ProcessEnv }) | undefined => {
  if ('reason' in installed) return void t.skip(installed.reason)
  const more = { TRAINYARD_URL: product?.url ?? '', TRAINYARD_API_KEY: '', PYTHONPATH: installed.packages, MPLBACKEND: 'agg' }
  return { ...installed, environment: cleanEnvironment(more) }
}

const linted = ['clients/python', 'examples/iris.py', 'examples/trainer.py', 'tests/fixtures/clients']
const checks = 'tests/fixtures/clients/python_client.py'

/** Each of its tests, by its name, as one of ours. */
const tellEach = async (t: TestContext, told: string): Promise<void> => {
  const results = [...told.matchAll(/^test_(\w+) \(.*?\.\.\. (?:[\s\S]*?\n)??(ok|FAIL|ERROR|skipped.*)$/gm)]
  assert.ok(results.length > 0, told)
  for (const [, name = '', result] of results)
    await t.test(name.replaceAll('_', ' '), { skip: result?.startsWith('skipped') ? result : false }, () =>
      assert.equal(result, 'ok', told.slice(told.indexOf('======'))),
    )
  assert.match(told, /^OK\b/m)
}

test('the Python client does what it says', async (t) => {
  const project = openProject(t)
  if (!project) return
  const { python, environment: env } = project
  const { stderr } = await run(python, [join(root, checks), 'ClientTest'], { cwd: root, env }).catch((failed) => failed)
  await tellEach(t, stderr)
})

test('its code is as the linter of its pyproject.toml wants it', async (t) => {
  const project = openProject(t)
  if (!project) return
  for (const check of [['check'], ['format', '--check']])
    await run(project.python, ['-m', 'ruff', ...check, '--no-cache', '--config', 'clients/python/pyproject.toml', ...linted], { cwd: root })
})

test('what a job learned goes on in PyTorch, and what is trained by hand is what PyTorch trains', async (t) => {
  const project = openProject(t)
  if (!project) return
  const torch = await findTorchPython()
  // The packages of the environment come last, so that PyTorch keeps the NumPy that it was installed with.
  const start = 'import runpy, sys; sys.path.append(sys.argv.pop(1)); del sys.argv[0]; runpy.run_path(sys.argv[0], run_name="__main__")'
  const args = ['-c', start, project.sitePackages, join(root, checks), 'ToTorchTest', 'TrainerTest']
  const { stderr } = await run(torch ?? project.python, args, { cwd: root, env: project.environment }).catch((failed) => failed)
  await tellEach(t, stderr)
})

test('a Python program of thirty lines uploads iris, trains, watches and predicts', async (t) => {
  const project = openProject(t)
  if (!project) return
  const program = await readFile(join(root, 'examples/iris.py'), 'utf8')
  assert.ok(program.split('\n').length <= 31)
  for (const file of ['iris.py', 'iris.csv', 'iris.json']) await copyFile(join(root, 'examples', file), join(project.packages, file))
  const { stdout } = await run(project.python, ['iris.py'], { cwd: project.packages, env: project.environment })
  assert.match(stdout, /^2612 of 2612 bytes sent$/m)
  assert.equal(stdout.match(/^epoch \d+, loss 0\.\d{4}, accuracy [01]\.\d{3}$/gm)?.length, 6)
  assert.match(stdout, /^outputs -?\d+\.\d\d, -?\d+\.\d\d, \d+\.\d\d, by layers\.0\.weight, layers\.0\.bias, /m)
})

test('the Python program that trains by hand finds the truth', async (t) => {
  const project = openProject(t)
  if (!project) return
  const { stdout } = await run(project.python, [join(root, 'examples/trainer.py'), '1'], {
    cwd: project.packages,
    env: project.environment,
  })
  assert.ok(Number(/^epoch 1, loss 0\.\d{6}, on rows held back (0\.\d{6})$/m.exec(stdout)?.[1]) < 0.05, stdout)
  assert.match(
    stdout,
    /^step 10, quantile loss 0\.\d{4}\nLion after 12 steps: loss [012]\.\d{4}\nrange test: loss least at rate [01]\.\d{3}, and /m,
  )
  assert.match(stdout, /^accumulation: four batches of 10 step as one of 40\nfreezing: .*, changed layers\.1\.weight, layers\.1\.bias$/m)
})

test('the Python program that docs/clients.md shows does what it says', async (t) => {
  const project = openProject(t)
  if (!project) return
  const [, program = ''] = /```python\n([\s\S]*?)```/.exec(await readFile(join(root, 'docs/clients.md'), 'utf8')) ?? []
  await writeFile(join(project.packages, 'shown.py'), program)
  const { stdout } = await run(project.python, [join(project.packages, 'shown.py')], { cwd: root, env: project.environment })
  assert.match(stdout, /^5 0\.\d+\n\{.*stopReason.*\(\d+, \d+\)/ms)
})

test('the notebook in examples runs from its first cell to its last, and finds the truth', async (t) => {
  const project = openProject(t)
  if (!project) return
  const execute = [
    'import json, nbformat, sys; from nbclient import NotebookClient',
    'notebook = nbformat.read(sys.argv[1], 4); NotebookClient(notebook, timeout=60, kernel_name="python3").execute()',
    'print(json.dumps(["".join(out.get("text") or out.get("data", {}).get("text/plain", "")) for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs if out.get("name") != "stderr"]))',
  ].join('\n')
  const env = { ...project.environment, PATH: [join(project.python, '..'), process.env.PATH].join(delimiter) }
  const { stdout } = await run(project.python, ['-c', execute, join(root, 'examples/linear-regression.ipynb')], {
    cwd: project.packages,
    env,
  })
  const outputs: string[] = JSON.parse(stdout)
  const text = outputs.join('\n')
  assert.equal(text.match(/^gradient of the weight: \[/gm)?.length, 3)
  assert.ok(Number(/^epoch 3, loss (0\.\d{6})$/m.exec(text)?.[1]) < 2e-4, text)
  const errors = [...text.matchAll(/^error in estimating \w: \[(.*)\]$/gm)].flatMap(([, numbers = '']) =>
    numbers.trim().split(/\s+/).map(Number),
  )
  assert.ok(errors.length === 3 && errors.every((error) => Math.abs(error) < 2e-3), text)
  assert.match(text, /^Huber's loss: 1\.5133$/m)
})
