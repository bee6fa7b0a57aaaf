"""A world in which people are erased: everything in memory, jobs run by hand."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

from chat4all.access.audit import Audit
from chat4all.adapters.memory import MemoryAuditStore
from chat4all.adapters.memory.realtime import MemoryConnectionStore, MemorySockets
from chat4all.adapters.memory.webhooks import MemoryDelayed
from chat4all.caller import Caller
from chat4all.conversation import ConversationType, NewConversation
from chat4all.errors import Chat4AllError, Unavailable
from chat4all.file import File, FileStatus
from chat4all.message import Erasure
from chat4all.ports.webhooks import Later
from chat4all.privacy.deleting import Deleting
from chat4all.privacy.eraser import Eraser
from chat4all.privacy.erasing import Erasing
from chat4all.privacy.jobs import EraseUser, job_of
from chat4all.realtime.connection import Connection
from chat4all.sharing import Sharing
from tests.builders import SERVICE, as_user
from tests.world import World

PHONE, NAME, SECRET, FILENAME = "5511987654321", "Dora Dorival", "a secret", "passport.pdf"


class Tokens:
    """Refresh tokens, of which it is known that they were revoked."""

    def __init__(self) -> None:
        self.revoked: list[str] = []

    def revoke_all(self, user_id: str) -> None:
        self.revoked.append(user_id)


class Fate:
    """Counts calls of all stores and queues, and lets the process die at one of them."""

    def __init__(self) -> None:
        self.calls = 0
        self.dies_at: int | None = None
        self.done_before = False
        """Whether that call still did what it does."""

    def wrap(self, port: Any) -> Any:
        fate = self

        class Mortal:
            def __getattr__(self, name: str) -> Any:
                found = getattr(port, name)
                return fate.counted(found) if callable(found) else found

        return Mortal()

    def counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.calls += 1
            dies = self.calls == self.dies_at
            if dies and not self.done_before:
                raise Unavailable(f"died before call {self.calls}")
            answer = call(*given, **named)
            if dies:
                raise Unavailable(f"died after call {self.calls}")
            return answer

        return counted


class PrivateWorld(World):
    def __init__(self) -> None:
        super().__init__()
        self.trail = MemoryAuditStore()
        self.jobs = MemoryDelayed()
        self.tokens = Tokens()
        self.connections = MemoryConnectionStore()
        self.sockets = MemorySockets()
        self.fate = fate = Fate()
        us, cs, ms = map(fate.wrap, (self.user_store, self.conversation_store, self.message_store))
        fs, objects = fate.wrap(self.file_store), fate.wrap(self.objects)
        tokens, jobs = fate.wrap(self.tokens), fate.wrap(self.jobs)
        connections, sockets = fate.wrap(self.connections), fate.wrap(self.sockets)
        audit = Audit(fate.wrap(self.trail), self.clock)
        self.erasing = Erasing(us, tokens, jobs, audit, self.clock)
        stores = (us, cs, ms, fs, objects, connections, sockets)
        self.eraser = Eraser(*stores, tokens, jobs, audit, self.clock)
        sharing = Sharing(self.file_store, self.conversation_store, self.clock)
        self.deleting = Deleting(fs, sharing, self.uploads, jobs, audit)

    def actions(self) -> list[str]:
        return [record.action for record in self.trail.records]

    def keeping(self, days: int | None, *members: str) -> str:
        """A conversation that keeps what is said for so many days."""
        for member in members:
            if member not in self.store.users:
                self.user(member)
        kind = ConversationType.PRIVATE if len(members) == 2 else ConversationType.GROUP
        new = NewConversation(type=kind, members=members, retention_days=days)
        return self.conversations.open(SERVICE, new)[0].conversation_id

    # --- what happens ---

    def pass_over(self, seconds_left: Callable[[], float] = lambda: inf) -> None:
        """Run the jobs that are due, and what they queue for now; what fails comes again."""
        while due := [later for later in self.jobs.waiting if later.seconds == 0]:
            self.jobs.waiting = [later for later in self.jobs.waiting if later.seconds > 0]
            for later in due:
                self._offer(later, seconds_left)

    def _offer(self, later: Later, seconds_left: Callable[[], float]) -> None:
        try:
            self.eraser.run(job_of(later.body), seconds_left)
        except Chat4AllError:
            self.jobs.waiting.append(Later(later.body, 0))

    def wait(self) -> None:
        """Until what was put off is due."""
        self.clock.advance(max((later.seconds for later in self.jobs.waiting), default=0))
        self.jobs.waiting = [Later(later.body, 0) for later in self.jobs.waiting]

    def erase(self, user_id: str = "dora", caller: Caller = SERVICE) -> None:
        """All of it: the request, and both passes."""
        self.erasing.erase(caller, user_id)
        self.finish()

    def finish(self) -> None:
        while self.jobs.waiting:
            self.pass_over()
            self.wait()

    # --- what there is ---

    def dora(self) -> dict[str, str]:
        """Dora with all that somebody can have; the ids of her conversations."""
        self.user("dora", NAME, whatsapp=PHONE)
        talks = {
            "pair": self.conversation("dora", "bo"),
            "group": self.conversation("dora", "bo", "cy"),
            "left": self.conversation("dora", "bo", "cy", "di"),
        }
        for conversation in talks.values():
            self.say(conversation, "dora", f"{SECRET} in {conversation}", metadata={"n": SECRET})
            self.say(conversation, "bo", "hello Dora")
        self.drain()
        self.conversations.leave(as_user("dora"), talks["left"], "dora")
        self.a_file("read", "dora")
        begun = self.objects.begin("files/begun", "image/png")
        self.a_file("begun", "dora", FileStatus.UPLOADING, upload_id=begun.upload_id)
        self.connections.add(a_connection("socket-1"))
        return talks

    def a_file(
        self, file_id: str, owner: str, status: FileStatus = FileStatus.READY, **facts: Any
    ) -> File:
        file = File(
            file_id=file_id,
            owner=owner,
            status=status,
            filename=FILENAME,
            content_type="image/png",
            size=9,
            created_at=self.clock.now(),
            **facts,
        )
        if status is FileStatus.READY:
            self.objects.objects[file.key] = b"the bytes"
        return self.file_store.add(file)

    def payloads(self, conversation: str) -> list[str]:
        """What its history shows, in order: a text, or why there is none."""
        page = self.history.page(SERVICE, conversation, since=0, before=None, limit=100)
        return [
            getattr(v.message.payload, "text", "") or str(getattr(v.message.payload, "reason", ""))
            for v in page.views
        ]

    def left_of_dora(self) -> list[str]:
        """Which of her secrets anything still knows. Providers' ids of messages may have a phone
        number in them: those are kept for 30 days, as the answer to the request says."""
        others = ("lock", "clock", "references")
        store = {k: v for k, v in vars(self.store).items() if k not in others}
        known = f"{store} {self.objects.objects} {self.objects.uploads}"
        known += str(self.connections.of_users(["dora"]))
        secrets = (PHONE, NAME, SECRET, FILENAME, "the bytes", "socket-1")
        return [secret for secret in secrets if secret in known]


def a_connection(connection_id: str, user_id: str = "dora") -> Connection:
    return Connection(
        connection_id=connection_id,
        user_id=user_id,
        scopes=(),
        connected_at=1,
        seen_at=1,
        token_expires_at=2,
    )


GONE = str(Erasure.USER_ERASED)


def second_pass(world: PrivateWorld) -> EraseUser:
    """The job that waits for it."""
    [later] = world.jobs.waiting
    job = job_of(later.body)
    assert isinstance(job, EraseUser) and job.again
    return job
