// Validate state machines with npm's asl-validator: paths on the command line, {path: [error, ...]} on stdout.
// Found through NODE_PATH; one process for all files.
const fs = require("fs");
const validate = require("asl-validator").default ?? require("asl-validator");

const found = {};
for (const path of process.argv.slice(2)) {
  const result = validate(JSON.parse(fs.readFileSync(path, "utf8")));
  found[path] = result.errors.map((error) => `${error["Error code"]}: ${error.Message ?? JSON.stringify(error)}`);
}
process.stdout.write(JSON.stringify(found));
