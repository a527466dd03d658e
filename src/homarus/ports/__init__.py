"""What Homarus asks of the outside: one Protocol per file, its docstring the contract."""
