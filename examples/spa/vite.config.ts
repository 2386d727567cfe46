import { fileURLToPath } from "node:url";
import basicSsl from "@vitejs/plugin-basic-ssl";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// The mode names the set-up: a folder with the configuration of the server, and one of the same name
// in src/setup with what the application has to know of it.
export default defineConfig(({ mode }) => {
  const twoHosts = mode === "two-hosts";
  const server = twoHosts
    ? { host: "127.0.0.1", port: 8443, strictPort: true, allowedHosts: ["example.com"] }
    : { port: 8080, strictPort: true, proxy: { "/api/auth": "http://127.0.0.1:8000" } };
  return {
    plugins: [vue(), ...(twoHosts ? [basicSsl()] : [])],
    resolve: {
      alias: {
        "@setup": fileURLToPath(new URL(`./src/setup/${mode}`, import.meta.url)),
        "@": fileURLToPath(new URL("./src", import.meta.url)),
      },
    },
    build: { outDir: `dist/${mode}` },
    server,
    preview: server,
  };
});
