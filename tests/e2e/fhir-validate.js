#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// Reads FHIR R4 JSON files and prints "ok - FILE" or "not ok - FILE" with the validator's errors. Exits 0 only if all are valid.
//
// The validator (npm "fhir") looks at one resource type at a time: a Bundle is checked as a whole, then each resource in it.
"use strict";

const fs = require("fs");
const { Fhir } = require("fhir");

const fhir = new Fhir();

// Faults of one resource, each as text. Informational messages are left out.
function faults(resource, where) {
  const result = fhir.validate(resource, { errorOnUnexpected: true });
  return result.messages
    .filter((m) => m.severity === "error" || m.severity === "fatal")
    .map((m) => `${where}${m.location ? " " + m.location : ""}: ${m.message}`);
}

// References into the Bundle that lead nowhere.
function dangling(bundle) {
  const known = new Set((bundle.entry || []).map((e) => e.fullUrl));
  const found = [];
  JSON.stringify(bundle, (key, value) => {
    if (key === "reference" && typeof value === "string" && value.startsWith("urn:uuid:") && !known.has(value)) {
      found.push(`reference ${value} leads nowhere`);
    }
    return value;
  });
  return found;
}

function check(file) {
  const root = JSON.parse(fs.readFileSync(file, "utf8"));
  const all = faults(root, root.resourceType);
  if (root.resourceType === "Bundle") {
    (root.entry || []).forEach((e, i) => {
      if (e.resource) {
        all.push(...faults(e.resource, `entry ${i} ${e.resource.resourceType}`));
      }
    });
    all.push(...dangling(root));
  }
  return all;
}

let bad = 0;
for (const file of process.argv.slice(2)) {
  let problems;
  try {
    problems = check(file);
  } catch (e) {
    problems = [e.message];
  }
  console.log(`${problems.length ? "not ok" : "ok"} - ${file}`);
  problems.forEach((p) => console.log(`# ${p}`));
  bad += problems.length ? 1 : 0;
}
process.exit(process.argv.length > 2 && bad === 0 ? 0 : 1);
