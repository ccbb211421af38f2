# SPDX-License-Identifier: EUPL-1.2
"""A hospital's system: an HL7 v2 client and server over MLLP by python3-hl7, software that is not ours."""
import asyncio
import threading

import hl7
import hl7.mllp


class Hospital:
    """Listens for what the adapter hands over, acknowledges it, and sends messages of its own."""

    def __init__(self, listen_port, reply=None):
        self.received = []          # texts, in order
        self.reply = reply or (lambda message: str(message.create_ack("AA")))
        self.port = listen_port
        self.loop = asyncio.new_event_loop()
        self.started = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        self.started.wait(10)

    def _run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._serve())

    async def _serve(self):
        async def talk(reader, writer):
            try:
                while not writer.is_closing():
                    message = await reader.readmessage()
                    self.received.append(str(message))
                    answer = self.reply(message)
                    if answer is not None:
                        writer.writemessage(hl7.parse(answer) if isinstance(answer, str) else answer)
                        await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await hl7.mllp.start_hl7_server(talk, host="127.0.0.1", port=self.port, encoding="utf-8")
        self.started.set()
        async with server:
            await server.serve_forever()


def send(port, text, encoding="utf-8", timeout=20):
    """Send one message by MLLP and give the parsed answer."""
    async def go():
        reader, writer = await asyncio.wait_for(hl7.mllp.open_hl7_connection("127.0.0.1", port, encoding=encoding), timeout)
        writer.writemessage(hl7.parse(text))
        await writer.drain()
        answer = await asyncio.wait_for(reader.readmessage(), timeout)
        writer.close()
        return answer

    return asyncio.run(go())
