// JSONata's reference implementation: {"module", "sources": [...], "variables": {...}} on standard input, a
// list of values on standard output, null for what is undefined or fails.
const fs = require("fs");
const asked = JSON.parse(fs.readFileSync(0, "utf8"));
const jsonata = require(asked.module);

async function value(source) {
  try {
    const expression = jsonata(source);
    expression.registerFunction("parse", (text) => JSON.parse(text));
    return (await expression.evaluate(undefined, asked.variables)) ?? null;
  } catch {
    return null;
  }
}

Promise.all(asked.sources.map(value)).then((found) => process.stdout.write(JSON.stringify(found)));
