#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// A practice's system on npm fhir-kit-client: does what a test says by its methods, and tells status, Location and body of each answer.
"use strict";

const Client = require("fhir-kit-client");
const CapabilityTool = require("fhir-kit-client/lib/capability-tool");
const { serve } = require("./peers_talk");

let client;

function open({ url, token }) {
  client = new Client({ baseUrl: url, ...(token ? { bearerToken: token } : {}) });
}

// The client throws for 4xx and 5xx, with the answer in the exception.
async function call({ method, args }) {
  try {
    const body = await client[method](args);
    const { response } = Client.httpFor(body);
    return { status: response.status, location: response.headers.get("location"), media: response.headers.get("content-type"),
      etag: response.headers.get("etag"), body };
  } catch (e) {
    if (!e.response) {
      throw e;
    }
    return { status: e.response.status, body: e.response.data };
  }
}

// All pages of a search by the client's own way of following the links: the ids of the matches, and how many pages.
async function pages({ args }) {
  const ids = [];
  let n = 0;
  for (let bundle = await client.search(args); bundle; bundle = await client.nextPage({ bundle })) {
    ids.push(...(bundle.entry || []).filter((e) => e.search.mode === "match").map((e) => e.resource.id));
    n += 1;
  }
  return { ids, n };
}

// What a reference in a resource leads to, as the client resolves it.
async function resolve({ reference, context }) {
  return client.resolve({ reference, context });
}

// What the client's own reader of a CapabilityStatement finds in it.
function supports({ statement, resource, code }) {
  return new CapabilityTool(statement).supportFor({ resourceType: resource, capabilityType: "interaction", where: { code } });
}

serve({ open, call, pages, resolve, supports });
