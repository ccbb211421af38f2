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
    return { status: response.status, location: response.headers.get("location"), media: response.headers.get("content-type"), body };
  } catch (e) {
    if (!e.response) {
      throw e;
    }
    return { status: e.response.status, body: e.response.data };
  }
}

// What the client's own reader of a CapabilityStatement finds in it.
function supports({ statement, resource, code }) {
  return new CapabilityTool(statement).supportFor({ resourceType: resource, capabilityType: "interaction", where: { code } });
}

serve({ open, call, supports });
