"""Raw text to tokens: tokenising, clitics, the input of `tag`."""
