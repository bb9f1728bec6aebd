"""Word files read as sections. Start with `read`; `package` looks into the file, `numbers` writes its numbering out."""
