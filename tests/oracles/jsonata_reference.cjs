// Evaluate JSONata with the reference implementation, npm's jsonata, found through NODE_PATH.
// [{source, names, millis}, ...] on stdin; on stdout [[value], ...]: [] where there is none, null where it fails.
const crypto = require("crypto");
const jsonata = require("jsonata");

const sequence = (items) => Object.defineProperty(items, "sequence", { value: true, enumerable: false });
const functions = (millis) => ({
  millis: () => millis,
  parse: (text) => {
    if (typeof text !== "string") throw new Error("no text"); // JSON.parse takes null and numbers, too
    return JSON.parse(text);
  },
  hash: (text, algorithm) => crypto.createHash(algorithm.replace("-", "")).update(text).digest("hex"),
  range: (first, last, step) => {
    if (!step) throw new Error("a step of nothing");
    return sequence(Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step));
  },
  partition: (items, length) => {
    if (!(length > 0)) throw new Error("a length of nothing");
    const parts = [];
    for (let start = 0; start < items.length; start += length) parts.push(items.slice(start, start + length));
    return sequence(parts);
  },
});

async function evaluated({ source, names, millis }) {
  try {
    const value = await jsonata(source).evaluate(undefined, { ...names, ...functions(millis) });
    if (typeof value === "function" || value?._jsonata_lambda) return null;
    return value === undefined ? [] : [value];
  } catch (error) {
    return null;
  }
}

async function main() {
  const jobs = JSON.parse(require("fs").readFileSync(0, "utf8"));
  const found = [];
  for (const job of jobs) found.push(await evaluated(job));
  process.stdout.write(JSON.stringify(found));
}

main();
