import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { OutputStream, type Terminal } from "@ipcascade/platform";
import { openTempDir, truthOf, WORLD, writeEditionPair } from "@ipcascade/testkit";
import { gzipSync } from "node:zlib";
import { writeFile } from "node:fs/promises";
import { runCli } from "./cli.ts";

interface Ending {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, against a terminal of strings. */
async function run(args: readonly string[]): Promise<Ending> {
  const written = { stdout: "", stderr: "" };
  const target = {
    write(data: string | Uint8Array, done: () => void) {
      written.stdout += typeof data === "string" ? data : new TextDecoder().decode(data);
      done();
    },
    on() {},
  };
  const terminal: Terminal = {
    args,
    stdout: new OutputStream(target),
    stdinIsTerminal: true,
    stderrIsTerminal: false,
    columns: 80,
    writeError: (text) => void (written.stderr += text),
    exit: () => Promise.reject(new Error("Cannot exit within a test")),
  };
  const code = await runCli(args, terminal);
  return { code, ...written };
}

/** Points the settings at a fresh directory with the world's editions while `work` runs. */
async function withEditions(work: (dir: string) => Promise<void>): Promise<void> {
  await using dir = await openTempDir();
  await writeEditionPair(dir.join("editions"));
  Deno.env.set("IPCASCADE_DATA_DIR", dir.join("data"));
  Deno.env.set("GEOIPUPDATE_DB_DIR", dir.join("editions"));
  try {
    await work(dir.path);
  } finally {
    Deno.env.delete("IPCASCADE_DATA_DIR");
    Deno.env.delete("GEOIPUPDATE_DB_DIR");
  }
}

const BAD_USAGE: readonly [args: readonly string[], message: string][] = [
  [["frobnicate"], 'Cannot run "frobnicate": there is no such command'],
  [["enrich", "--formt", "json", "8.8.8.8"], "--formt"],
  [["enrich", "--max-wait", "3", "8.8.8.8"], 'Cannot use "--max-wait": there is no such option'],
  [["5"], 'Cannot run "5": there is no such command'],
  [["sessions", "07"], 'Cannot run sessions "07"'],
  [["enrich", "8.8.8.8", "--format", ""], 'Cannot read --format ""'],
  [["enrich", "8.8.8.8", "--batch-size", "1e3"], "whole numbers from 1 to 10000"],
  [["enrich", "8.8.8.8", "--format", "xml"], 'Cannot read --format "xml": allowed are'],
  [["lookup", "8.8.8.8", "--format", "none"], 'Cannot read --format "none": allowed are table, json'],
  [["enrich", "8.8.8.8", "--format"], "value is missing"],
  [["lookup", "8.8.8.8", "--format", "json", "--format", "csv"], "it was given more than once"],
  [["enrich", "8.8.8.8", "--batch-size", "0"], "whole numbers from 1 to 10000"],
  [["enrich", "8.8.8.8", "--batch-size", "-1"], 'Cannot read --batch-size "-1": allowed are whole numbers'],
  [["lookup", "--workers", "-1", "8.8.8.8"], 'Cannot read --workers "-1": allowed are whole numbers from 1'],
  [["lookup", "-1"], 'Cannot use "-1": there is no such option'],
  [["enrich", "8.8.8.8", "--batch-size", "10001"], "whole numbers from 1 to 10000"],
  [["enrich", "8.8.8.8", "--batch-size", "1.5"], "whole numbers from 1 to 10000"],
  [["enrich", "8.8.8.8", "--batch-size", "many"], "whole numbers from 1 to 10000"],
  [["enrich", "8.8.8.8", "--sources", "maxmind,whois"], "a comma list of maxmind, cymru, greynoise"],
  [["enrich", "8.8.8.8", "--sources", "maxmind", "--offline"], "give one of them"],
  [["enrich", "8.8.8.8", "--quiet", "--verbose"], "give one of --quiet, --verbose"],
  [["lookup", "--from", "xml", "8.8.8.8"], "xml"],
  [["lookup", "--from", "csv:", "8.8.8.8"], "csv"],
  [["sessions", "frob"], 'Cannot run sessions "frob": allowed are import and enrich'],
  [["sessions", "enrich"], "name their ids, or give --all"],
  [["sessions", "enrich", "--all", "abc"], "name their ids, or give --all"],
  [["sessions", "import", "--all", "x"], "Cannot import --all"],
  [["sessions", "import"], "no log was named"],
];

Deno.test("runCli() refuses what it does not understand with status 2, says what is allowed and points at the help", async () => {
  await withEditions(async () => {
    for (const [args, message] of BAD_USAGE) {
      const { code, stdout, stderr } = await run(args);
      assertEquals([code, stdout], [2, ""], args.join(" "));
      assertStringIncludes(stderr, message, args.join(" "));
      assertStringIncludes(stderr, "--help", args.join(" "));
    }
  });
});

Deno.test("runCli() knows every command that its help lists, also behind an option", async () => {
  let help = "";
  const log = console.info;
  // The parser prints by itself.
  console.info = (text: string) => void (help += `${text}\n`);
  try {
    await run(["--help"]);
    const names = Array.from(help.matchAll(/^ {2}(\w+) .* {2,}[A-Z]/gm), ([, name]) => name!);
    assertEquals(names.length, 21, help);
    for (const name of names) {
      for (const args of [[name, "--help"], ["--quiet", name, "--help"]]) {
        help = "";
        assertEquals((await run(args)).code, 0);
        assertStringIncludes(help, `$ ipcascade ${name}`);
      }
    }
  } finally {
    console.info = log;
  }
});

Deno.test("runCli() writes records in every format", async () => {
  await withEditions(async () => {
    const inputs = ["8.8.8.8", "10.0.0.1", "nonsense"];
    const json = await run(["lookup", ...inputs, "--format", "json"]);
    assertEquals(json.code, 3);
    const records = JSON.parse(json.stdout);
    assertEquals(records.map((record: { input: string }) => record.input), inputs);
    assertEquals([records[0].asn_number, records[0].geo_country], [15169, "US"]);
    const ndjson = await run(["lookup", ...inputs, "--format", "ndjson"]);
    assertEquals(ndjson.stdout.trimEnd().split("\n").map((line) => JSON.parse(line).input), inputs);
    const csv = await run(["lookup", ...inputs, "--format", "csv"]);
    const [head = "", ...lines] = csv.stdout.trimEnd().split(/\r?\n/);
    assertMatch(head, /^input,ip_address,/);
    assertEquals(lines.length, 3);
    for (const format of ["csv", "table"]) {
      const { stdout } = await run(["lookup", "10.0.0.0/8", "--format", format]);
      assertStringIncludes(stdout, "allowed are 1048576; --max-expand allows up to 4294967296");
    }
    const table = await run(["lookup", ...inputs]);
    for (const input of inputs) assertStringIncludes(table.stdout, input);
    assertEquals(table.stdout.includes("\u001b"), false, "no colours where nobody sees them");
  });
});

Deno.test("runCli() writes nothing but data when it is told to be quiet, wherever the flag stands", async () => {
  await withEditions(async () => {
    for (
      const args of [["--quiet", "lookup", "8.8.8.8"], ["lookup", "--quiet", "8.8.8.8"], [
        "lookup",
        "8.8.8.8",
        "--quiet",
      ]]
    ) {
      const { code, stdout, stderr } = await run([...args, "--format", "ndjson"]);
      assertEquals([code, stderr], [0, ""], args.join(" "));
      assertEquals(JSON.parse(stdout).asn_number, 15169);
    }
  });
});

Deno.test("runCli() grades a run: 0 when all could be read, 3 when some could not, 1 when none could", async () => {
  await withEditions(async () => {
    const cases: readonly [inputs: readonly string[], code: number][] = [
      [["8.8.8.8", "10.0.0.1"], 0],
      [["8.8.8.8", "x"], 3],
      [["x", "y"], 1],
      [["8.8.8.0/24"], 0],
      [["0.0.0.0/0"], 1],
    ];
    for (const [inputs, code] of cases) {
      assertEquals((await run(["lookup", ...inputs])).code, code, inputs.join(" "));
    }
  });
});

Deno.test("runCli() reads files of every kind, packed or not", async () => {
  const addresses = WORLD.slice(0, 20).map(({ address }) => address);
  const csv = `time,"src ip",note\n${addresses.map((address) => `1,"${address}","a, ""b"""`).join("\n")}\n`;
  const ndjson = addresses.map((address) => JSON.stringify({ flow: { peer: address } })).join("\n");
  const cowrie = addresses
    .map((address, index) => {
      const timestamp = `2026-11-20T00:00:${String(index).padStart(2, "0")}.000000Z`;
      return JSON.stringify({
        eventid: "cowrie.session.connect",
        session: `s${index}`,
        src_ip: address,
        timestamp,
      });
    })
    .join("\n");
  const files: readonly [name: string, content: string | Uint8Array, from: string | null][] = [
    ["plain.txt", `# comment\n${addresses.join("\r\n")}\n\n`, null],
    ["plain.txt.gz", gzipSync(addresses.join("\n")), null],
    ["flows.csv", csv, "csv:src ip"],
    ["flows.csv.gz", gzipSync(csv), "csv:src ip"],
    ["flows.ndjson", ndjson, "ndjson:flow.peer"],
    ["cowrie.json", cowrie, "cowrie"],
    ["cowrie.json.2026-11-20.gz", gzipSync(cowrie), "cowrie"],
  ];
  await withEditions(async (dir) => {
    for (const [name, content, from] of files) {
      await writeFile(`${dir}/${name}`, content);
      const args = [
        "lookup",
        `${dir}/${name}`,
        "--format",
        "ndjson",
        ...(from === null ? [] : ["--from", from]),
      ];
      const { code, stdout, stderr } = await run(args);
      assertEquals(code, 0, `${name}: ${stderr}`);
      const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      assertEquals(records.map((record) => record.input), addresses, name);
      for (const record of records) assertEquals(record.geo_country, truthOf(record.input).countryCode, name);
    }
  });
});

Deno.test("runCli() takes arguments and values as they were written", async () => {
  await withEditions(async (dir) => {
    const inputs = ["007", "1e3", "0x10", ""];
    const { stdout } = await run(["lookup", ...inputs, "--format", "json", "--", "8.8.8.8", "--quiet", "12"]);
    const read = JSON.parse(stdout).map((record: { input: string }) => record.input);
    assertEquals(read, [...inputs, "8.8.8.8", "--quiet", "12"]);
    for (const args of [["--data-dir", `${dir}/7e1`], [`--data-dir=${dir}/7e1`]]) {
      assertStringIncludes((await run(["config", ...args])).stdout, `${dir}/7e1`);
    }
    for (const args of [["--data-dir", "007"], ["--data-dir=007"]]) {
      assertMatch((await run(["config", ...args])).stdout, /IPCASCADE_DATA_DIR +\S*007 /);
    }
    const empty = await run(["config", "--data-dir", ""]);
    assertEquals(
      /IPCASCADE_DATA_DIR +\S*\/?0 /.test(empty.stdout),
      false,
      "an unset variable is no folder called 0",
    );
  });
});

Deno.test("runCli() tells a missing column and a missing file", async () => {
  await withEditions(async (dir) => {
    await writeFile(`${dir}/flows.csv`, "a,b\n1,8.8.8.8\n");
    const column = await run(["lookup", `${dir}/flows.csv`, "--from", "csv:c"]);
    assertEquals(column.code, 2, column.stderr);
    assertStringIncludes(column.stderr, '"c"');
    const file = await run(["lookup", `${dir}/nothing.txt`, "8.8.8.8", "--format", "json"]);
    assertEquals(file.code, 3);
    const [bad, good] = JSON.parse(file.stdout);
    assertStringIncludes(bad.error.message, "nothing.txt");
    assertEquals(good.asn_number, 15169);
  });
});

Deno.test("runCli() masks secrets in what config prints", async () => {
  await withEditions(async () => {
    const secrets = { GREYNOISE_API_KEY: "gn-key-4711", DATABASE_URL: "postgres://u:pw-4712@127.0.0.1/db" };
    for (const [name, value] of Object.entries(secrets)) Deno.env.set(name, value);
    try {
      for (const format of ["table", "json"]) {
        const { code, stdout, stderr } = await run(["config", "--format", format]);
        assertEquals(code, 0, stderr);
        assertStringIncludes(stdout, "GREYNOISE_API_KEY");
        assertEquals(/gn-key-4711|pw-4712/.test(stdout + stderr), false, format);
      }
    } finally {
      for (const name of Object.keys(secrets)) Deno.env.delete(name);
    }
  });
});

Deno.test("runCli() says once that no edition is installed", async () => {
  await using dir = await openTempDir();
  Deno.env.set("IPCASCADE_DATA_DIR", dir.join("data"));
  try {
    const { code, stdout, stderr } = await run(["lookup", "8.8.8.8", "1.1.1.1", "--format", "ndjson"]);
    assertEquals(code, 0);
    assertEquals(stderr.split("To mend it").length, 2, stderr);
    assert(stdout.includes("no_edition"));
  } finally {
    Deno.env.delete("IPCASCADE_DATA_DIR");
  }
});

Deno.test("runCli() annotates the logs that can be read, and says which can't", async () => {
  await withEditions(async (dir) => {
    const noise = Array.from({ length: 9_000 }, (_, at) => `8.8.8.8 ${at * 2_654_435_761}`).join("\n");
    await writeFile(`${dir}/log`, "8.8.8.8 hello\n");
    await writeFile(`${dir}/cut.gz`, gzipSync(noise).subarray(0, 40_000));
    const cases: readonly [inputs: readonly string[], code: number, said: string][] = [
      [["nosuch", `${dir}/log`], 3, 'Cannot read "nosuch": there is no such file'],
      [["nosuch"], 1, 'Cannot read "nosuch": there is no such file'],
      [[`${dir}/cut.gz`], 3, "the gzip data breaks off"],
      [["8.8.8.8"], 2, 'Cannot annotate "8.8.8.8"'],
    ];
    for (const [inputs, code, said] of cases) {
      const ending = await run(["lookup", "--annotate", ...inputs]);
      assertEquals([ending.code, ending.stdout.includes("asn_number=15169")], [code, code === 3], said);
      assertStringIncludes(ending.stderr, said);
    }
  });
});
