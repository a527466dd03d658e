"""API tokens: scoped, hashed, revocable; and who a credential belongs to."""
