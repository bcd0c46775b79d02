// Bundles CodeMirror for Studio: `codemirror.js` and the licences of what is inside, into the folder `page`.

import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const SOURCES = ["build.mjs", "codemirror.mjs", "package-lock.json"];
const PAGE = "../page";

const hash = createHash("sha256");
for (const name of SOURCES) hash.update(readFileSync(name));

const built = await build({
  entryPoints: ["codemirror.mjs"],
  outfile: `${PAGE}/codemirror.js`,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: { js: `// CodeMirror, licences in licenses.txt; made by \`make studio\` from ${hash.digest("hex")}` },
});

const folders = new Set(
  Object.keys(built.metafile.inputs).map((path) => /^node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0]),
);
folders.delete(undefined);
const licences = [...folders].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[sc]e/i.test(entry));
  return `${name} ${version} (${license})\n\n${readFileSync(`${folder}/${file}`, "utf8").trim()}\n`;
});
writeFileSync(`${PAGE}/licenses.txt`, licences.join(`\n${"-".repeat(70)}\n\n`));
copyFileSync("codemirror.mjs", `${PAGE}/codemirror.d.ts`);
