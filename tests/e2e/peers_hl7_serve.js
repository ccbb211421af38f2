#!/usr/bin/env node
// SPDX-License-Identifier: EUPL-1.2
// A hospital's system that is sent to by MLLP, on one of two servers of npm, @medplum/hl7 and node-hl7-server. It tells of each message, and
// answers it as a plan says: the n-th message about a referral (RF1-6) with the n-th word of its list, each other one with AA.
"use strict";

const fs = require("fs");
const { Hl7Server } = require("@medplum/hl7");
const { Hl7Message } = require("@medplum/core");
const { Message, createHL7Date } = require("node-hl7-client");
const { Server } = require("node-hl7-server");
const { serve, tell } = require("./peers_talk");

const plans = {};

// What to do about this message. Only a REF has a plan.
function next(type, number, control, text) {
  const action = (type === "REF" && plans[number]?.shift()) || "AA";
  tell({ event: "message", type, number, control, action, text });
  return action;
}

// "RRI case number": the number at once, in the answer itself.
function segmentsFor(action, control, number) {
  const [code, detail] = action.split(" ");
  if (code === "RRI") {
    return [["MSA", "AA", control], ["RF1", "", "", "", "", "", number, "", "", "", "", detail], ["PRD", "RP^^HL70286"], ["PRD", "RT^^HL70286"],
      ["PID", "1", "", "1543079013^^^GRAO^NNBGR", "", "Тест^Калина"]];
  }
  return [["MSA", code, control], ...(detail ? [["ERR", "", "MSH^1", `${detail}^^HL70357`, "E"]] : [])];
}

function half(socket, text, encoding) {
  socket.end(Buffer.from(`\x0b${text.slice(0, text.length / 2)}`, encoding));
}

// Both servers come to this: true if the action is none of a whole answer.
function misbehave(action, socket, text) {
  if (action === "half") {
    half(socket, text, "utf8");
  } else if (action === "close") {
    socket.destroy();
  } else if (action === "garbage") {
    socket.write("\x0bHTTP/1.1 400 Bad Request\r\n\r\n\x1c\r");
  }
  return ["half", "close", "garbage", "silent"].includes(action);
}

function byMedplum({ port, encoding }) {
  new Hl7Server((connection) => {
    connection.addEventListener("message", ({ message }) => {
      const control = message.header.getComponent(10, 1);
      const number = message.getSegment("RF1")?.getComponent(6, 1);
      const action = next(message.header.getComponent(9, 1), number, control, message.toString());
      const ack = message.buildAck();
      if (misbehave(action, connection.socket, ack.toString())) {
        return;
      }
      if (action === "AA") {      // as the library makes it
        connection.send(ack);
        return;
      }
      const type = action.startsWith("RRI") ? "RRI^I12^RRI_I12" : "ACK^I12^ACK";
      const header = `MSH|^~\\&|HIS|MBAL|NASOKA|NASOKA|20261120120000+0200||${type}|S${control}|P|2.5.1||||||${encoding ?? "UNICODE UTF-8"}`;
      const segments = segmentsFor(action, control, number).map((fields) => fields.join("|"));
      connection.send(Hl7Message.parse([header, ...segments].join("\r")));
    });
    connection.addEventListener("error", () => undefined);
  }).start(port, encoding);
}

function byNode({ port, cert, key }) {
  const server = new Server(cert ? { tls: { cert: fs.readFileSync(cert), key: fs.readFileSync(key) } } : {});
  const inbound = server.createInbound({ port }, async (request, response) => {
    // This version reads a segment without a name behind the last CR and then answers AE to a message of which it knows no number.
    const message = new Message({ text: request.getMessage().toString().replace(/\r+$/, "") });
    const control = message.get("MSH.10").toString();
    const number = message.get("RF1.6").toString();
    const action = next(message.get("MSH.9.1").toString(), number, control, message.toString());
    const socket = response._socket;
    if (misbehave(action, socket, message.toString())) {
      return;
    }
    if (action.startsWith("RRI")) {
      const rri = new Message({ messageHeader: { msh_9_1: "RRI", msh_9_2: "I12", msh_10: `S${createHL7Date(new Date())}`, msh_11_1: "P" } });
      rri.set("MSH.18", "UNICODE UTF-8");
      for (const [name, ...fields] of segmentsFor(action, control, number)) {
        const segment = rri.addSegment(name);
        fields.forEach((value, i) => value && segment.set(`${i + 1}`, value));
      }
      socket.write(`\x0b${rri.toString()}\x1c\r`);
      return;
    }
    if (action !== "as it is") {
      response._message = message;
    }
    await response.sendResponse(action);
  });
  inbound.on("data.error", (e) => tell({ event: "error", text: String(e) }));
  inbound.on("client.error", () => undefined);
}

serve({
  open: (command) => (command.library === "medplum" ? byMedplum(command) : byNode(command)),
  plan: ({ number, actions }) => {
    plans[number] = actions;
  },
});
