"""What people can do: one `KnowledgeBase`, access rules, settings, the clock and the command line.

This package knows nothing of HTML. Start with `service`.
"""
