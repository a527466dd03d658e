"""The services that every installation has, made in the order in which they need each other."""

from __future__ import annotations

from dataclasses import dataclass

from homarus.domains.audit.chain import LINK_EVENTS
from homarus.domains.audit.service import AuditService
from homarus.domains.operation.service import OperationService
from homarus.domains.secret.master_key import KeySource, MasterKey
from homarus.domains.secret.service import SecretService, UsersOf, nobody
from homarus.domains.token.bootstrap import Bootstrap
from homarus.domains.token.identity import Identity
from homarus.domains.token.service import TokenService
from homarus.domains.user.login import LoginService
from homarus.domains.user.passwords import Passwords
from homarus.domains.user.service import UserService
from homarus.domains.workspace.service import WorkspaceService
from homarus.http.dashboard import Console
from homarus.kit.clock import Clock
from homarus.store.engine import Store
from homarus.store.outbox import NUMBER_EVENTS
from homarus.store.sequencer import Sequencer


@dataclass(frozen=True, slots=True)
class Foundation:
    """Services below those of bots; ``services()`` goes into `homarus.http.app.build_app`."""

    workspaces: WorkspaceService
    users: UserService
    logins: LoginService
    tokens: TokenService
    audit: AuditService
    secrets: SecretService
    master: MasterKey
    operations: OperationService
    identity: Identity
    bootstrap: Bootstrap
    sequencer: Sequencer

    def services(self) -> list[object]:
        """What endpoints of these nouns ask for."""
        return [
            self.workspaces,
            self.users,
            self.logins,
            self.tokens,
            self.audit,
            self.secrets,
            self.operations,
            Console(),
        ]


async def lay_foundation(
    store: Store,
    clock: Clock,
    *,
    master_key: KeySource,
    instance: str,
    passwords: Passwords | None = None,
    users_of_secret: UsersOf | None = None,
) -> Foundation:
    """Make the services over an open store.

    Args:
        instance: a name of this process that no other control plane has (host and pid, say);
            it owns the sequencer's lease. The caller runs ``sequencer.run()``.
        users_of_secret: who keeps a secret from being deleted; absent: nobody.

    Raises:
        MasterKeyProblem: the master key is missing or does not fit this store.
    """
    workspaces = WorkspaceService(clock)
    users = UserService(clock)
    logins = LoginService(store, clock, users, passwords or Passwords())
    tokens = TokenService(clock, users)
    master = await MasterKey.open(store, master_key)
    return Foundation(
        workspaces=workspaces,
        users=users,
        logins=logins,
        tokens=tokens,
        audit=AuditService(store, clock),
        secrets=SecretService(clock, master, users_of=users_of_secret or nobody),
        master=master,
        operations=OperationService(clock),
        identity=Identity(store, clock, users, logins),
        bootstrap=Bootstrap(store, workspaces, users, logins, tokens),
        sequencer=Sequencer(store, clock, owner=instance, steps=[NUMBER_EVENTS, LINK_EVENTS]),
    )
