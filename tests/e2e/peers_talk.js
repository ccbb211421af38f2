// SPDX-License-Identifier: EUPL-1.2
// How a test and a peer in Node talk: a JSON object a line. A command has "n" and "op"; its answer has the same "n", and "value" or
// "error"; what happens by itself is a line with "event". The peer ends when its standard input does.
"use strict";

const readline = require("readline");

function tell(object) {
  process.stdout.write(`${JSON.stringify(object)}\n`);
}

// `ops`: by name, functions of the command that give the value, or a promise of it.
function serve(ops) {
  readline.createInterface({ input: process.stdin }).on("line", async (line) => {
    const command = JSON.parse(line);
    try {
      tell({ n: command.n, value: (await ops[command.op](command)) ?? null });
    } catch (e) {
      tell({ n: command.n, error: `${e.name}: ${e.message}` });
    }
  }).on("close", () => process.exit(0));
}

module.exports = { serve, tell };
