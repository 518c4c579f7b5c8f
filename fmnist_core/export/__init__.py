"""A run taken home: notebook, script, other frameworks' models, tables, report and bundle."""
