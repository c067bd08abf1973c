"""A statement's time, its forms (spreadsheet, CSV for programs, plain-text ledger, picture), and how they are made."""
