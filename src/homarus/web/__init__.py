"""What endpoints need: who calls, transactions, services, pages, errors, events.

How a noun is built (`homarus.domains.workspace` is the example to copy):

``tables.py``      mapped classes on `homarus.store.base.Base`
``repository.py``  functions that take a session: all SQL of the noun, no decision
``service.py``     a class made by a composition root (clock, other services); its methods take
                   ``(session, caller, ...)``, check what a fleet grant must check, make ids and
                   moments, write the audit event (`homarus.domains.audit.service.record`) and
                   the outbox event (`homarus.store.outbox.emit`) in the same transaction
``schemas.py``     what comes in (`Input`: unknown keys refused) and goes out (`View`: no defaults)
``endpoints.py``   ``router``: parse, authorise, call one service method, return

An endpoint reads::

    Workspaces = Annotated[WorkspaceService, provided(WorkspaceService)]

    @router.patch("/workspace")
    async def update_workspace(
        caller: Annotated[Principal, requires("workspace:write")],
        body: WorkspaceUpdate,
        session: WriteSession,
        workspaces: Workspaces,
    ) -> WorkspaceView:
        return WorkspaceView.of(await workspaces.update(session, caller, name=body.name))

- Every route has exactly one ``requires(...)``, its first parameter, or is declared open to all
  with ``dependencies=[open_to_all]``; `homarus.http.app.build_app` refuses any other.
- A scope in `homarus.core.scopes.FLEET_SCOPES` lets grants on a fleet in: the service must then
  ask ``caller.demand(scope, fleet=...)`` or narrow its query with ``caller.fleets(scope)``.
- ``ReadSession`` and ``WriteSession`` are one transaction each, ended before the answer leaves.
- A creating POST takes ``creation: Creating`` instead of a session (idempotency keys).
- Routers are listed in `homarus.http.routers.ROUTERS`; services in ``build_app(services=[...])``.
"""
