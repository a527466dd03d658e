"""The store: engine and transactions, migrations, outbox, sequencer, leases, machine rows.

How to add a table: map it in ``domains/<noun>/tables.py`` on `homarus.store.base.Base`, then
run ``.venv/bin/python scripts/make_migration.py``. It writes the schema of *all* tables in the
tree into ``store/migrations/versions/0001_initial.py``, in a fixed order, so that two people
who add tables get the same file. A test compares migrated schema and mapped classes on both
databases. (Once released, a change is a new revision file instead.)

How to use it::

    async with store.begin() as session:   # one write transaction, committed at the end
        ...
    async with store.read() as session:    # one consistent read
        ...

On SQLite there is one writer, so a write transaction must be short: hash passwords and call
others before it begins, never inside.
"""
