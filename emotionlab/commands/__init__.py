"""The command line: `emotionlab` and its subcommands."""
