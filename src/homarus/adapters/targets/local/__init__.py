"""Target ``local``: bots on this machine, owned by locks, without any service manager."""
