"""The catalogues: what the words are in other languages. `python -m bot.words.locales` brings them up to date."""
