export default {
  api: {
    input: "api.json",
    output: {
      target: "orval/api.ts",
      client: "fetch",
      override: { mutator: { path: "./orval-fetch.ts", name: "send" } },
    },
  },
};
