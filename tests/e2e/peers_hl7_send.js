#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// A hospital's system that sends by MLLP, on one of two clients of npm: node-hl7-client, which knows UTF-8 only, and @medplum/hl7.
"use strict";

const fs = require("fs");
const { Hl7Client } = require("@medplum/hl7");
const { Hl7Message } = require("@medplum/core");
const { Client, Message } = require("node-hl7-client");
const { serve } = require("./peers_talk");

const PATIENCE_MS = 20000;

function late(what) {
  return new Promise((_, reject) => setTimeout(() => reject(new Error(`no ${what} in time`)), PATIENCE_MS).unref());
}

// A message put together by the library: `segments` are [name, {path: value}], the first the header's fields.
function build({ type, event, control, segments }) {
  const message = new Message({ messageHeader: { msh_9_1: type, msh_9_2: event, msh_10: control, msh_11_1: "P" } });
  for (const [name, fields] of segments) {
    const segment = name === "MSH" ? null : message.addSegment(name);
    for (const [path, value] of Object.entries(fields)) {
      segment ? segment.set(path, value) : message.set(`MSH.${path}`, value);
    }
  }
  return message.toString();
}

// This version reads a segment without a name behind a message's last CR, which the standard wants there, and fails on it.
function parsed(text) {
  return new Message({ text: text.replace(/\r+$/, "") });
}

async function byNode({ port, text, made, ca }) {
  const client = new Client({ host: "127.0.0.1", ...(ca ? { tls: { ca: fs.readFileSync(ca) } } : {}) });
  let out;
  const answer = new Promise((resolve) => {
    out = client.createOutbound({ port, waitAck: true }, async (response) => resolve(response.getMessage().toString()));
  });
  await out.sendMessage(made ? new Message({ text: build(made) }) : parsed(text));
  const got = await Promise.race([answer, late("answer")]);
  await out.close();
  return { text: got, code: parsed(got).get("MSA.1").toString(), about: parsed(got).get("MSA.2").toString() };
}

async function byMedplum({ port, text, encoding }) {
  const client = new Hl7Client({ host: "127.0.0.1", port, encoding });
  try {
    const answer = await Promise.race([client.sendAndWait(Hl7Message.parse(text)), late("answer")]);
    const msa = answer.getSegment("MSA");
    return { text: answer.toString(), code: msa.getComponent(1, 1), about: msa.getComponent(2, 1) };
  } finally {
    client.close();
  }
}

serve({ send: (command) => (command.library === "medplum" ? byMedplum(command) : byNode(command)) });
