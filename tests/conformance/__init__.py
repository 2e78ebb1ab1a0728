"""The same questions put to the emulator and to AWS. See README.md."""
