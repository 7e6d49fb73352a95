# slixmpp as a person of the play: logs in, says that it is there, answers each message with the same body
# between parentheses, and prints what happens, one JSON object a line.
#
#     slixmpp-client.py JID PASSWORD HOST PORT [CA]      with a CA STARTTLS is demanded, without refused

import asyncio
import json
import sys

import slixmpp


def tell(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self, jid, password, authority):
        super().__init__(jid, password)
        self.register_plugin("xep_0030")
        self.register_plugin("xep_0199")
        if authority is None:
            # In clear, slixmpp speaks SCRAM unasked and PLAIN only when told so.
            self["feature_mechanisms"].unencrypted_plain = True
        else:
            self.ca_certs = authority
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("failed_auth", lambda _: tell("failed_auth"))
        self.add_event_handler("message", self.answer)
        self.add_event_handler("presence", lambda p: tell(
            "presence", **{"from": str(p["from"]), "type": p["type"]}))
        self.add_event_handler("disconnected", lambda reason: tell("disconnected"))

    async def start(self, _):
        roster = await self.get_roster()
        self.send_presence()
        info = await self["xep_0030"].get_info(jid="localhost")
        await self["xep_0199"].ping("localhost")
        tell(
            "session_start",
            jid=str(self.boundjid),
            encrypted=self.transport.get_extra_info("ssl_object") is not None,
            contacts=sorted(str(contact) for contact in roster["roster"]["items"]),
            identity=[identity[3] for identity in info["disco_info"]["identities"]],
        )

    def answer(self, message):
        tell("message", **{"from": str(message["from"]), "body": message["body"]})
        message.reply("(" + message["body"] + ")").send()
        if message["body"] == "Good night":
            self.disconnect()


jid, password, host, port, *rest = sys.argv[1:]
authority = rest[0] if rest else None
person = Person(jid, password, authority)
person.connect((host, int(port)), disable_starttls=authority is None, force_starttls=authority is not None)
asyncio.get_event_loop().run_until_complete(person.disconnected)
