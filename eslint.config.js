// Layers, runtime globals and sizes: docs/adr/0003-layer-rules-by-eslint-and-tsc.md says why they are checked here.
import { dirname, relative, resolve, sep } from "node:path";
import tseslint from "typescript-eslint";

/** Files that may do anything: tests and what only they import. */
const TESTS = ["**/*_test.ts", "**/_test_*.ts", "**/testing/**", "**/testdata/**"];
const TEST_PATH = /(^|\/)_test_|_test\.ts$|\/testing\//;

/** What each package or app may import: layers, npm packages (null: any), and which node:* it may not. */
const POLICIES = {
  "packages/core": { layers: [], npm: [], refusedNode: /./ },
  "packages/sources": { layers: ["core"], npm: ["modern-tar"], refusedNode: /./ },
  "packages/store": { layers: ["core"], npm: [], refusedNode: /./ },
  "packages/operations": { layers: ["core"], npm: [], refusedNode: /./ },
  "packages/render": { layers: ["core", "operations"], npm: ["echarts"], refusedNode: /./ },
  "packages/platform": {
    layers: ["core", "sources", "store", "operations", "render"],
    npm: [
      "@electric-sql/pglite",
      "age-encryption",
      "aws4fetch",
      "croner",
      "maxmind",
      "nodemailer",
      "pg-boss",
      "postgres",
      "undici",
    ],
    refusedNode: null,
  },
  "packages/testkit": { layers: ["core"], npm: null, refusedNode: null },
  apps: {
    layers: ["core", "operations", "render", "platform"],
    npm: ["@hono/zod-openapi", "cac", "hono", "zod"],
    // Doors hold neither files nor sockets: platform opens them.
    refusedNode: /^node:(fs|net|tls|http|https|dns|dgram|sqlite)(\/|$)/,
  },
};

/** Files that may do more, or less, than their package. */
const EXCEPTIONS = [
  // The lab serves stand-ins of the providers: only this command needs them, so it loads them when it runs.
  { file: /^apps\/cli\/(.*\/)?lab(_[a-z_]+)?\.ts$/, policy: { dynamic: ["@ipcascade/testkit/lab"] } },
  // They open the other doors, which they load when they run.
  {
    file: /^apps\/cli\/commands\/serve\.ts$/,
    policy: { dynamic: ["@ipcascade/api/serve", "@ipcascade/scheduler/attend"] },
  },
  { file: /^apps\/cli\/commands\/schedule\.ts$/, policy: { dynamic: ["@ipcascade/scheduler/attend"] } },
  // Two doors as one app; what each of them does is its own.
  { file: /^apps\/deploy\/main\.ts$/, policy: { layers: ["api", "scheduler", "platform"] } },
  // A timer is registered by paths, before there is any configuration that would resolve names: ADR 0038.
  { file: /^packages\/platform\/settings_core\.ts$/, policy: { paths: ["packages/core/"] } },
  {
    file: /^apps\/scheduler\/main\.ts$/,
    policy: { paths: ["packages/platform/settings_schedule_reader.ts"] },
  },
  // Loads in workerd, where there is neither platform nor node:*: all but what serves.
  {
    file: /^apps\/api\/(?!(main|serve|fetch|read_policy|listen(_\w+)?)\.ts$)/,
    policy: { layers: ["core", "operations", "render"], refusedNode: /./ },
  },
  {
    file: /^apps\/api\/listen_node\.ts$/,
    policy: { npm: ["@hono/node-server"] },
  },
];

/** The rules for one file; null where none apply. */
function policyOf(file) {
  const prefix = Object.keys(POLICIES).find((name) => file.startsWith(`${name}/`));
  if (prefix === undefined) return null;
  const exceptions = EXCEPTIONS.filter((exception) => exception.file.test(file));
  const root = file.split("/").slice(0, 2).join("/");
  return Object.assign(
    { root, dynamic: [], paths: [] },
    POLICIES[prefix],
    ...exceptions.map(({ policy }) => policy),
  );
}

/** Says what is wrong with an import; null when nothing is. */
function findImportProblem(specifier, { policy, file, isDynamic }) {
  if (specifier.startsWith(".")) {
    const target = resolve("/", dirname(file), specifier).slice(1);
    const places = [`${policy.root}/`, ...policy.paths];
    if (!places.some((place) => target.startsWith(place))) return "a relative path stays inside its package";
    return TEST_PATH.test(target) ? "product code imports no tests" : null;
  }
  if (isDynamic && policy.dynamic.includes(specifier)) return null;
  if (specifier.startsWith("node:")) {
    return policy.refusedNode?.test(specifier)
      ? `${policy.root} gets from its callers what it needs of it`
      : null;
  }
  const layer = /^@ipcascade\/([^/]+)/.exec(specifier)?.[1];
  if (layer !== undefined) {
    if (policy.layers.includes(layer)) return null;
    return `${policy.root} may import ${policy.layers.join(", ") || "nothing"}`;
  }
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
  return policy.npm === null || policy.npm.includes(name) ? null : `${policy.root} may not depend on it`;
}

/** The literals that an expression stands for: itself, or what a constant of the file was given. */
function literalsOf(node, { sourceCode }) {
  const name = node?.type === "MemberExpression" && node.computed ? node.object : node;
  if (name?.type !== "Identifier") return [node];
  const { references } = sourceCode.getScope(name);
  const [definition] = references.find(({ identifier }) => identifier === name)?.resolved?.defs ?? [];
  const value = definition?.parent?.kind === "const" ? definition.node.init : null;
  if (name === node) return [value ?? node];
  // A table that nobody can write to; what its literals are not is no name that is written out.
  const isTable = value?.type === "TSAsExpression" && value.expression.type === "ObjectExpression" &&
    sourceCode.getText(value.typeAnnotation) === "const";
  return isTable ? value.expression.properties.map((property) => property.value ?? property) : [node];
}

const importRule = {
  meta: { type: "problem", schema: [], messages: { refused: 'Cannot import "{{specifier}}": {{problem}}' } },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join("/");
    const policy = policyOf(file);
    if (policy === null) return {};
    function check(node, source, isDynamic = false) {
      if (source === null || source === undefined) return;
      const specifier = typeof source.value === "string" ? source.value : "…";
      const problem = specifier === "…"
        ? "its name must be written out"
        : findImportProblem(specifier, { policy, file, isDynamic });
      if (problem !== null) context.report({ node, messageId: "refused", data: { specifier, problem } });
    }
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression(node) {
        for (const source of literalsOf(node.source, context)) check(node, source, true);
      },
      TSImportType: (node) => check(node, node.source, true),
      TSExternalModuleReference: (node) => check(node, node.expression),
    };
  },
};

const reasonRule = {
  meta: { type: "suggestion", schema: [], messages: { missing: "Say why on the same line, after --" } },
  create(context) {
    return {
      Program() {
        for (const { value, loc } of context.sourceCode.getAllComments()) {
          const switchesOff = /^\s*(eslint-disable|deno-lint-ignore)/.test(value);
          if (switchesOff && !/\s--\s+\S/.test(value)) context.report({ loc, messageId: "missing" });
        }
      },
    };
  },
};

/** `no-restricted-globals` for the names of several groups. */
function refuseGlobals(...groups) {
  return ["error", ...groups.flatMap(({ names, message }) => names.map((name) => ({ name, message })))];
}

const RUNTIME = {
  names: ["Deno", "Bun", "process", "Buffer", "global", "require", "__dirname", "__filename"],
  message: "Product code runs on Deno, Bun and Node: only platform and the doors import it, from node:*.",
};
const OUTSIDE = {
  names: [
    "fetch",
    "WebSocket",
    "XMLHttpRequest",
    "navigator",
    "caches",
    "localStorage",
    "globalThis",
    "self",
    "window",
  ],
  message: "The caller passes it in.",
};
const TIME = {
  names: ["performance", "setInterval", "setImmediate"],
  message: "The caller passes a Clock in.",
};
const WAITING = { names: ["setTimeout", "crypto"], message: "The caller passes a Clock or a Random in." };

const LANGUAGE = [
  { selector: "TSEnumDeclaration", message: "Write a union of literals." },
  { selector: "ExportDefaultDeclaration", message: "Export it by name." },
  { selector: "ExportSpecifier[exported.name='default']", message: "Export it by name." },
];
const ENVIRONMENT = [
  "MemberExpression[object.name='process'][property.name='env']",
  "ImportDeclaration[source.value='node:process'] > ImportSpecifier[imported.name='env']",
].map((selector) => ({ selector, message: "Only packages/platform/settings*.ts read the environment." }));
const INSTANTS = [
  "MemberExpression[object.name='Date'][property.name='now']",
  "NewExpression[callee.name='Date'][arguments.length=0]",
  "CallExpression[callee.name='Date']",
  "MemberExpression[object.name='Math'][property.name='random']",
  "MemberExpression[object.name='crypto'][property.name=/^random|^getRandom/]",
  "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
].map((selector) => ({ selector, message: "The caller passes a Clock or a Random in." }));

/** Rules of a package that knows no clock, no randomness and nothing outside. */
function pureConfig(name, ...globals) {
  return {
    files: [`packages/${name}/**/*.ts`],
    ignores: TESTS,
    rules: {
      "no-restricted-globals": refuseGlobals(RUNTIME, OUTSIDE, TIME, ...globals),
      "no-restricted-syntax": ["error", ...LANGUAGE, ...ENVIRONMENT, ...INSTANTS],
    },
  };
}

export default tseslint.config(
  { ignores: ["**/node_modules/**", "coverage/**"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.recommended],
    plugins: { layers: { rules: { imports: importRule, reasons: reasonRule } } },
    rules: {
      "layers/reasons": "error",
      "eqeqeq": ["error", "always", { null: "ignore" }],
      "no-restricted-syntax": ["error", ...LANGUAGE],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["packages/**/*.ts", "apps/**/*.ts", "apps/**/*.tsx"],
    ignores: TESTS,
    rules: {
      "layers/imports": "error",
      "no-console": "error",
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
      "no-restricted-globals": refuseGlobals(RUNTIME),
      "no-restricted-syntax": ["error", ...LANGUAGE, ...ENVIRONMENT],
    },
  },
  {
    files: ["packages/platform/settings*.ts"],
    ignores: TESTS,
    rules: { "no-restricted-syntax": ["error", ...LANGUAGE] },
  },
  pureConfig("core", WAITING),
  pureConfig("sources", WAITING),
  pureConfig("operations", WAITING),
  pureConfig("render", WAITING),
  // Its digests need crypto, and its retries wait between two statements, where no caller could.
  pureConfig("store"),
  {
    // What only Deno can: Deno.serve and Deno.cron.
    files: ["apps/api/listen_deno.ts", "apps/scheduler/**/*.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-globals": refuseGlobals({
        ...RUNTIME,
        names: RUNTIME.names.filter((name) => name !== "Deno"),
      }),
    },
  },
);
