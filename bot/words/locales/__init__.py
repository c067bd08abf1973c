"""The catalogues: what the words are in other languages. `python -m bot.words.locales` brings them up to date."""

OWN_NAMES = {"id": "Bahasa Indonesia", "pt_BR": "Português (Brasil)", "zh_Hans": "简体中文"}  # Babel has other ones
