import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "~/ui/base.css";

import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { setNonce } from "get-nonce";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "~/api/client";
import { ConfirmDialog } from "~/components/confirm-dialog";
import { router } from "~/routes";
import { theme } from "~/ui/theme";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
// Style elements carry the nonce of the page's own answer; the policy allows no other.
const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
setNonce(nonce); // for the one style element that dialogs make to keep the page from scrolling

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <ConfirmDialog />
        <Notifications position="bottom-right" />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
