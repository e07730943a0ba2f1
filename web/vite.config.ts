import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// `PODIUM_SERVER` lets `npm run dev` talk to a running server or to dev/mock.mjs.
const server = process.env["PODIUM_SERVER"] ?? "http://127.0.0.1:8090";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../src/podium/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // no data: URLs, so that the content security policy stays short
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: server, ws: true },
      "/whip": { target: server },
      "/whep": { target: server },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
