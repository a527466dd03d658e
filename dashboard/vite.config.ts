import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The built files lie inside the Python package, so that the wheel carries them.
export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "~": "/src" } },
  build: {
    outDir: "../src/homarus/http/console",
    emptyOutDir: true,
    // No data: URLs, which our content security policy would have to allow.
    assetsInlineLimit: 0,
    // The polyfill is an inline script; every browser of the last years preloads by itself.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 500,
    // These know light-dark(); what older ones get instead does not follow our switch.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
});
