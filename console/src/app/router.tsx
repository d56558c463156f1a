/** Routes: one line of `places.ts` each, loaded when somebody goes there; the state of a page is in its address. */

import { createLazyRoute, createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { NotFound } from '../parts/NotFound';
import { LoadingPage } from '../parts/LoadingPage';
import { RouteProblem } from '../parts/RouteProblem';
import { PLACES } from './places';
import { Shell } from './Shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const routes = PLACES.map(({ path, load }) =>
  createRoute({ getParentRoute: () => root, path }).lazy(async () => {
    const { Page } = await load();
    return createLazyRoute(path as never)({ component: () => <Page /> }) as never;
  }),
);

export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  defaultPendingComponent: LoadingPage,
  defaultErrorComponent: RouteProblem,
  scrollRestoration: true,
  // Plain text, so that addresses stay readable.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (values) => {
    const said = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(said.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : '';
  },
});
