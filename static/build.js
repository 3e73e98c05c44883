/* Writes static/dist/: two style sheets, two scripts, the icon sprite, the site's own mark. `--watch` keeps doing it. */

import { mkdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");
const require = createRequire(import.meta.url);
const modules = join(here, "..", "node_modules");

// The few icons used, by their Bootstrap Icons name.
const icons = [
  "arrow-down", "arrow-left", "arrow-right", "arrow-up", "bell", "box-arrow-in-right", "box-arrow-right", "calendar3", "chat-left-text", "check2",
  "check-circle", "check-lg", "chevron-down", "chevron-right", "circle", "clipboard-check", "clock", "cloud-check", "download",
  "envelope", "exclamation-triangle", "file-earmark-text", "flag", "globe2", "grip-vertical", "hourglass-split", "inbox", "info-circle", "key", "list-check",
  "lock", "mortarboard", "pencil", "people", "person", "person-check", "phone", "plus-lg", "printer", "question-circle",
  "search", "send", "shield-check", "star", "trash", "upload", "x-circle", "x-lg",
];

function sprite() {
  const folder = dirname(require.resolve("bootstrap-icons/package.json"));
  const symbols = icons.map((name) => {
    const svg = readFileSync(join(folder, "icons", `${name}.svg`), "utf8");
    const [, body] = svg.match(/<svg[^>]*>([\s\S]*)<\/svg>/);
    return `<symbol id="${name}" viewBox="0 0 16 16">${body.replace(/\s*\n\s*/g, "")}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

async function style(name) {
  const { css } = sass.compile(join(here, "css", `${name}.scss`), {
    loadPaths: [modules],
    quietDeps: true,
    // Bootstrap 5 is written with @import; these warnings are about that and nothing of ours.
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: ["chrome109", "firefox115", "safari15"] });
  write(`css/${name}.css`, code);
}

async function script(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(here, "js", `${name}.js`)],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: ["es2020"],
    legalComments: "none",
  });
  write(`js/${name}.js`, outputFiles[0].text);
}

function write(name, text) {
  const path = join(dist, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`${name.padEnd(16)} ${(Buffer.byteLength(text) / 1024).toFixed(1)} kB`);
}

async function build() {
  await Promise.all([style("portal"), style("admin"), script("portal"), script("admin")]);
  write("icons.svg", sprite());
  write("mark.svg", readFileSync(join(here, "img", "mark.svg"), "utf8"));
}

rmSync(dist, { recursive: true, force: true });
await build();

if (process.argv.includes("--watch")) {
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => build().catch((error) => console.error(error.message)), 100);
  };
  for (const folder of ["css", "js", "img"]) watch(join(here, folder), again);
}
