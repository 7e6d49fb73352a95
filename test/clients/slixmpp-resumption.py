# slixmpp as somebody whose connection is lost now and then: comes back a second later, prints a line for each
# thing that happens, and leaves when told good night.
#
#     slixmpp-resumption.py JID PASSWORD HOST PORT      in clear, on loopback

import asyncio
import sys

import slixmpp


def tell(line):
    print(line, flush=True)


class Person(slixmpp.ClientXMPP):
    def __init__(self, jid, password, place):
        super().__init__(jid, password)
        self.place = place
        self.is_leaving = False
        self.ended = asyncio.get_event_loop().create_future()
        self["feature_mechanisms"].unencrypted_plain = True
        self.register_plugin("xep_0198")
        self.add_event_handler("session_start", lambda _: self.send_presence())
        self.add_event_handler("sm_enabled", lambda _: tell("enabled"))
        self.add_event_handler("session_resumed", lambda _: tell("resumed"))
        self.add_event_handler("message", self.hear)
        self.add_event_handler("disconnected", self.lost)

    def open(self):
        self.connect(self.place, disable_starttls=True, force_starttls=False)

    def hear(self, message):
        tell("message " + message["body"])
        if message["body"] == "Good night":
            self.is_leaving = True
            self.disconnect()

    def lost(self, _):
        tell("disconnected")
        if self.is_leaving:
            self.ended.set_result(None)
        else:
            asyncio.get_event_loop().call_later(1, self.open)


jid, password, host, port = sys.argv[1:]
person = Person(jid, password, (host, int(port)))
person.open()
asyncio.get_event_loop().run_until_complete(person.ended)
