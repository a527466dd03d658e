import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { queryClient } from "~/api/client";
import { asFault } from "~/api/faults";
import { meQuery } from "~/api/session";
import { AppFault } from "~/layouts/app-fault";
import { NotFound, PageFault, PageLoading } from "~/layouts/page-states";
import {
  auditSearch,
  botsSearch,
  callsSearch,
  loginSearch,
  logsSearch,
  revisionsSearch,
  wizardSearch,
} from "~/util/search";

/** Every route of the console. The pages load when somebody goes there. */
const root = createRootRoute({ notFoundComponent: NotFound });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: loginSearch,
  component: lazyRouteComponent(() => import("~/pages/login/login-page")),
});

/** All but the login page: who is not logged in goes there and comes back. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(meQuery());
    } catch (thrown) {
      if (asFault(thrown).status !== 401) throw thrown;
      throw redirect({ to: "/login", search: { next: location.href } });
    }
  },
  component: lazyRouteComponent(() => import("~/layouts/app-layout"), "AppLayout"),
  errorComponent: AppFault,
});

const overview = createRoute({
  getParentRoute: () => app,
  path: "/",
  component: lazyRouteComponent(() => import("~/pages/overview/overview-page")),
});
const bots = createRoute({
  getParentRoute: () => app,
  path: "/bots",
  validateSearch: botsSearch,
  component: lazyRouteComponent(() => import("~/pages/bots/bots-page")),
});
const wizard = createRoute({
  getParentRoute: () => app,
  path: "/new",
  validateSearch: wizardSearch,
  component: lazyRouteComponent(() => import("~/pages/wizard/wizard-page")),
});

const bot = createRoute({
  getParentRoute: () => app,
  path: "/bots/$bot",
  component: lazyRouteComponent(() => import("~/pages/bot/bot-layout")),
});
const botOverview = createRoute({
  getParentRoute: () => bot,
  path: "/",
  component: lazyRouteComponent(() => import("~/pages/bot/overview-page")),
});
const botChat = createRoute({
  getParentRoute: () => bot,
  path: "chat",
  component: lazyRouteComponent(() => import("~/pages/bot/chat-page")),
});
const botCalls = createRoute({
  getParentRoute: () => bot,
  path: "calls",
  component: lazyRouteComponent(() => import("~/pages/bot/calls-page")),
});
const botCommands = createRoute({
  getParentRoute: () => bot,
  path: "commands",
  component: lazyRouteComponent(() => import("~/pages/bot/commands-page")),
});
const botLogs = createRoute({
  getParentRoute: () => bot,
  path: "logs",
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import("~/pages/bot/logs-page")),
});
const botRevisions = createRoute({
  getParentRoute: () => bot,
  path: "revisions",
  validateSearch: revisionsSearch,
  component: lazyRouteComponent(() => import("~/pages/bot/revisions-page")),
});
const botConfiguration = createRoute({
  getParentRoute: () => bot,
  path: "configuration",
  component: lazyRouteComponent(() => import("~/pages/bot/configuration-page")),
});

const calls = createRoute({
  getParentRoute: () => app,
  path: "/calls",
  validateSearch: callsSearch,
  component: lazyRouteComponent(() => import("~/pages/calls/calls-page")),
});
const call = createRoute({
  getParentRoute: () => app,
  path: "/calls/$call",
  component: lazyRouteComponent(() => import("~/pages/calls/call-page")),
});
const audit = createRoute({
  getParentRoute: () => app,
  path: "/audit",
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import("~/pages/audit/audit-page")),
});
const doctor = createRoute({
  getParentRoute: () => app,
  path: "/doctor",
  component: lazyRouteComponent(() => import("~/pages/doctor/doctor-page")),
});

const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  component: lazyRouteComponent(() => import("~/pages/settings/settings-layout")),
});
const secrets = createRoute({
  getParentRoute: () => settings,
  path: "secrets",
  component: lazyRouteComponent(() => import("~/pages/settings/secrets-page")),
});
const users = createRoute({
  getParentRoute: () => settings,
  path: "users",
  component: lazyRouteComponent(() => import("~/pages/settings/users-page")),
});
const tokens = createRoute({
  getParentRoute: () => settings,
  path: "tokens",
  component: lazyRouteComponent(() => import("~/pages/settings/tokens-page")),
});
const providers = createRoute({
  getParentRoute: () => settings,
  path: "providers",
  component: lazyRouteComponent(() => import("~/pages/settings/providers-page")),
});
const about = createRoute({
  getParentRoute: () => settings,
  path: "about",
  component: lazyRouteComponent(() => import("~/pages/settings/about-page")),
});
const account = createRoute({
  getParentRoute: () => settings,
  path: "/",
  component: lazyRouteComponent(() => import("~/pages/settings/account-page")),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    app.addChildren([
      overview,
      bots,
      wizard,
      bot.addChildren([
        botOverview,
        botChat,
        botCalls,
        botLogs,
        botCommands,
        botRevisions,
        botConfiguration,
      ]),
      calls,
      call,
      audit,
      doctor,
      settings.addChildren([account, users, tokens, providers, secrets, about]),
    ]),
  ]),
  defaultPreload: "intent",
  // Queries keep what was loaded; a second cache in the router would only be older.
  defaultPreloadStaleTime: 0,
  defaultErrorComponent: PageFault,
  defaultPendingComponent: PageLoading,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
