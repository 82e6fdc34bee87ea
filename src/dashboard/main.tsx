/**
 * The page at `/`. To add a view:
 *
 * 1. Write `views/NAME.tsx`, which exports a component of `ViewProps` and as `title` what the window is called. A view loads what it
 *    shows with `useQuery(get(…))` from `hooks/use-query.ts`, writes with `send` from `api/client.ts`, and keeps filters in the address
 *    with `useSearch()` from `router.ts`. Put large views into a folder of their own; a file has 250 lines at most.
 * 2. Add its line to `routes.ts`; with `nav` it is in the menu. Its code is loaded when it is first asked for.
 * 3. Its styles, if it needs some of its own, go into a file that `styles/all.css` names.
 * 4. Add its path to `pages` in `src/http/routes/dashboard.routes.ts`, so that the server answers it.
 *
 * Parts to build it of are in `components/`: Chart, Table, Field, Notice, Pager, Dialog, … Colors, spaces and sizes come from the
 * variables in `styles/base.css`. Links are plain `<a href>`. There are no styles and no scripts in the HTML, since the
 * Content-Security-Policy forbids them; `style={{…}}` is fine. Types of requests and answers: `api/types.ts`, made of openapi.json
 * by `npm run check -- types`. `npm run build` bundles it all.
 */
import { render } from 'preact'
import { Shell } from './components/shell.tsx'
import './styles/all.css'

const root = document.getElementById('page')
if (root) render(<Shell />, root)
