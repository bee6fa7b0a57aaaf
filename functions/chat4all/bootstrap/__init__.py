"""The composition root: builds each use case once per process, from the environment.

    parts ─▶ chat ─▶ syncing ─▶ realtime     chat: messages, conversations, users, files, channels
        ├──▶ pushing                         syncing: presence, what is new
        ├──▶ events                          realtime: connections and their frames
        └──▶ webhooks                        events: the relay and the log

Each is imported by itself: a function loads what it needs and no more, which a cold start feels.
"""
